"""What a new bundle may not have, with file and line, beside what none may have."""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import yaml

from gateway.compiled import floors
from gateway.core.finding import PERSONAL_TYPES, UNREAD_SCRIPT
from gateway.core.snapshot import GUARDRAIL_KINDS
from gateway.core.text import yaml_text
from gateway.decisions import BundleError, ContentRules, waivers
from gateway.decisions.cedar_rules import CedarRule, cedar_rules
from gateway.decisions.content_rule import strict_problems
from gateway.governance.policies.cases import PolicyCase, cases_of
from gateway.governance.policies.yaml_lines import line_of
from gateway.privacy import LevelTable, RedactionPolicy

FILES = frozenset({
    "boilerplate.yaml",
    "content.yaml",
    "egress.yaml",
    "evaluations.yaml",
    "failures.yaml",
    "levels.yaml",
    "powers.yaml",
    "proposals.yaml",
    "redaction.yaml",
    "retention.yaml",
    "roles.yaml",
    "schema.cedarschema",
    "use_cases.yaml",
})
_FOLDERS = {"authorisation/": ".cedar", "tests/": ".yaml"}
_LABELS = ("LABEL_INTERNAL", "LABEL_CONFIDENTIAL", "LABEL_RESTRICTED")
_TYPES = {*PERSONAL_TYPES, "SECRET", *_LABELS, UNREAD_SCRIPT}
_KINDS = {"purpose": "use_case", "team": "team", "provider": "provider", "deployment": "deployment"}
_OF_SCOPE = {"use_cases": "use_case", "teams": "team"}
_NOTES = ("reason_en", "reason_nl", "owner")
Names = Mapping[str, Collection[str]]  # those of the catalogue, by kind


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault."""

    file: str
    line: int
    message: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.message}"

    @property
    def same(self) -> tuple[str, str]:
        """What makes it the same fault in another bundle."""
        return self.file, self.message


def faults(files: Mapping[str, str], known: Names | None = None) -> list[Fault]:
    """The faults of a bundle that compiles; ``known`` are the names of the catalogue, if at hand.

    Raises:
        BundleError: when a case cannot be read.
    """
    rules, cases = cedar_rules(files), list(cases_of(files))
    found = [
        *_files(files),
        *_repeated_keys(files),
        *_authorisation(rules, known),
        *_content(files["content.yaml"], known),
        *_types(files["levels.yaml"]),
        *_floors(files),
        *_untested(files["content.yaml"], rules, cases),
        *_cases(files, rules, cases, known),
    ]
    return sorted(found, key=lambda fault: (fault.file, fault.line, fault.message))


def lacking(
    found: Sequence[Fault], before: Mapping[str, str], known: Names | None = None
) -> list[Fault]:
    """The faults that a proposal may not have: those that the bundle in force, ``before``, lacks.

    Floors that it contradicts too hold at evaluation, whatever it says.
    """
    if not found:
        return []
    try:
        old = {fault.same for fault in faults(before, known)}
    except (BundleError, ValueError, KeyError, TypeError):
        old = set()
    return [fault for fault in found if fault.same not in old]


def _files(files: Mapping[str, str]) -> Iterator[Fault]:
    for path in files:
        folder = next((name for name in _FOLDERS if path.startswith(name)), None)
        inner = path.removeprefix(folder or "")
        if folder and inner.endswith(_FOLDERS[folder]) and _plain_name(inner):
            continue
        if path not in FILES:
            known = ", ".join([*sorted(FILES), *(f"{one}*{end}" for one, end in _FOLDERS.items())])
            yield Fault(path, 1, f"no such file in a bundle: it has no effect. Known: {known}")


def _plain_name(name: str) -> bool:
    return name.replace("-", "").replace("_", "").replace(".", "").isalnum() and ".." not in name


def _repeated_keys(files: Mapping[str, str]) -> Iterator[Fault]:
    for path, text in files.items():
        if path.endswith(".yaml"):
            root, _ = yaml_text.read(text)
            yield from _repeated(path, root)


def _repeated(path: str, node: Any) -> Iterator[Fault]:
    if isinstance(node, yaml.MappingNode):
        known: set[str] = set()
        for key, value in node.value:
            if key.value in known:
                line = key.start_mark.line + 1
                yield Fault(path, line, f"{key.value!r} is there twice: only the last one counts")
            known.add(key.value)
            yield from _repeated(path, value)
    elif isinstance(node, yaml.SequenceNode):
        for item in node.value:
            yield from _repeated(path, item)


def _authorisation(rules: list[CedarRule], known: Names | None) -> Iterator[Fault]:
    ids = Counter(rule.id for rule in rules)
    for rule in rules:
        name = rule.id or f"the rule in line {rule.line}"
        if not rule.id:
            message = "a rule has no @id: decisions could not name it"
            yield Fault(rule.file, rule.line, message)
        elif ids[rule.id] > 1:
            yield Fault(rule.file, rule.line, f"rule {name!r}: there are two with this id")
        for note in _NOTES:
            if not rule.notes.get(note, "").strip():
                yield Fault(rule.file, rule.line, f'rule {name!r}: @{note}("…") is missing')
        for attribute, value in dict.fromkeys(rule.names()):
            kind = _KINDS.get(attribute)
            if known is not None and kind and value and value not in known[kind]:
                message = f"rule {name!r}: there is no {_words(kind)} {value!r}"
                yield Fault(rule.file, rule.line, message)


def _content(text: str, known: Names | None) -> Iterator[Fault]:
    line = line_of(text)
    document = yaml_text.mapping(text)
    for name, problem in strict_problems(document["rules"]):
        yield Fault("content.yaml", line("rules", name), f"rule {name!r}: {problem}")
    for rule in document["rules"]:
        name, at = rule["id"], line("rules", str(rule["id"]))
        if not str(rule.get("owner", "")).strip():
            yield Fault("content.yaml", at, f"rule {name!r}: owner is missing")
        asked = (rule.get("guardrail") or {}).get("name")
        if known is not None and asked and asked not in known["guardrail"]:
            message = (
                f"rule {name!r}: there is no guardrail {asked!r} to ask: a deployment on a "
                f"provider of kind {' or '.join(sorted(GUARDRAIL_KINDS))}"
            )
            yield Fault("content.yaml", at, message)
        for scope, kind in _OF_SCOPE.items():
            for value in (rule.get("scope") or {}).get(scope, ()):
                if known is not None and value not in known[kind]:
                    message = f"rule {name!r}: there is no {_words(kind)} {value!r}"
                    yield Fault("content.yaml", at, message)
    for rule_id in waivers(document):
        if rule_id not in floors.PROHIBITED_USE:
            message = f"waive {rule_id!r}: only {', '.join(floors.PROHIBITED_USE)} can be waived"
            yield Fault("content.yaml", line("waive", rule_id), message)


def _types(text: str) -> Iterator[Fault]:
    line = line_of(text)
    for name in yaml_text.mapping(text)["types"]:
        if name not in _TYPES:
            message = f"no detector finds the type {name!r}"
            yield Fault("levels.yaml", line("types", name), message)


def _floors(files: Mapping[str, str]) -> Iterator[Fault]:
    levels = LevelTable.of(yaml_text.mapping(files["levels.yaml"]))
    redaction = RedactionPolicy.of(yaml_text.mapping(files["redaction.yaml"]))
    fields = {
        name: table
        for name, table in yaml_text.mapping(files["egress.yaml"]).items()
        if name != "limits" and isinstance(table, dict)
    }
    for file, name, what in floors.lowered(levels, redaction, fields):
        place = (what.split(".", maxsplit=1)[0],) if file == "egress.yaml" else ("types",)
        yield Fault(file, line_of(files[file])(*place, name), what)
    text = files["content.yaml"]
    document = yaml_text.mapping(text)
    own = ContentRules(text).rules
    for rule in floors.weakened(own, waivers(document)):
        message = (
            f"rule {rule!r} against prohibited use is missing or weaker than that of this release: "
            "put it back, or add it to waive with a reason"
        )
        yield Fault("content.yaml", line_of(text)("rules", rule), message)
    failures = files["failures.yaml"]
    for name, control in yaml_text.mapping(failures).get("controls", {}).items():
        if control.get("on_failure", {}).get("restricted") == "flag":
            message = f"{name}: restricted text may not go on unchecked; use inside or refuse"
            yield Fault("failures.yaml", line_of(failures)("controls", name), message)


def _untested(text: str, rules: list[CedarRule], cases: list[PolicyCase]) -> Iterator[Fault]:
    """The rules without a case in which they take part, and one in which they do not."""
    line = line_of(text)
    decided = {name for case in cases for name in case.expect.policies or ()}
    fired = {name for case in cases for name in case.expect.rules or ()}
    spared = {name for case in cases for name in case.expect.without}
    for rule in rules:
        opposite = ("allow", "redact") if rule.body["effect"] == "forbid" else ("refuse",)
        other = any(
            case.expect.decision in opposite
            and case.expect.policies is not None
            and rule.id not in case.expect.policies
            for case in cases
        )
        if rule.id and rule.id not in decided:
            yield Fault(rule.file, rule.line, f"rule {rule.id!r}: no case names it in policies")
        if rule.id and not other:
            message = f"rule {rule.id!r}: no case is decided the other way"
            yield Fault(rule.file, rule.line, message)
    for rule_id in dict.fromkeys(str(one["id"]) for one in yaml_text.mapping(text)["rules"]):
        at = line("rules", rule_id)
        if rule_id not in fired:
            yield Fault("content.yaml", at, f"rule {rule_id!r}: no case names it in rules")
        if rule_id not in spared:
            message = f"rule {rule_id!r}: no case with a text like it names it in without"
            yield Fault("content.yaml", at, message)


def _cases(
    files: Mapping[str, str], rules: list[CedarRule], cases: list[PolicyCase], known: Names | None
) -> Iterator[Fault]:
    ids = {rule.id for rule in rules} | ContentRules(files["content.yaml"]).rules.keys()
    ids |= set(floors.PROHIBITED_USE)
    names = Counter(case.name for case in cases)
    for case in cases:
        expect, who, where = case.expect, case.probe.who, case.probe.where
        if names[case.name] > 1:
            yield Fault(case.path, case.line, f"case {case.name!r}: there are two with this name")
        named = {*(expect.policies or ()), *(expect.rules or ()), *expect.without}
        for rule in sorted(named - ids):
            yield Fault(case.path, case.line, f"case {case.name!r}: there is no rule {rule!r}")
        for kind, value in (
            ("use_case", who.use_case),
            ("team", who.team),
            ("provider", where.provider.removeprefix("probe")),
        ):
            if known is not None and value and value not in known[kind]:
                message = f"case {case.name!r}: there is no {_words(kind)} {value!r}"
                yield Fault(case.path, case.line, message)


def _words(kind: str) -> str:
    return kind.replace("_", " ")
