"""Addresses in English letters: a block of lines below a name, or parts after ``lives at``."""

import re
from collections.abc import Iterable

from gateway.privacy.rules.cities import placed
from gateway.privacy.rules.rule import Rule
from gateway.privacy.text.normalized_text import NormalizedText, RuleMatch

_POSTCODE = re.compile(r"[A-Z]{1,2}\d[A-Z\d]? \d[A-Z]{2}\b")
_MOST_LINES = 5
_LONGEST = 60
_BETWEEN = ("of", "the", "by", "and", "near", "upon", "on", "in", "le", "cum", "o'", "c/o")
_PART = r"(?:(?:Flat|Unit|Apartment|Apt) \w{1,4}|\d{1,4}[a-z]?|The)?(?: ?[A-Z][\w'’-]+){1,4}"
_KIND = (
    r"(?:Road|Street|Lane|Avenue|Close|Court|Row|Hill|Bank|Way|Drive|Terrace|Gardens|Brow|Green"
    r"|Square|Crescent|Place)"
)
_LIVED_AT = re.compile(
    rf" {{0,2}}(?P<street>{_PART}, (?:\d{{1,4}}[a-z]? )?(?:[A-Z][\w'’-]+ ){{1,3}}{_KIND})"
    rf"(?=[,.;\n]|$)"
)
_BEFORE_CODE = re.compile(
    rf"(?:\bat|\bof|\bto|\bfrom|[Aa]ddress:?) (?P<street>{_PART}(?:, {_PART})?), "
    rf"(?P<town>[A-Z][\w'’-]+(?: [A-Z][\w'’-]+){{0,2}}),? $"
)


def _block(view: NormalizedText, start: int, end: int) -> Iterable[RuleMatch]:
    """Find the lines between a titled name and a postcode: streets, and the city last."""
    at = view.text.find("\n", end, end + 40) + 1
    if not at or "," in view.text[end:at]:
        return ()
    lines: list[tuple[int, int]] = []
    for _ in range(_MOST_LINES):
        stop = view.text.find("\n", at, at + _LONGEST)
        stop = len(view.text) if stop < 0 else stop
        line = view.text[at : min(stop, at + _LONGEST)]
        if not _is_address(line):
            return ()
        code = _POSTCODE.search(line)
        if code is not None:
            before = line[: code.start()].rstrip(" ,")
            if before:
                lines.append((at, at + len(before)))
            break
        lines.append((at, at + len(line.rstrip(" ,"))))
        at = stop + 1
    else:
        return ()
    if len(lines) < 2 or at > len(view.text):
        return ()
    *streets, city = lines
    return (
        *(placed("STREET_ADDRESS", a, b) for a, b in streets),
        placed("CITY", *city),
    )


def _is_address(line: str) -> bool:
    """Whether a line has only capitalised words, numbers and particles: it is no sentence."""
    words = line.replace(",", " ").split()
    return (
        bool(words)
        and not line.endswith((".", ":"))
        and all(not word[0].islower() or word in _BETWEEN for word in words)
    )


def _lived_at(view: NormalizedText, start: int, end: int) -> Iterable[RuleMatch]:
    """Find a street after ``lives at``: ``lives at The Lodge, Cemetery Road``."""
    match = _LIVED_AT.match(view.text, end)
    return () if match is None else (placed("STREET_ADDRESS", *match.span("street")),)


def _before_code(view: NormalizedText, start: int, end: int) -> Iterable[RuleMatch]:
    """Find street and city before a postcode: ``at The Old Chapel, Boston PE22 7LA``."""
    left = max(0, start - 110)
    match = _BEFORE_CODE.search(view.text[left:start])
    if match is None:
        return ()
    street, city = match.span("street"), match.span("town")
    return (
        placed("STREET_ADDRESS", left + street[0], left + street[1]),
        placed("CITY", left + city[0], left + city[1]),
    )


RULES: tuple[Rule, ...] = (
    Rule(r"\b(?:Mr|Mrs|Ms|Miss|Dr|Prof|Rev|Sir|Lady)\.? [A-Z]", False, _block),
    Rule(r"\b(?:lives?|lived|living|residing|resides|staying) at\b", False, _lived_at),
    Rule(r"\b[A-Z]{1,2}\d[A-Z\d]? \d[A-Z]{2}\b", False, _before_code),
)
