"""Rows of SQL inserts: the names of the columns give the types of the values, as in a table."""

import re
from collections.abc import Iterable, Iterator

from gateway.privacy.rules.field_values import check_of
from gateway.privacy.rules.rule import Rule
from gateway.privacy.text.normalized_text import NormalizedText, RuleMatch

_LONGEST = 65_536  # characters of one statement
_OPENING = re.compile(
    r"insert\s{1,8}into\s{1,8}[\w.\"`\[\]]{1,120}\s{0,8}\((?P<columns>[^"
    r"()]{1,1000})\)\s{0,8}values\s{0,8}",
    re.IGNORECASE,
)
_VALUE = re.compile(
    r"\s{0,40}(?:'(?P<text>(?:[^'\\]|''|\\.){0,2000})'|(?P<bare>[^\s',()]+))\s{0,40}"
)
_BETWEEN = re.compile(r"\s{0,40},\s{0,40}")


def _inserted(view: NormalizedText, start: int, end: int) -> Iterable[RuleMatch]:
    text = view.text[start : start + _LONGEST]
    opening = _OPENING.match(text)
    if opening is None:
        return
    checks = [check_of(name.strip(' \n"`[]')) for name in opening["columns"].split(",")]
    for row in _rows(text, opening.end()):
        for check, (left, right) in zip(checks, row, strict=False):
            if check is not None:
                yield from check(view, start + left, start + right)


def _rows(text: str, at: int) -> Iterator[list[tuple[int, int]]]:
    """Yield for each row start and end of its values, without quotes."""
    while text[at : at + 1] == "(":
        row: list[tuple[int, int]] = []
        at += 1
        while value := _VALUE.match(text, at):
            row.append(value.span("text" if value["text"] is not None else "bare"))
            at = value.end() + 1
            if text[at - 1 : at] != ",":
                break
        yield row
        between = _BETWEEN.match(text, at)
        if between is None:
            return
        at = between.end()


RULES: tuple[Rule, ...] = (Rule(r"\binsert\s{1,8}into\b", True, _inserted),)
