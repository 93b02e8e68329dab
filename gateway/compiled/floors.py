"""Floors: what no bundle can lower. They are code, and hold whatever the files of a bundle say.

A bundle that contradicts one where the bundle in force does not is refused as a proposal. One that
was in force before keeps serving, with the floor in place of what it says.
"""

import dataclasses
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from msgspec.structs import replace

from gateway.core.finding import FindingKind
from gateway.core.level import Level
from gateway.core.text import yaml_text
from gateway.decisions import ContentRule, strictest
from gateway.decisions.content_rule import rule_of
from gateway.privacy import LevelTable, Operator, RedactionPolicy
from gateway.storage import resources

# Fields of a request that would pick an endpoint, a credential or a callback.
NEVER_FORWARDED = frozenset({
    "api_base",
    "api_key",
    "api_version",
    "base_url",
    "callbacks",
    "custom_llm_provider",
    "extra_body",
    "extra_headers",
    "extra_query",
    "failure_callback",
    "headers",
    "mock_response",
    "organization",
    "success_callback",
    "webhook",
    "webhook_url",
})
# Fields that would let a provider keep a request; "dropped" and "forbidden" will do as well.
NOT_KEPT = {"background": {"pinned": False}, "store": {"pinned": False}}
_LEFT_OUT = ("dropped", "forbidden", "ignored")
NATIONAL = ("BSN", "NATIONAL_ID", "PASSPORT_ID", "DRIVING_LICENCE", "V_NUMBER")
LEAST_LEVELS = dict.fromkeys((*NATIONAL, "SECRET"), Level.CONFIDENTIAL)
TOPIC_LEVEL = Level.CONFIDENTIAL
# Rules of the release against prohibited use: a bundle waives one on record, with a reason.
PROHIBITED_USE = ("explosives", "weapons", "hate", "sexual-content-of-minors", "intimate-imagery")
_CONTENT = "content.yaml"


@cache
def protected_rules() -> tuple[ContentRule, ...]:
    """The rules of this release against prohibited use."""
    text = (resources.directory("policies") / _CONTENT).read_text(encoding="utf-8")
    rules = (rule_of(node) for node in yaml_text.mapping(text)["rules"])
    return tuple(rule for rule in rules if rule.id in PROHIBITED_USE)


def floored_fields(table: Mapping[str, Any]) -> dict[str, Any]:
    """The field table of a dialect with its floors."""
    kept = [name for name in NOT_KEPT if table.get(name, "dropped") not in _LEFT_OUT]
    pinned = {name: NOT_KEPT[name] for name in kept}
    return {**table, **dict.fromkeys(NEVER_FORWARDED, "forbidden"), **pinned}


def floored_levels(table: LevelTable) -> LevelTable:
    """The table with the least levels."""
    types = dict(table.types)
    for name, least in LEAST_LEVELS.items():
        level, reason = types.get(name, table.other)
        types[name] = max(level, least), reason
    level, reason = table.topic
    return dataclasses.replace(table, types=types, topic=(max(level, TOPIC_LEVEL), reason))


def floored_redaction(table: RedactionPolicy) -> RedactionPolicy:
    """The table in which no national identifier is kept."""
    kept = {name for name in NATIONAL if table.types.get(name) is Operator.KEEP}
    types = {name: mode for name, mode in table.types.items() if name not in kept}
    return replace(table, types=types) if kept else table


def lowered(
    levels: LevelTable, redaction: RedactionPolicy, fields: Mapping[str, Mapping[str, Any]]
) -> Iterator[tuple[str, str, str]]:
    """Where a bundle contradicts a floor: file, name, and what is wrong with it."""
    for name, least in LEAST_LEVELS.items():
        if levels.types.get(name, levels.other)[0] < least:
            yield "levels.yaml", name, f"{name} must be at least {least.label}"
    if levels.topic[0] < TOPIC_LEVEL:
        what = f"{FindingKind.TOPIC.value} must be at least {TOPIC_LEVEL.label}"
        yield "levels.yaml", "topic", what
    for name in NATIONAL:
        if redaction.types.get(name) is Operator.KEEP:
            yield "redaction.yaml", name, f"{name} may not be kept: a national identifier"
    for dialect, table in fields.items():
        floored = floored_fields(table)
        for name in sorted(table):
            if (must := floored[name]) != table[name]:
                yield "egress.yaml", name, f"{dialect}.{name} must be {must}: it may never leave"


def weakened(rules: Mapping[str, ContentRule], waived: Mapping[str, str]) -> Iterator[str]:
    """The rules against prohibited use that a bundle lacks, or has in a weaker form."""
    for rule in protected_rules():
        own = rules.get(rule.id)
        if rule.id not in waived and (own is None or strictest(own, rule) != own):
            yield rule.id
