"""Tables: a header cell gives the type of its column, in CSV, TSV, Markdown and aligned text."""

import re
from collections.abc import Iterable, Iterator
from functools import partial

from gateway.core.finding import FindingKind
from gateway.privacy.lexicons.names import DEPARTMENTS, STOP_WORDS
from gateway.privacy.rules import bsn
from gateway.privacy.rules.birth_dates import is_birth_year
from gateway.privacy.rules.person_names import inverted, is_given_name, person
from gateway.privacy.rules.rule import Check, Rule
from gateway.privacy.text.normalized_text import NormalizedText, RuleMatch, Strength

_HEADER = 600
_STOP = re.compile(r"[.!?:] +")
_CELLS = re.compile(r"[;|\t]")
_ROWS = 5000
_NAME_LIKE = re.compile(
    r"(?:'t |'s )?[^\W\d_][\w'.-]*(?:,? (?:[^\W\d_][\w'.-]*|\"[^\W\d_]+\")){0,5}"
)
_DATE = re.compile(
    r"\d{1,4}[-/. ]\d{1,2}[-/. ]\d{2,4}|\d{1,2}\.? \w{3,10}\.? (?:\d{4}|'?\d{2})|\d{8}"
)
_PHONE = re.compile(r"\(?[+0][\d ()./\-]{7,20}|6\d{8}|[1-9]\d{8}")
_STREET = re.compile(
    r"(?=[^\d]*[^\W\d_]{2})[\w'. \-]{2,50}? \d{1,5}(?:[ \-]?[\w]{1,4}){0,2}"
    r"|\d{1,5}[a-z]? [A-Z][\w'. \-]{3,40}"
)
_CITY = re.compile(r"(?:'s-|'t |d')?[A-ZÀ-Þ][\w'-]*(?: [\w'-]+){0,3}")
_POSTCODE = re.compile(
    r"[1-9]\d{3} ?[A-Za-z]{2}|\d{4,5}|\d{2}-\d{3}|[A-Z]{1,2}\d[A-Z\d]? \d[A-Z]{2}"
)
_PLATE = re.compile(r"(?=\D*\d)(?=.{4,10}$)[A-Z0-9]{1,4}(?:[- ]?[A-Z0-9]{1,4}){1,3}", re.IGNORECASE)


def _cell(
    shape: re.Pattern[str], type_: str, view: NormalizedText, start: int, end: int
) -> Iterable[RuleMatch]:
    if shape.fullmatch(view.text[start:end]) is None:
        return ()
    return (RuleMatch(type_, start, end, f"rule:{type_.lower()}-column", Strength.CONTEXT, 0.85),)


def _person(view: NormalizedText, start: int, end: int) -> Iterable[RuleMatch]:
    value = view.text[start:end]
    words = value.lower().replace(",", " ").split()
    if not words or words[0] in STOP_WORDS or not DEPARTMENTS.isdisjoint(words) or len(value) > 48:
        return ()
    whole = _NAME_LIKE.fullmatch(value)
    named = "," in value or (len(words) > 1 and any(is_given_name(word) for word in words))
    if whole is not None and named and any(map(str.isupper, value)):
        return (RuleMatch("PERSON", start, end, "rule:person-column", Strength.CONTEXT, 0.85),)
    hits = tuple(person(view, start, lower=True, rule="rule:person-column"))
    return tuple(inverted(view, hit) for hit in hits if hit.start - start < 12 and hit.end <= end)


_INITIALS = re.compile(r"(?:[A-ZÀ-Þ](?:h|j)?\.? ?){1,5}")


def _initials(view: NormalizedText, start: int, end: int) -> Iterable[RuleMatch]:
    if _INITIALS.fullmatch(view.text[start:end]) is None:
        return ()
    return (RuleMatch("PERSON", start, end, "rule:person-initials", Strength.CONTEXT, 0.8),)


def _secret(view: NormalizedText, start: int, end: int) -> Iterable[RuleMatch]:
    value = view.text[start:end]
    if not value.isalnum() and (" " in value or len(value) < 6 or len(set(value)) < 4):
        return ()  # words, or stars instead of it
    if not any(map(str.isdigit, value)):
        return ()
    return (
        RuleMatch("SECRET", start, end, "secret:column", Strength.SECRET, 0.9, FindingKind.SECRET),
    )


def _birth(view: NormalizedText, start: int, end: int) -> Iterable[RuleMatch]:
    fits = _DATE.fullmatch(view.text[start:end]) and is_birth_year(view.text[start:end])
    return _cell(_DATE, "DATE_OF_BIRTH", view, start, end) if fits else ()


def _bsn(view: NormalizedText, start: int, end: int) -> Iterable[RuleMatch]:
    digits = "".join(filter(str.isdigit, view.text[start:end]))
    if not bsn.is_valid(digits):
        return ()
    return (RuleMatch("BSN", start, end, "rule:bsn-column", Strength.CHECKSUM, 0.95),)


