"""What goods are called is no person (``Fatima`` in a list of fabrics, ``William`` in a feed of urns), their number no telephone.

A row or an object is of goods where it holds an article number and nothing of somebody, and the name stands where goods
have theirs. What is called so there is called so in the rest of the text, where nothing but a list of names or the
classifier takes it for one.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from gateway.privacy.history import BY_ITSELF
from gateway.privacy.view import Hit, View

_NUMBERS = (
    r"code|lot|batch|charge|art(?:ikel)?\.?[ _]?(?:en|nummers?|nr\.?|no\.?|code|id)?|sku|ean|gtin|product[_ ]?(?:code|nr\.?|no\.?|nummer|id)|bestel(?:nr\.?|nummer|code)"
    r"|onderdeel(?:nr\.?|nummer)?|(?:item|part|catalogue|article)[_ ]?(?:no\.?|number|code|id)|item|artículo|référence|codice(?: articolo)?"
)
_CALLED = (
    r"naam|name|nombre|nome|nom|title|titel|product(?:[_ ]?na(?:am|me))?|omschrijving|beschrijving|description|descripción|merk|brand|marca|marque"
    r"|manufacturer|fabrikant|model|variant|uitvoering|type|soort|collecti(?:e|on)|series?|lijn|range|finish|kleur|colou?r|label|note|opmerking"
    r"|artikel(?:naam|omschrijving)?|article|item|stof|fabric|geur|smaak|ras|variety"
)
_OF_SOMEBODY = (
    r"\w*(?:klant|customer|besteller|ontvanger|recipient|koper|buyer|verkoper|seller|medewerker|employee|contact|eigenaar|owner|member|lid"
    r"|gebruiker|user)\w*|e-?mail|tel\.?|telefoon\w*|phone\w*|mobiel|mobile|adres|address|geboren|geboortedatum|dob|bsn|iban|\w+[_ ](?:door|by)"
)
_NUMBER, _NAME, _SOMEBODY = (
    re.compile(words, re.IGNORECASE) for words in (_NUMBERS, _CALLED, _OF_SOMEBODY)
)
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
    named: frozenset[int]  # the columns in which goods have their names
    numbered: frozenset[int]


def without(view: View, hits: list[Hit]) -> list[Hit]:
    """The hits, less the names that are of goods, and the numbers of goods that look like telephones or plates."""
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
    cells = [cell.strip(_AROUND) for cell in header.split(sign)]
    if any(map(_SOMEBODY.fullmatch, cells)) or not any(map(_NUMBER.fullmatch, cells)):
        return None
    named, numbered = (
        frozenset(place for place, cell in enumerate(cells) if words.fullmatch(cell))
        for words in (_NAME, _NUMBER)
    )
    return _Table(stop, _end_of(text, stop + 1, sign, header.count(sign)), sign, named, numbered)


def _end_of(text: str, at: int, sign: str, count: int) -> int:
    while at < len(text):
        stop = text.find("\n", at)
        stop = len(text) if stop < 0 else stop
        if stop - at > _LONGEST_ROW or text.count(sign, at, stop) != count:
            return at
        at = stop + 1
    return len(text)


def _in_table(text: str, tables: Sequence[_Table], hit: Hit) -> bool:
    return any(_column(text, table, hit) in table.named for table in tables)


def _is_number(text: str, tables: Sequence[_Table], hit: Hit) -> bool:
    return any(_column(text, table, hit) in table.numbered for table in tables)


def _column(text: str, table: _Table, hit: Hit) -> int:
    """In which column of a table a hit stands; -1 for one that stands elsewhere."""
    if hit.start < table.start or hit.end > table.end:
        return -1
    row = text.rfind("\n", 0, hit.start) + 1
    return text.count(table.sign, row, hit.start)


def _in_object(text: str, hit: Hit) -> bool:
    """Whether the JSON object around a name has an article number, and the name is the goods'."""
    begin = text.rfind("{", max(0, hit.start - _LONGEST_OBJECT), hit.start)
    end = text.find("}", hit.end, hit.end + _LONGEST_OBJECT)
    if begin < 0 or end < 0:
        return False
    keys = [(match.end(), match["key"]) for match in _KEY.finditer(text, begin, end)]
    if any(_SOMEBODY.fullmatch(key) for _, key in keys) or not any(
        _NUMBER.fullmatch(key) for _, key in keys
    ):
        return False
    before = [key for at, key in keys if at <= hit.start]
    return bool(before) and _NAME.fullmatch(before[-1]) is not None
