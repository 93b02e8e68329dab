"""The sensitivity level of a request, from its findings and a table of the policy."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from gateway.core.finding import PERSONAL_TYPES, Finding, FindingKind
from gateway.core.level import Level

# Ends of rule ids: a topic about a person; a topic or an address that is of no person.
PERSON_SUFFIX, IMPERSONAL_SUFFIX = ":person", ":nobody"
# Types that refer to a person: for detection, and where a table does not give its own.
PERSONS = frozenset({
    "PERSON",
    "BSN",
    "EMAIL",
    "PHONE",
    "DATE_OF_BIRTH",
    "NATIONAL_ID",
    "PASSPORT_ID",
    "DRIVING_LICENCE",
    "V_NUMBER",
    "STREET_ADDRESS",
    "IBAN",
    "LICENSE_PLATE",
})


class Judgement(msgspec.Struct, frozen=True):
    """The highest level, and the sorted codes of all reasons."""

    level: Level
    reasons: tuple[str, ...]


class Reason(msgspec.Struct, frozen=True):
    """What gives a text a level: the code of the reason, and the place that it is about."""

    level: Level
    code: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class LevelTable:
    """The level of each type of finding, and the reason as a stable code.

    ``topic`` counts where its rule refers to a person. Where the rule leaves that open, it counts
    beside a finding whose type is in ``binds`` (``PERSONS`` unless the table names its own). A type
    that the table does not name falls under ``other``.
    """

    types: Mapping[str, tuple[Level, str]]
    topic: tuple[Level, str]
    other: tuple[Level, str]
    binds: frozenset[str]
    texts: Mapping[str, Mapping[str, str]]

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> "LevelTable":
        """Return the table of a parsed ``policies/levels.yaml``.

        Raises:
            ValueError: a key is missing or unknown, a level or a type that binds does not exist, a
                reason has no text.
        """
        unknown = set(document) - {"version", "types", "topic", "other", "reasons"}
        if unknown or document.get("version") != 1:
            raise ValueError(f"version must be 1 and these keys go: {sorted(unknown)}")
        try:
            texts = {code: dict(words) for code, words in document["reasons"].items()}
            table = cls(
                types={name: _rule(rule) for name, rule in document["types"].items()},
                topic=_rule(document["topic"]),
                other=_rule(document["other"]),
                binds=frozenset(document["topic"].get("binds", PERSONS)),
                texts=texts,
            )
        except (KeyError, AttributeError, TypeError) as error:
            raise ValueError(f"{error!r} is missing or of the wrong form") from error
        if strange := sorted(table.binds.difference(PERSONAL_TYPES)):
            raise ValueError(f"no types of personal data, so they bind no topic: {strange}")
        used = {code for _, code in (*table.types.values(), table.topic, table.other)}
        if silent := sorted(code for code in used if set(texts.get(code, ())) < {"nl", "en"}):
            raise ValueError(f"reasons without text in nl and en: {silent}")
        return table

    def rule(self, finding: Finding) -> tuple[Level, str]:
        """Return level and reason of one finding that is no topic."""
        return self.types.get(finding.type, self.other)


def _rule(rule: Mapping[str, str]) -> tuple[Level, str]:
    return Level.parse(rule["level"]), rule["reason"]


def level_of(
    findings: Iterable[Finding], table: LevelTable, apart: Iterable[Sequence[Finding]] = ()
) -> Judgement:
    """Return the level of a request from the findings of all its texts; public without findings.

    An impersonal address (``info@``) is redacted like any other and raises no level. ``apart`` are
    the findings of texts whose topics concern only the persons in the same text, each text for
    itself; their other findings count like those of any text.
    """
    findings = list(findings)
    rules: set[tuple[Level, str]] = set()
    for own in apart:
        rules |= _rules_of(own, table)
        findings += [one for one in own if one.kind is not FindingKind.TOPIC]
    rules |= _rules_of(findings, table)
    level = max((level for level, _ in rules), default=Level.PUBLIC)
    return Judgement(level, tuple(sorted({code for _, code in rules})))


def reasons_of(findings: Sequence[Finding], table: LevelTable) -> list[Reason]:
    """Return each finding of a text that counts for its level, the highest level first.

    Without the stretches of the highest level the findings give a lower one.
    """
    rules = _rules_of(findings, table)
    found = {
        Reason(*rule, one.start, one.end)
        for one in findings
        if not one.detector.endswith(IMPERSONAL_SUFFIX)
        for rule in (table.topic if one.kind is FindingKind.TOPIC else table.rule(one),)
        if rule in rules
    }
    return sorted(found, key=lambda one: (-one.level, one.start, one.end, one.code))


def _rules_of(findings: Iterable[Finding], table: LevelTable) -> set[tuple[Level, str]]:
    """Return level and reason of each finding that counts."""
    rules: set[tuple[Level, str]] = set()
    topical = bound = False
    for finding in findings:
        if finding.kind is FindingKind.TOPIC:
            meant = finding.detector.endswith(PERSON_SUFFIX)
            topical = topical or meant or not finding.detector.endswith(IMPERSONAL_SUFFIX)
            bound = bound or meant
            continue
        if finding.detector.endswith(IMPERSONAL_SUFFIX):
            continue
        bound = bound or finding.type in table.binds
        rules.add(table.rule(finding))
    if topical and bound:
        rules.add(table.topic)
    return rules
