"""Paths and conditions over the claims of a token, as profiles and ``sluis.yaml`` write them.

A path names a claim, or steps into objects with dots: ``realm_access.roles``. A step that holds a
dot is in double quotes: ``resource_access."my.client".roles``. A claim whose whole name is the
path comes first, so that ``https://example.nl/groups`` needs no quotes.

A condition is one of: ``claim`` (it is there), ``!claim`` (it is not), ``claim=value``,
``claim=start*`` and ``claim==other`` (two claims with the same value).
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

Payload = Mapping[str, Any]
Condition = Callable[[Payload], bool]
_STEPS = re.compile(r'(?:"(?:[^"]+)"|[^".]+)(?:\.(?:"[^"]+"|[^".]+))*')
_STEP = re.compile(r'"([^"]+)"|([^".]+)')


def steps_of(path: str) -> tuple[str, ...]:
    """The steps of a path.

    Raises:
        ValueError: when quotes or dots are out of place.
    """
    if not _STEPS.fullmatch(path):
        raise ValueError(f'is no path to a claim: {path!r}; write for example a.b or a."b.c".d')
    return tuple(quoted or plain for quoted, plain in _STEP.findall(path))


def texts_at(payload: Payload, path: str, steps: Sequence[str]) -> Iterable[str]:
    """The texts at a path: one, or those in a list; anything else counts as none."""
    found: Any = payload.get(path)
    if found is None:
        found = payload
        for step in steps:
            found = found.get(step) if isinstance(found, dict) else None
    values = found if isinstance(found, list) else (found,)
    return (value for value in values if isinstance(value, str))


def text_of(payload: Payload, claims: Iterable[str]) -> str | None:
    """The first of these claims that is a text with something in it."""
    for claim in claims:
        value = payload.get(claim)
        if isinstance(value, str) and value:
            return value
    return None


def condition(text: str) -> Condition:
    """The condition that a text states.

    Raises:
        ValueError: when it states none.
    """
    if "==" in text:
        one, _, other = text.partition("==")
        check = _named(one, text), _named(other, text)
        return lambda p: p.get(check[0]) is not None and p.get(check[0]) == p.get(check[1])
    if "=" in text:
        claim, _, value = text.partition("=")
        return _valued(_named(claim, text), value)
    claim = _named(text.removeprefix("!"), text)
    if text.startswith("!"):
        return lambda p: p.get(claim) is None
    return lambda p: p.get(claim) is not None


def _valued(claim: str, value: str) -> Condition:
    if value.endswith("*"):
        start = value[:-1]
        return lambda p: isinstance(p.get(claim), str) and p[claim].startswith(start)
    return lambda p: p.get(claim) == value


def _named(claim: str, text: str) -> str:
    if not claim:
        raise ValueError(f"is no condition: {text!r}; write for example idtyp=app")
    return claim


def any_of(texts: Iterable[str]) -> Condition:
    """A condition that holds when one of these does.

    Raises:
        ValueError: when one of them is no condition.
    """
    checks = [condition(text) for text in texts]
    return lambda payload: any(check(payload) for check in checks)