_NAME_HEADERS = (
    r"naam|name|klant|customer|contact|contactpersoon|medewerker|employee|achternaam|voornaam"
    r"|roepnaam|first[_ ]?name|last[_ ]?name|surname|full[_ ]?name|klantnaam|customer[_ ]?name"
    r"|patiënt|patient|cliënt|client|huurder|tenant|bewoner|leerling|student|pupil|lid|member"
    r"|deelnemer|participant|behandelaar|chauffeur|driver|eigenaar|owner|assignee|toegewezen"
    r"|aanvrager|sollicitant|applicant|kandidaat|candidate|leidinggevende|manager|mentor"
    r"|volledige naam|vorname|nachname|nom|prénom|nombre|apellidos?|cognome|monteur|verzekerde"
    r"|gast|guest|contact_name|ouder|parent"
)
_KINDS: tuple[tuple[str, Check], ...] = (
    (_NAME_HEADERS, _person),
    (r"voorl(?:etters?|\.)?|initialen|initials?", _initials),
    (
        (
            r"geb(?:oorte)?\.?[ _]?datum|geboren(?: op)?|geb\.?|dob|d\.o\.b\.?|date[ _]of[ _]birth"
            r"|birth[_ ]?(?:date|day)|geburtsdatum|date de naissance|fecha de nacimiento"
            r"|data di nascita"
        ),
        _birth,
    ),
    (r"pin(?:[ _-]?code)?|password|passwd|wachtwoord|ww|toegangscode|access[ _]code", _secret),
    (r"bsn|burgerservicenummer|sofinummer", _bsn),
    (
        (r"rijbewijs(?:nr\.?|nummer)?|driving[_ ]?licen[cs]e(?:[_ ]?(?:no\.?|number))?"),
        partial(_cell, re.compile(r"\d{10}|[A-Z9]{5}\d{6}[A-Z9]{2}\w{3}"), "DRIVING_LICENCE"),
    ),
    (
        (
            r"paspoort(?:nr\.?|nummer)?|id-?bewijs|(?:personal)?ausweis(?:nr\.?|nummer)?"
            r"|passport(?:[_ ]?(?:no\.?|number))?"
        ),
        partial(_cell, re.compile(r"(?=\D*\d\D*\d\D*\d)[A-Z0-9]{7,9}"), "PASSPORT_ID"),
    ),
    (
        r"kvk(?:[-_ ]?n(?:ummer|r\.?))?|coc(?:[-_ ]?n(?:o\.?|umber))?",
        partial(_cell, re.compile(r"\d{8}"), "KVK"),
    ),
    (r"agb(?:[-_ ]?(?:code|nummer))?", partial(_cell, re.compile(r"\d{2}-?\d{6}"), "AGB_CODE")),
    (
        r"big(?:[-_ ]?(?:nummer|nr\.?|registratie))?",
        partial(_cell, re.compile(r"\d{11}"), "BIG_NUMBER"),
    ),
    (
        r"v[-_ ]?n(?:ummer|r)|vreemdelingennummer|ind[-_ ]?n(?:ummer|r)",
        partial(_cell, re.compile(r"\d{10}"), "V_NUMBER"),
    ),
    (
        (
            r"tel\.?(?:nr|efoon(?:nummer)?)?|telefoon|mobiel|mobiele nummer|phone(?:[ _]?number)?"
            r"|mobile|gsm|06(?:-nummer)?"
        ),
        partial(_cell, _PHONE, "PHONE"),
    ),
    (
        (
            r"adres|straat|address|street|street[_ ]?address|straat en huisnummer|bezoekadres"
            r"|adresse|woonadres|address[_ ]?line[_ ]?1"
        ),
        partial(_cell, _STREET, "STREET_ADDRESS"),
    ),
    (
        r"woonplaats|plaats|stad|city|town|residence|ort|wohnort|ville|ciudad|città|gemeente",
        partial(_cell, _CITY, "CITY"),
    ),
    (
        r"postcode|post[_ ]?code|pc|zip(?:[ _]?code)?|postal[_ ]?code|plz",
        partial(_cell, _POSTCODE, "POSTCODE"),
    ),
    (r"kenteken|plate|licen[cs]e[_ ]?plate|registration", partial(_cell, _PLATE, "LICENSE_PLATE")),
)
_NAMES_OF_COLUMNS = [(re.compile(words, re.IGNORECASE), check) for words, check in _KINDS]


def check_of(name: str) -> Check | None:
    """Return the check for values of a column of this name; None for an unknown name."""
    return next((check for words, check in _NAMES_OF_COLUMNS if words.fullmatch(name)), None)


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
    if _cell_of(header, column, sign).strip(" \"'*_`") == "":
        return
    for row, line in _lines(view, stop + 1, (cell, sign, count, column)):
        cells = line.split(sign)
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
    while start < end and view.text[start] in ' "*_`\r':
        start += 1
    while end > start and view.text[end - 1] in ' "*_`\r':
        end -= 1
    return cell(view, start, end) if start < end else ()


_BEFORE = r"(?:^|\n|[,;|\t]|[.!?:] |  )[\"' *_]{0,3}"
_AFTER = r"[\"' *_]{0,3}(?:[,;|\t]|\r?\n|  )"
RULES: tuple[Rule, ...] = tuple(
    Rule(rf"{_BEFORE}(?:{words}){_AFTER}", True, partial(_column, cell)) for words, cell in _KINDS
)
