"""What goods are called is no person: ``Fatima`` in a list of fabrics, ``William`` in a feed of urns.

A row is of goods where a column or a key beside the name holds article numbers, and none is of somebody. What is called
so in such a row is called so in the rest of the text, where nothing but a list or the classifier takes it for a name.
"""

import re
from collections.abc import Iterator, Sequence

from gateway.privacy.history import BY_ITSELF
from gateway.privacy.view import Hit, View

_NUMBERS = (
    r"artikel(?:en|nummers?|nr\.?|code)?|art\.? ?(?:nr|no)\.?|sku|ean|gtin|product(?:code|nr\.?|nummer|[_ ]?id)|bestel(?:nr\.?|nummer|code)"
    r"|onderdeel(?:nr\.?|nummer)?|item[_ ]?(?:no\.?|number|code|id)|part[_ ]?(?:no\.?|number)|catalogue (?:no\.?|number)|artikelnummer"
    r"|art[ií]culo|référence|codice(?: articolo)?"
)
_OF_SOMEBODY = (
    r"klant(?:naam)?|customer|besteller|ontvanger|recipient|koper|buyer|e-?mail|tel(?:efoon)?|phone|adres|address|geboren|geboortedatum|dob"
    r"|bsn|iban|medewerker|employee|besteld door|ordered by|contact(?:persoon)?|naam klant|verkoper|seller|user|gebruiker|lid|member"
)
_COLUMN = re.compile(rf"(?:^|[;|,\t])[ \"'*_]*(?:{_NUMBERS})[ \"'*_]*(?=[;|,\t]|$)", re.IGNORECASE)
_PEOPLE = re.compile(
    rf"(?:^|[;|,\t])[ \"'*_]*(?:{_OF_SOMEBODY})[ \"'*_]*(?=[;|,\t]|$)", re.IGNORECASE
)
_KEY = re.compile(rf"\"(?:{_NUMBERS})\" ?:", re.IGNORECASE)
_PEOPLE_KEY = re.compile(rf"\"(?:{_OF_SOMEBODY})\" ?:", re.IGNORECASE)
_BY_COLUMN = (
    "rule:person-column",
    "rule:person-key",
    "rule:person-list",
)  # which a table of goods has too
_LONGEST_HEADER, _LONGEST_OBJECT, _FURTHEST = 400, 600, 20_000


def without(view: View, hits: list[Hit]) -> list[Hit]:
    """The hits, less the names that are of goods."""
    names = [hit for hit in hits if hit.type == "PERSON" and hit.rule in (*BY_ITSELF, *_BY_COLUMN)]
    if not names:
        return hits
    tables = list(_tables(view.text))
    goods = [hit for hit in names if _in_table(tables, hit) or _in_object(view.text, hit)]
    if not goods:
        return hits
    called = {word for hit in goods for word in view.lower[hit.start : hit.end].split()}
    goods += [
        hit
        for hit in names
        if hit.rule in BY_ITSELF and called.issuperset(view.lower[hit.start : hit.end].split())
    ]
    return [hit for hit in hits if hit not in goods]


def _tables(text: str) -> Iterator[tuple[int, int]]:
    """Where the rows below a header stand that names article numbers, and nobody."""
    at = 0
    while 0 <= at < _FURTHEST:
        stop = text.find("\n", at)
        if stop < 0:
            return
        header = text[at:stop]
        sign = max(";|\t,", key=header.count)
        if (
            header.count(sign) > 1
            and len(header) < _LONGEST_HEADER
            and _COLUMN.search(header)
            and not _PEOPLE.search(header)
        ):
            end = _end_of(text, stop + 1, sign, header.count(sign))
            yield stop, end
            stop = max(stop, end)
        at = stop + 1


def _end_of(text: str, at: int, sign: str, count: int) -> int:
    while at < len(text):
        stop = text.find("\n", at)
        stop = len(text) if stop < 0 else stop
        if text.count(sign, at, stop) != count:
            return at
        at = stop + 1
    return len(text)


def _in_table(tables: Sequence[tuple[int, int]], hit: Hit) -> bool:
    return any(start <= hit.start and hit.end <= end for start, end in tables)


def _in_object(text: str, hit: Hit) -> bool:
    """Whether the JSON object around a name has an article number."""
    begin = text.rfind("{", max(0, hit.start - _LONGEST_OBJECT), hit.start)
    end = text.find("}", hit.end, hit.end + _LONGEST_OBJECT)
    if begin < 0 or end < 0:
        return False
    around = text[begin:end]
    return _KEY.search(around) is not None and _PEOPLE_KEY.search(around) is None
