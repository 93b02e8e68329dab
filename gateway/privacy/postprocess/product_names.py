"""What goods are called is no person (``Fatima`` in a list of fabrics, ``William`` in a feed of urns), their number no telephone.

A row or an object is of goods where it holds an article number, something that only goods have and nothing of somebody, and the name stands where goods
have theirs. What is called so there is called so in the rest of the text, where nothing but a list of names or the
classifier takes it for one.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from gateway.privacy.detect.normalized_text import NormalizedText, RuleMatch
from gateway.privacy.lexicons.loader import alternation
from gateway.privacy.postprocess.historical_figures import BY_ITSELF


def _columns(name: str) -> re.Pattern[str]:
    return re.compile(alternation(name), re.IGNORECASE)


_NUMBER = _columns("product_columns.number.patterns.txt")
_NAME = _columns("product_columns.name.patterns.txt")
_DESCRIPTION = _columns("product_columns.description.patterns.txt")
# A number and a name alone may be those of a member of staff: a table of products has one of these.
_PRODUCT_ONLY = _columns("product_columns.only.patterns.txt")
_PERSON_DATA = _columns("person_columns.patterns.txt")
_KEY = re.compile(r"[\"'](?P<key>[^\"'\n]{1,32})[\"'] ?: ?")
# A table or an object gives names to its goods by these too.
_KEYED = ("rule:person-column", "rule:person-key", "rule:person-list")
_ALIKE = ("PHONE", "LICENSE_PLATE", "POSTCODE")
_LONGEST_HEADER, _LONGEST_ROW, _LONGEST_OBJECT, _FURTHEST = 400, 2000, 600, 20_000
_AROUND = " \"'*_`"


@dataclass(frozen=True, slots=True)
class _Table:
    start: int
    end: int
    sign: str
    heads: list[str]  # of the columns


def drop(view: NormalizedText, hits: list[RuleMatch]) -> list[RuleMatch]:
    """The hits, less the names that are of goods, and the numbers of goods that look like telephones or plates."""
    if not hits:
        return hits
    tables = list(_tables(view.text))
    hits = [hit for hit in hits if not (hit.type in _ALIKE and _is_number(view.text, tables, hit))]
    names = [hit for hit in hits if hit.type == "PERSON" and hit.rule in (*BY_ITSELF, *_KEYED)]
    if not names:
        return hits
    goods = [
        hit for hit in names if _in_table(view.text, tables, hit) or _in_object(view.text, hit)
    ]
    if not goods:
        return hits
    called = {word for hit in goods for word in view.lower[hit.start : hit.end].split()}
    goods += [
        hit
        for hit in names
        if hit.rule in BY_ITSELF and called.issuperset(view.lower[hit.start : hit.end].split())
    ]
    fallen = frozenset(goods)
    return [hit for hit in hits if hit not in fallen]


def _tables(text: str) -> Iterator[_Table]:
    """Where the rows below a header stand that names article numbers, and nobody."""
    at = 0
    while 0 <= at < _FURTHEST:
        stop = text.find("\n", at)
        if stop < 0:
            return
        table = _table(text, at, stop)
        if table is not None:
            yield table
            stop = max(stop, table.end)
        at = stop + 1


def _table(text: str, at: int, stop: int) -> _Table | None:
    header = text[at:stop]
    sign = max(";|\t,", key=header.count)
    if header.count(sign) < 2 or len(header) > _LONGEST_HEADER:
        return None
    heads = [cell.strip(_AROUND) for cell in header.split(sign)]
    if not _are_goods(heads):
        return None
    return _Table(stop, _end_of(text, stop + 1, sign, header.count(sign)), sign, heads)


def _are_goods(heads: Sequence[str]) -> bool:
    """Whether columns or keys are of goods: a number, something that only goods have, and nothing of somebody."""
    return (
        any(map(_NUMBER.fullmatch, heads))
        and any(map(_PRODUCT_ONLY.fullmatch, heads))
        and not any(map(_PERSON_DATA.fullmatch, heads))
    )


def _is_called(head: str, name: str) -> bool:
    described = _DESCRIPTION.fullmatch(head) is not None and " " not in name
    return described or _NAME.fullmatch(head) is not None


def _end_of(text: str, at: int, sign: str, count: int) -> int:
    while at < len(text):
        stop = text.find("\n", at)
        stop = len(text) if stop < 0 else stop
        if stop - at > _LONGEST_ROW or text.count(sign, at, stop) != count:
            return at
        at = stop + 1
    return len(text)


def _in_table(text: str, tables: Sequence[_Table], hit: RuleMatch) -> bool:
    head = _head_of(text, tables, hit)
    return _is_called(head, text[hit.start : hit.end])


def _is_number(text: str, tables: Sequence[_Table], hit: RuleMatch) -> bool:
    return _NUMBER.fullmatch(_head_of(text, tables, hit)) is not None


def _head_of(text: str, tables: Sequence[_Table], hit: RuleMatch) -> str:
    """What stands over the column of a hit; "" for one in no table of goods."""
    for table in tables:
        if table.start <= hit.start and hit.end <= table.end:
            row = text.rfind("\n", 0, hit.start) + 1
            return table.heads[text.count(table.sign, row, hit.start)]
    return ""


def _in_object(text: str, hit: RuleMatch) -> bool:
    """Whether the JSON object around a name is of goods, and the name is theirs."""
    begin = text.rfind("{", max(0, hit.start - _LONGEST_OBJECT), hit.start)
    end = text.find("}", hit.end, hit.end + _LONGEST_OBJECT)
    if begin < 0 or end < 0:
        return False
    keys = [(match.end(), match["key"]) for match in _KEY.finditer(text, begin, end)]
    before = [key for at, key in keys if at <= hit.start]
    return (
        bool(before)
        and _is_called(before[-1], text[hit.start : hit.end])
        and _are_goods([key for _, key in keys])
    )
