"""Tables: a header cell gives the type of its column, in CSV, TSV, Markdown and aligned text."""

import re
from collections.abc import Iterable, Iterator
from functools import partial

from gateway.privacy.rules.field_values import CHECKS, FIELDS, check_of
from gateway.privacy.rules.rule import Check, Rule
from gateway.privacy.text.normalized_text import NormalizedText, RuleMatch

_HEADER = 600
_STOP = re.compile(r"[.!?:] +")
_CELLS = re.compile(r"[;|\t]")
_ROWS = 5000
_PADDING = " \"'*_`\r"


def _column(cell: Check, view: NormalizedText, start: int, end: int) -> Iterable[RuleMatch]:
    """Find the values below a header cell."""
    stop = view.text.find("\n", end - 1, end + _HEADER)
    if stop < 0:
        return
    begin, head = _head(view, start)
    if head < 0 or stop - head > _HEADER:
        return
    header = view.text[head:stop]
    if re.search(r"\d{4}", header):  # a line of values
        return
    sign = max(";\t|,", key=header.count)
    count = header.count(sign)
    if header.rstrip(" .,;\"'").endswith(("?", "!", ".")) or (sign == "," and ": " in header):
        return
    at = view.text.find(header[max(0, start - head) :][:1], start) if start < end else start
    if not count:
        yield from _aligned(cell, view, max(at, start), stop)
        return
    above = view.text[max(0, begin - _HEADER) : max(0, begin - 1)].rpartition("\n")[2]
    if above.count(sign) == count:
        return
    middle = (start + end) // 2
    column = view.text.count(sign, head, middle)
    name = _cell_of(header, column, sign).strip(_PADDING)
    if not name or (view.at(start).isalpha() and check_of(name) is not cell):
        return  # a word within another name
    for row, line in _lines(view, stop + 1, (cell, sign, count, column)):
        cells = _cells_of(line, sign)
        if abs(len(cells) - 1 - count) > 1 or column >= len(cells):
            return
        if sign == "," and len(cells) - 1 != count and not line.startswith('"'):
            return
        offset = row + sum(len(part) + 1 for part in cells[:column])
        yield from _trimmed(cell, view, offset, offset + len(cells[column]))


def _head(view: NormalizedText, start: int) -> tuple[int, int]:
    """Return the starts of a line and of the header on it, which may follow a sentence.

    The header is at -1 where the line begins too far away and no sentence ends on it.
    """
    first = max(0, start - _HEADER)
    line = view.text.rfind("\n", first, start + 1) + 1
    begin = max(line, first)
    before = _CELLS.split(view.text[begin : start + 2], maxsplit=1)[0]
    for match in reversed(list(_STOP.finditer(before))):
        if _is_prose(before, match.start()):
            return begin, begin + match.end()
    return line, line if line or not first else -1


def _is_prose(text: str, end: int) -> bool:
    """Whether a sentence ends there, and no cell: ``tel.`` in ``naam, tel. nr, adres``."""
    comma = text.rfind(",", 0, end)
    return comma < 0 or text.count(" ", comma, end) > 2


def _cells_of(line: str, sign: str) -> list[str]:
    """Split a row; a sign in a quoted cell is part of it, as in RFC 4180."""
    cells = line.split(sign)
    if '"' not in line or not any(cell.count('"') % 2 for cell in cells):
        return cells
    whole = [""]
    for cell in cells:
        whole[-1] += cell
        if whole[-1].count('"') % 2:
            whole[-1] += sign  # the quote is still open
        else:
            whole.append("")
    return whole[:-1] if whole[-1] == "" else cells


def _cell_of(header: str, column: int, sign: str) -> str:
    cells = header.split(sign)
    return cells[column] if column < len(cells) else ""


def _aligned(cell: Check, view: NormalizedText, at: int, stop: int) -> Iterable[RuleMatch]:
    """Find values in columns of spaces: a value begins below its header."""
    head = view.text.rfind("\n", 0, at) + 1
    header = view.text[head:stop]
    above = view.text[max(0, head - _HEADER) : max(0, head - 1)].rpartition("\n")[2]
    if ":" in header or not re.search(r"\S {2,}\S", header) or "  " in above.strip():
        return
    left = at - head
    while left < len(header) and header[left] in "\n ":
        left += 1
    left = max(0, header.rfind("  ", 0, left) + 2 if "  " in header[:left] else 0)
    if check_of(header[left:].split("  ", 1)[0].strip(_PADDING)) is not cell:
        return
    for row, line in _lines(view, stop + 1, (cell, left)):
        if ":  " in line or not re.search(r"\S {2,}\S", line):
            return
        if left >= len(line) or (left >= 2 and line[left - 1] != " "):
            continue
        value = re.split(r" {2,}", line[left:], maxsplit=1)[0]
        yield from _trimmed(cell, view, row + left, row + left + len(value))


def _lines(view: NormalizedText, at: int, header: object) -> Iterator[tuple[int, str]]:
    """Yield rows below a header, but none that an equal header above has had."""
    at = max(at, view.rows_read.get(header, 0))
    for _ in range(_ROWS):
        view.rows_read[header] = at
        end = view.text.find("\n", at)
        line = view.text[at : len(view.text) if end < 0 else end][:1000]
        if line.strip(" |:-+="):
            yield at, line
        elif not line:
            return
        if end < 0:
            return
        at = end + 1


def _trimmed(cell: Check, view: NormalizedText, start: int, end: int) -> Iterable[RuleMatch]:
    while start < end and view.text[start] in _PADDING:
        start += 1
    while end > start and view.text[end - 1] in _PADDING:
        end -= 1
    return cell(view, start, end) if start < end else ()


# Another word may be before the name: patient_bsn. Not before one of people and things: file_name.
_BEFORE = r"(?:^|\n|[,;|\t]|[.!?:] |  )[\"' *_]{0,3}"
_BEFORE_OR_WITHIN = r"(?:^|\n|[,;|\t]|[.!?:] |  |[a-z][ _.-])[\"' *_]{0,3}"
_AFTER = r"[\"' *_]{0,3}(?:[,;|\t]|\r?\n|  )"
RULES: tuple[Rule, ...] = tuple(
    Rule(
        rf"{_BEFORE if type_ == 'NAME' else _BEFORE_OR_WITHIN}(?:{names}){_AFTER}",
        True,
        partial(_column, CHECKS[type_]),
    )
    for type_, names in FIELDS.items()
)
