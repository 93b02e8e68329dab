"""Product names are not person names; article numbers are not phone numbers.

``Fatima`` in a list of fabrics and ``William`` in a feed of urns are products. A row or a JSON
object describes a product where it has an article number, a column that only products have, and no
data of a person. A name in it is dropped where it is the value of a product's name. The same words
are dropped elsewhere in the text where only a list of names or the classifier found them.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from gateway.privacy.lexicons.loader import alternation
from gateway.privacy.postprocess.historical_figures import NAME_ONLY_RULES
from gateway.privacy.text.normalized_text import NormalizedText, RuleMatch


def _columns(name: str) -> re.Pattern[str]:
    return re.compile(alternation(name), re.IGNORECASE)


_NUMBER = _columns("product_columns.number.patterns.txt")
_NAME = _columns("product_columns.name.patterns.txt")
_DESCRIPTION = _columns("product_columns.description.patterns.txt")
# A number and a name may be those of an employee, so a table of products has one of these too.
_PRODUCT_ONLY = _columns("product_columns.only.patterns.txt")
_PERSON_DATA = _columns("person_columns.patterns.txt")
_KEY = re.compile(r"[\"'](?P<key>[^\"'\n]{1,32})[\"'] ?: ?")
# Rules that also find the names of products in tables and objects.
_KEYED = ("rule:person-column", "rule:person-key", "rule:person-list")
_NUMBER_TYPES = ("PHONE", "LICENSE_PLATE", "POSTCODE")
_LONGEST_HEADER, _LONGEST_ROW, _LONGEST_OBJECT, _FURTHEST = 400, 2000, 600, 20_000
_CELL_PADDING = " \"'*_`"


@dataclass(frozen=True, slots=True)
class _Table:
    start: int
    end: int
    separator: str
    heads: list[str]  # of the columns


def drop(view: NormalizedText, hits: list[RuleMatch]) -> list[RuleMatch]:
    """Return the hits without product names and without article numbers that look like others."""
    if not hits:
        return hits
    tables = list(_tables(view.text))
    hits = [
        hit
        for hit in hits
        if not (hit.type in _NUMBER_TYPES and _is_product_number(view.text, tables, hit))
    ]
    names = [
        hit for hit in hits if hit.type == "PERSON" and hit.rule in (*NAME_ONLY_RULES, *_KEYED)
    ]
    if not names:
        return hits
    products = [
        hit for hit in names if _in_table(view.text, tables, hit) or _in_object(view.text, hit)
    ]
    if not products:
        return hits
    words = {word for hit in products for word in view.lower[hit.start : hit.end].split()}
    products += [
        hit
        for hit in names
        if hit.rule in NAME_ONLY_RULES and words.issuperset(view.lower[hit.start : hit.end].split())
    ]
    dropped = frozenset(products)
    return [hit for hit in hits if hit not in dropped]


def _tables(text: str) -> Iterator[_Table]:
    """Yield the tables whose header describes products."""
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
    separator = max(";|\t,", key=header.count)
    if header.count(separator) < 2 or len(header) > _LONGEST_HEADER:
        return None
    heads = [cell.strip(_CELL_PADDING) for cell in header.split(separator)]
    if not _describe_products(heads):
        return None
    return _Table(
        stop, _table_end(text, stop + 1, separator, header.count(separator)), separator, heads
    )


def _describe_products(heads: Sequence[str]) -> bool:
    """Whether columns or keys describe a product: its number, its properties, and no person."""
    return (
        any(map(_NUMBER.fullmatch, heads))
        and any(map(_PRODUCT_ONLY.fullmatch, heads))
        and not any(map(_PERSON_DATA.fullmatch, heads))
    )


def _holds_name(head: str, name: str) -> bool:
    lone_description = _DESCRIPTION.fullmatch(head) is not None and " " not in name
    return lone_description or _NAME.fullmatch(head) is not None


def _table_end(text: str, at: int, separator: str, count: int) -> int:
    while at < len(text):
        stop = text.find("\n", at)
        stop = len(text) if stop < 0 else stop
        if stop - at > _LONGEST_ROW or text.count(separator, at, stop) != count:
            return at
        at = stop + 1
    return len(text)


def _in_table(text: str, tables: Sequence[_Table], hit: RuleMatch) -> bool:
    head = _head_over(text, tables, hit)
    return _holds_name(head, text[hit.start : hit.end])


def _is_product_number(text: str, tables: Sequence[_Table], hit: RuleMatch) -> bool:
    return _NUMBER.fullmatch(_head_over(text, tables, hit)) is not None


def _head_over(text: str, tables: Sequence[_Table], hit: RuleMatch) -> str:
    """Return the header of the column of a hit; "" outside of all tables of products."""
    for table in tables:
        if table.start <= hit.start and hit.end <= table.end:
            row = text.rfind("\n", 0, hit.start) + 1
            return table.heads[text.count(table.separator, row, hit.start)]
    return ""


def _in_object(text: str, hit: RuleMatch) -> bool:
    """Whether the JSON object around a name describes a product that has this name."""
    begin = text.rfind("{", max(0, hit.start - _LONGEST_OBJECT), hit.start)
    end = text.find("}", hit.end, hit.end + _LONGEST_OBJECT)
    if begin < 0 or end < 0:
        return False
    keys = [(match.end(), match["key"]) for match in _KEY.finditer(text, begin, end)]
    before = [key for at, key in keys if at <= hit.start]
    return (
        bool(before)
        and _holds_name(before[-1], text[hit.start : hit.end])
        and _describe_products([key for _, key in keys])
    )
