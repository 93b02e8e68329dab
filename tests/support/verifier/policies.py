"""Packages with the policies that their entries name."""

import hashlib

from gateway.evidence.selection import Selection
from tests.support.packages import Log
from tests.support.verifier.cases import GOOD, TAMPERED, Cases


def add_policies(cases: Cases) -> None:
    rules = [b'[["levels.yaml","%d"]]' % number for number in range(10)]
    digests = [hashlib.sha256(one).hexdigest() for one in rules]
    parts = {f"policies/{digest}.json": one for digest, one in zip(digests, rules, strict=True)}
    log = Log()
    for digest in ("", *digests[:2], digests[1]):
        bundle = digest and f"sha256:{digest}"
        log.entry("request:answer:close", {"zone": "eu"}, log="gateway/a", bundle=bundle)
    package = log.package(cases.path(), more=parts)
    cases.add("policies", package, GOOD, "in the package (2 bundles")
    lacking = log.package(cases.path(), more={name: parts[name] for name in list(parts)[:1]})
    says = "The policies of 1 bundles that entries name are not in the package: "
    says += f"sha256:{digests[1][:12]}."
    cases.add("policies of one bundle", lacking, GOOD, says)
    cases.add("no policies", log.package(cases.path()), GOOD, "policies of 2 bundles")
    other = {**parts, f"policies/{digests[0]}.json": rules[1]}
    cases.add("other policies", log.package(cases.path(), more=other), TAMPERED, digests[0][:20])
    stray = {**parts, "policies/newest.json": rules[0]}
    cases.add("policies by another name", log.package(cases.path(), more=stray), TAMPERED, "newest")
    none = Selection({"zone": frozenset({"global"})})
    cases.add(
        "policies of nothing", log.package(cases.path(), selection=none), GOOD, "0 of 4 entries"
    )
    for digest in digests[2:]:
        log.entry("request:answer:close", {}, log="gateway/a", bundle=f"sha256:{digest}")
    cases.add("ten bundles", log.package(cases.path()), GOOD, ", ....")
    eight = log.package(cases.path(), more=dict(list(parts.items())[:2]))
    cases.add("eight bundles", eight, GOOD, f"sha256:{max(digests[2:])[:12]}.")
