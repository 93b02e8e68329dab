"""Tampered packages, by a person with the signing key and by one without."""

from gateway.evidence import merkle
from gateway.evidence.checkpoint import signature_line
from tests.support import tampering
from tests.support.packages import Log
from tests.support.tampering import EditablePackage, by_outsider, replaced, rewrite_package
from tests.support.tampering_cases import ENTRIES, HEADS
from tests.support.verifier.cases import GOOD, INCOMPLETE, TAMPERED, Cases


def add_tampered(cases: Cases) -> None:
    for name, change in {**ENTRIES, **HEADS}.items():
        cases.add(f"insider: {name}", cases.insider(cases.middle, change), TAMPERED)
        cases.add(f"outsider: {name}", by_outsider(cases.middle, cases.path(), change), TAMPERED)
    plain = cases.log.package(cases.path(), 21, 38)
    for values in ({"grown": ["00" * 32]}, {"seen": [["00" * 32]]}):
        more = cases.insider(plain, tampering.proof_with(**values))
        cases.add(f"insider: a proof of nothing: {[*values]}", more, TAMPERED)
    for name in ("entries.jsonl", "entries.csv", "proof.json", "checkpoint.txt", "verify.py"):
        package = rewrite_package(cases.middle, cases.path(), tampering.edited(name))
        cases.add(f"a byte of {name}", package, TAMPERED)
    for name in ("manifest.json", "manifest.sig"):
        package = rewrite_package(cases.middle, cases.path(), replaced(name, b"{"))
        cases.add(f"{name} no text", package, TAMPERED, "manifest.json is not")
    signature = rewrite_package(cases.middle, cases.path(), replaced("manifest.sig", b"\xff"))
    cases.add("signature no text", signature, TAMPERED, "manifest.sig")
    deep = rewrite_package(cases.middle, cases.path(), replaced("manifest.json", b"[" * 100_000))
    cases.add("manifest nested without end", deep, TAMPERED, "manifest.json is not")
    old = cases.insider(cases.middle, tampering.manifest_with(format="sluis-export-2"))
    cases.add("another format", old, INCOMPLETE, "sluis-export-2")
    nothing: dict[str, object] = {}
    for strange in (nothing, None, 3):
        harm = cases.insider(cases.middle, tampering.manifest_with(logs={"a": strange}))
        cases.add(f"a log of {strange}", harm, TAMPERED)
    for name, change in {
        "one more than counted": _uncounted,
        "a head with a stray sign": _stray,
    }.items():
        cases.add(name, cases.insider(cases.middle, change), TAMPERED)
    late = Log(clock=2**62).add(9)
    kept = cases.file("late.txt", late.checkpoint(5))
    cases.add(
        "a time that no clock shows",
        late.package(cases.path()),
        GOOD,
        "on (?)",
        "--witness-file",
        kept,
    )
    hidden = rewrite_package(cases.middle, cases.path(), _nulled)
    cases.add("outsider: values said to be erased", hidden, TAMPERED, "entries.jsonl was changed")
    cases.add("insider: growth from a smaller log", cases.insider(cases.middle, _smaller), TAMPERED)
    larger = Log().add(77)
    plain = larger.package(cases.path(), 76, 77, before=larger.checkpoint(76))
    lied = cases.insider(plain, _stretched)
    cases.add("insider: growth that goes on for too long", lied, TAMPERED, "before.txt")
    same = cases.log.package(cases.path(), 21, 38, witnessed=[cases.log.witnessed("w1", 45)])
    path = [cases.log.node(0, 44), *merkle.inclusion_proof(cases.log.node, 44, 45)]
    more = cases.insider(same, tampering.proof_with(seen=[[node.hex() for node in path]]))
    cases.add("insider: growth from itcases: Cases, with a proof", more, TAMPERED, "witnessed.txt")
    moved = cases.insider(cases.log.whole(cases.path(), 21), _all_after)
    cases.add("insider: entries after the end of the log", moved, TAMPERED, "edges.jsonl is not")
    many = [cases.log.witnessed("w1", 45)] * 101
    cases.add(
        "too many heads",
        cases.log.package(cases.path(), 21, 38, witnessed=many),
        TAMPERED,
        "witnessed.txt is not",
    )
    cases.add(
        "as many heads as may be",
        cases.log.package(cases.path(), 44, 45, witnessed=many[:100]),
        GOOD,
    )


def _all_after(one: EditablePackage) -> None:
    """All entries around the period are said to come after it: more than the log has."""
    one.proof["edges"]["before"] = 0


def _uncounted(one: EditablePackage) -> None:
    """The last entry is there, and the manifest knows nothing of it."""
    last = one.lines.pop()
    one.recount()
    one.lines.append(last)


def _stray(one: EditablePackage) -> None:
    body, _, _ = one.parts["checkpoint.txt"].decode().partition("\n\n")
    body = body[:-4] + "!" + body[-4:] + "\n"
    line = signature_line(body, name=body.split("\n")[0], key=one.key)
    one.parts["checkpoint.txt"] = f"{body}\n{line}".encode()


def _nulled(parts: dict[str, bytes]) -> None:
    lines = parts["entries.jsonl"].splitlines()
    lines[0] = (
        lines[0][: lines[0].index(b',"disclosure":')]
        + b',"disclosure":{"gone":"missing","entry":null}}'
    )
    parts["entries.jsonl"] = b"".join(line + b"\n" for line in lines)


def _stretched(one: EditablePackage) -> None:
    """The head of 76 entries is claimed to be that of 72: its proof has more steps."""
    one.parts["before.txt"] = one.head(72, Log().add(77).root(76))


def _smaller(one: EditablePackage) -> None:
    """The head of 32 entries is claimed to be that of 16: the steps of its proof still fit."""
    log = Log().add(45, erased={23, 24})
    one.parts["before.txt"] = one.head(16, log.root(32))
    one.proof["grown"] = [node.hex() for node in merkle.consistency_proof(log.node, 32, 45)]
