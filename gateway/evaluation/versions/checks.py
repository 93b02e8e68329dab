"""Conditions on answers that a program can check."""

import re
from collections.abc import Callable, Mapping
from functools import lru_cache

from gateway.core.text.patterns import Pattern, PatternSet
from gateway.evaluation.answers.tasks import contains_words
from gateway.evaluation.versions.items import Check
from gateway.evaluation.versions.texts import folded, json_object, language_of, language_rules

_BULLET = re.compile(r"^\s*(?:[-*•]|\d{1,3}[.)])\s+\S")
_MAX_REGEX = 500
_END_OF_LINE = r"(\n|$)"  # the engine has no end of the text within a group


def check_problem(check: Check) -> str | None:
    """Why a check cannot be used; None when it can."""
    value = check.value
    if check.kind in _NUMBERS and not (type(value) is int and 0 <= value <= 100_000):
        return f"the value of {check.kind} is a whole number"
    if check.kind in {"starts_with", "ends_with"} and not (isinstance(value, str) and value):
        return f"the value of {check.kind} is a text"
    if check.kind in {"contains", "excludes"} and not _listed(value):
        return f"the value of {check.kind} is a text, or a list of texts"
    if check.kind == "language" and value not in language_rules():
        return f"the value of language is one of {', '.join(language_rules())}"
    if check.kind == "uppercase" and value not in (None, True, False):
        return "the value of uppercase is true or false"
    if check.kind == "json" and value not in (None, True, False) and not _listed(value):
        return "the value of json is true, false, or a list of names"
    if check.kind == "regex":
        return _regex_problem(value)
    return None


def fulfils(check: Check, answer: str) -> bool:
    """Whether an answer meets a check."""
    return _KINDS[check.kind](check, answer.strip())


def _regex_problem(value: object) -> str | None:
    if not isinstance(value, str) or not 0 < len(value) <= _MAX_REGEX:
        return f"the value of regex is a pattern of at most {_MAX_REGEX} characters"
    try:
        re.compile(value)
        _pattern(value)
    except (re.error, ValueError, RuntimeError) as error:
        return f"the value of regex cannot be used: {error}"
    return None


@lru_cache(maxsize=256)
def _pattern(regex: str) -> PatternSet:
    """The pattern in an engine whose time is linear in the text."""
    return PatternSet([Pattern("match", regex.replace(_END_OF_LINE, r"\n"), once=True)])


def _matches(check: Check, answer: str) -> bool:
    regex = str(check.value)
    text = f"{answer}\n" if _END_OF_LINE in regex else answer
    return bool(_pattern(regex).matching(text))


def _is_json(check: Check, answer: str) -> bool:
    """Whether an answer is a JSON object; by a list of names, with exactly these."""
    found = json_object(answer)
    if names := _listed(check.value):
        return found is not None and set(found) == set(names)
    return (found is not None) == _wanted(check)


def _listed(value: object) -> tuple[str, ...]:
    texts = (value,) if isinstance(value, str) else value
    usable = isinstance(texts, tuple) and all(isinstance(one, str) and one for one in texts)
    return texts if usable else ()  # type: ignore[return-value]


def _number(check: Check) -> int:
    return check.value if isinstance(check.value, int) else 0


def _text(check: Check) -> str:
    return folded(str(check.value))


def _lines(answer: str) -> list[str]:
    return [line for line in answer.splitlines() if line.strip()]


def _wanted(check: Check) -> bool:
    return check.value is not False


_NUMBERS = frozenset({"max_words", "min_words", "lines", "bullets"})
_KINDS: Mapping[str, Callable[[Check, str], bool]] = {
    "max_words": lambda check, answer: 0 < len(answer.split()) <= _number(check),
    "min_words": lambda check, answer: len(answer.split()) >= _number(check),
    "lines": lambda check, answer: len(_lines(answer)) == _number(check),
    "starts_with": lambda check, answer: folded(answer).startswith(_text(check)),
    "ends_with": lambda check, answer: folded(answer).endswith(_text(check)),
    "contains": lambda check, answer: all(
        contains_words(folded(one), folded(answer)) for one in _listed(check.value)
    ),
    "excludes": lambda check, answer: (
        bool(answer)
        and not any(contains_words(folded(one), folded(answer)) for one in _listed(check.value))
    ),
    "json": _is_json,
    "language": lambda check, answer: language_of(answer) == check.value,
    "uppercase": lambda check, answer: answer.isupper() == _wanted(check),
    "bullets": lambda check, answer: (
        sum(bool(_BULLET.match(line)) for line in answer.splitlines()) == _number(check)
    ),
    "regex": _matches,
}
