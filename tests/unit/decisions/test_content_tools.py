"""Which tools may be called, and with which arguments."""

from typing import Any

import pytest

from gateway.core.level import Level
from gateway.decisions import AnswerTo, BundleError, Circumstances, ContentRules

RULES = ContentRules("""
rules:
  - id: only-search
    stages: [input, output]
    scope: {keys: [bot]}
    action: refuse
    reason: {en: x, nl: x}
    tools:
      allow: [search, "get_*"]
      deny: [get_secret]
      arguments:
        search:
          type: object
          required: [query]
          additionalProperties: false
          properties: {query: {type: string, maxLength: 40, pattern: '^[a-z ]+$'}}
""")
BOT, OTHER = (Circumstances("t", key, "u", Level.PUBLIC) for key in ("bot", "other"))


def called(
    tool: str, arguments: str, size: int = 1000, who: Circumstances = BOT
) -> tuple[str, str | None]:
    guard = RULES.guard(AnswerTo(who), json=True, tool=tool)
    out = [guard.feed(arguments[at : at + size]) for at in range(0, len(arguments), size)]
    return "".join([*out, guard.finish()]), guard.blocked


@pytest.mark.parametrize(
    ("tool", "allowed"),
    [("search", True), ("get_order", True), ("get_secret", False), ("mail", False), ("", False)],
)
def test_only_tools_of_the_list_may_be_called(tool: str, *, allowed: bool) -> None:
    arguments = '{"query": "weer utrecht"}'
    assert called(tool, arguments) == ((arguments, None) if allowed else ("", "only-search"))
    assert called(tool, arguments, who=OTHER) == (arguments, None)
    assert RULES.fired_by_tools([tool]) == (set() if allowed else {"only-search"})


@pytest.mark.parametrize("size", [1, 2, 5, 1000])
@pytest.mark.parametrize(
    ("arguments", "fits"),
    [
        ('{"query": "weer utrecht"}', True),
        ('{"query": "weer"}\n', True),
        ('{"query": "weer"}' + " " * 90, True),
        ("{}", False),
        ("", False),
        ('{"query": 1}', False),
        ('{"query": "DROP"}', False),
        ('{"query": "weer", "to": "x"}', False),
        ('{"query": "' + "a" * 41 + '"}', False),
        ('{"query": "weer"', False),
        ('{"query": 1}' + " " * 90, False),
        ('["weer"]', False),
        ('{"query": "weer"}' + " " * 60 + '{"query": "weer"}', False),
    ],
)
def test_arguments_that_do_not_fit_never_get_complete(
    arguments: str, size: int, *, fits: bool
) -> None:
    released, blocked = called("search", arguments, size)
    assert blocked == (None if fits else "only-search")
    assert (released == arguments) == (fits or not arguments)
    assert fits or not released.endswith(("}", "]"))
    assert released == called("search", arguments, 1)[0]


def test_arguments_that_are_too_long_to_check_do_not_fit() -> None:
    assert called("search", '{"query": "' + " " * 40_000 + '"}')[1] == "only-search"


@pytest.mark.parametrize(
    ("tools", "problem"),
    [
        ("{}", "must have"),
        ("{allowed: [x]}", "tools may have"),
        ("{allow: x}", "must be a list"),
        ("{arguments: [x]}", "by name"),
        ("{arguments: {x: {type: text}}}", "schema of tool 'x'"),
        ("{arguments: {x: {pattern: '(a'}}}", "schema of tool 'x'"),
        ("{arguments: {x: {pattern: '(?=a)b'}}}", "schema of tool 'x'"),
        ("{arguments: {x: {uniqueItems: true}}}", "uniqueItems is not supported"),
        ("{arguments: {x: {$ref: 'https://kwaad.nl/s.json'}}}", "may only name a part"),
    ],
)
def test_limits_that_mean_nothing_are_refused(tools: str, problem: str) -> None:
    rule = "rules: [{id: x, stages: [output], action: flag, reason: {en: x, nl: x}, tools: T}]"
    with pytest.raises(BundleError, match=problem):
        ContentRules(rule.replace(" T}]", f" {tools}}}]"))


def test_arguments_are_a_matter_of_answers() -> None:
    rule: Any = "rules: [{id: x, stages: [input], action: flag, reason: {en: x, nl: x}, tools: T}]"
    ContentRules(rule.replace(" T}]", " {deny: [x]}}]"))
    with pytest.raises(BundleError, match="output only"):
        ContentRules(rule.replace(" T}]", " {arguments: {x: {}}}}]"))
