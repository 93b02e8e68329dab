"""Where people live: streets with a house number, postcodes, and towns beside them."""

import re
from collections.abc import Iterable

from gateway.privacy.identifiers import Rule
from gateway.privacy.view import Hit, Strength, View, is_word
from gateway.privacy.words import STOP, STREET_ENDS

_NUMBER = re.compile(
    r"\d{1,5}(?:[- ]?(?:bis|hs|rood|zwart|[IVX]{1,4}|[A-Za-z])(?![\w']))?"
    r"(?:[-/]\d{1,4}[a-z]?(?!\d))?(?:,? (?:bus|box|apt\.?|flat|unit) \w{1,5})?"
)
_WORD = re.compile(r"[^\W\d_][\w'.\u0300-\u036f-]*")
_TOWN = re.compile(
    r"(?:'s-|'t |d'|Sint |St\. |Den |De |Het |Ter |La |Le |Bad |San |Santa |New |Saint-)?"
    r"[A-ZÀ-Þ][\w'\u0300-\u036f-]+"
    r"(?: (?:aan (?:den?|het)|op|am|on|upon|a/d|sur|del|di|in|bij) (?:den? |het )?[A-ZÀ-Þ][\w'-]+)?"
    r"(?: (?:IJssel|Rijn|Maas|Zuid|Noord|Oost|West|Haag|Bosch|Zoom|Aires|York|City|Waal))?"
)
_NOT_STREET = (
    "snelweg", "onderweg", "vandaag", "fietspad", "arbeidsmarkt", "markt", "woningmarkt", "bos",
    "huizenmarkt", "hoek", "spoorweg", "autoweg", "wijk", "haven", "dam", "park", "rijksweg", "baan",
    "hof", "gerechtshof", "ring", "speelveld", "halfweg", "pad", "weg", "invoerveld", "tekstveld", "veld",
    "snelkoppeling", "vakantiepark", "bedrijvenpark", "wagenpark", "kamp", "erf", "luchthaven",
    "rechtbank", "invulveld", "werkveld", "rijbaan", "startbaan", "loopbaan", "amsterdam", "rotterdam",
    "zaandam", "schiedam", "volendam", "edam", "tilburg", "limburg", "middelburg", "hamburg",
    "supermarkt", "loods", "zoekveld", "ervaring", "verbinding", "jaarring", "vering",
)  # fmt: skip
_UNITS = frozenset([
    "KG",
    "EU",
    "KM",
    "CM",
    "MM",
    "ML",
    "GB",
    "MB",
    "TB",
    "KB",
    "HZ",
    "PK",
    "KW",
    "EN",
    "OF",
    "IN",
    "OP",
    "SA",
    "SD",
    "SS",
    "BV",
    "NV",
    "VA",
    "UE",
    "AD",
    "BC",
])
_AFTER = re.compile(
    r"[ ,\n|;]{1,3}(?P<code>(?:[A-Z]{1,2}-)?\d{4,5}|\d{2}-\d{3}|\d{3} \d{2})[ ,]{1,2}"
)
_GAP = re.compile(r"[ \t]{0,2}[,|;]?[ \n\t]{0,2}(?:te |in |\")?")


def _hit(type_: str, start: int, end: int, *, score: float = 0.85) -> Hit:
    return Hit(type_, start, end, f"rule:{type_.lower()}", Strength.CONTEXT, score)


def _town(view: View, at: int) -> Iterable[Hit]:
    match = _TOWN.match(view.text[at : at + 60])
    if match is None or match[0].lower() in STOP or len(match[0]) < 2:
        return ()
    return (_hit("CITY", at, at + match.end()),)


def _around(view: View, start: int, end: int) -> Iterable[Hit]:
    """The street itself, and a foreign postcode or a town right behind it."""
    yield _hit("STREET_ADDRESS", start, end)
    following = _AFTER.match(view.text[end : end + 16])
    if following is not None:
        towns = tuple(_town(view, end + following.end()))
        if towns:
            yield _hit("POSTCODE", end + following.start("code"), end + following.end("code"))
            yield from towns
        return
    gap = re.match(r",? (?:te |in )|, ", view.text[end : end + 5])
    if gap is not None:
        yield from _town(view, end + gap.end())


def _dutch_street(view: View, start: int, end: int) -> Iterable[Hit]:
    """A word with a street ending before a number; capitals and particles before it belong to it."""
    begin = start
    while (
        begin > 0
        and start - begin < 40
        and (is_word(view.text[begin - 1]) or view.text[begin - 1] in "-'.")
    ):
        begin -= 1
    word = view.text[begin:end].rstrip("0123456789 ")
    digits_at = end - 1
    number = _NUMBER.match(view.text[digits_at : digits_at + 24])
    if number is None or word.lower() in _NOT_STREET or is_word(view.at(digits_at + number.end())):
        return ()
    named = any(
        w in view.before(begin, 40)
        for w in ("adres", "woon", "woont", "address", "straat:", "aan de")
    )
    if not word or (not word[0].isupper() and not named and word[:1] != "'"):
        return ()
    stop = digits_at + number.end()
    return tuple(_around(view, _widen(view, begin), stop))


def _widen(view: View, begin: int) -> int:
    """Take in words before the street word, as in ``Burgemeester van Rooijenlaan``."""
    left = view.text[max(0, begin - 48) : begin]
    match = re.search(
        r"(?:(?:[A-ZÀ-Þ][\w'-]+\.?|[A-Z]\.) (?:(?:van|de|den|der|het|ten|ter|'t) ){0,3}){1,4}$",
        left,
    )
    if match is None:
        return begin
    words = match[0].split()
    while words and (words[0].lower() in STOP or words[0].lower() in ("adres", "wonend", "straat")):
        words.pop(0)
    kept = " ".join(words)
    start = begin - len(kept) - 1 if kept else begin
    return start if not kept or view.text[start : start + len(kept)] == kept else begin


def _opening(view: View, start: int, end: int) -> Iterable[Hit]:
    """Streets that begin with their kind: ``Laan van Meerdervoort 12``, ``Via Roma 3``."""
    if is_word(view.at(start - 1)):
        return ()
    match = re.match(
        r"(?:(?:[A-ZÀ-Þ][\w'.-]+|van|de|den|der|het|'t|di|della|del|la|du|des|los|las|d')[ ']?){1,5}"
        r",? ?(?:n[°º.]? ?)?(?=\d)",
        view.text[end : end + 60],
    )
    if match is None:
        return ()
    number = _NUMBER.match(view.text[end + match.end() : end + match.end() + 24])
    return tuple(_around(view, start, end + match.end() + number.end())) if number else ()


def _english_street(view: View, start: int, end: int) -> Iterable[Hit]:
    """``14B Orchard Lane``: a number and capitalised words before the kind of street."""
    left = view.text[max(0, start - 48) : start]
    match = re.search(
        r"(?:(?:Flat|Apt\.?|Unit|Apartment|Suite) \w{1,4},? )?\d{1,5}[A-Za-z]?,? (?:rue |bis )?"
        r"(?:[A-ZÀ-Þ][\w'.-]+ ){0,3}[A-ZÀ-Þ][\w'.-]+$",
        left,
    )
    if match is None or is_word(view.at(end)):
        return ()
    return tuple(_around(view, start - len(match[0]), end))


def _french_street(view: View, start: int, end: int) -> Iterable[Hit]:
    match = re.match(
        r"(?:(?:de|du|des|la|le|les|l'|d'|Saint|[A-ZÀ-Þ][\w'-]+)[ -]?){1,6}",
        view.text[end : end + 60],
    )
    if match is None or is_word(view.at(start - 1)):
        return ()
    stop = end + len(match[0].rstrip(" -"))
    return tuple(_around(view, start, stop))


def _postcode(view: View, start: int, end: int) -> Iterable[Hit]:
    raw = view.text[start:end]
    letters, digits = raw[-2:].upper(), int(raw[:4])
    if letters in _UNITS or not view.stands_alone(start, end):
        return ()
    street = _street_before(view, start)
    gap = _GAP.match(view.text[end : end + 8])
    towns = tuple(_town(view, end + (gap.end() if gap else 0)))
    keyed = any(w in view.before(start, 20) for w in ("postcode", "postal", "zip", "pc:"))
    if raw[-2:].islower() and not (street or keyed):
        return ()
    if 1900 <= digits <= 2099 and not (street or towns or keyed):
        return ()
    return (_hit("POSTCODE", start, end), *towns, *street)


def _street_before(view: View, start: int) -> tuple[Hit, ...]:
    """Any capitalised words with a number right before a postcode are a street."""
    left = view.text[max(0, start - 64) : start]
    match = re.search(
        r"(?P<street>(?:[A-ZÀ-Þ'][\w'.-]*|\d+e) (?:(?:[A-ZÀ-Þ][\w'.-]*|van|de|den|der|het|'t|ten|ter|\d+e) )"
        r"{0,5}\d{1,5}(?:[- ]?[A-Za-z]{1,3})?(?:-\d{1,3})?)[ ]?[,;|\n]?[ \n\"]{0,2}$",
        left,
    )
    if match is None or match["street"].split()[0].lower() in STOP:
        return ()
    begin = start - len(left) + match.start("street")
    return (_hit("STREET_ADDRESS", begin, begin + len(match["street"]), score=0.8),)


def _uk_postcode(view: View, start: int, end: int) -> Iterable[Hit]:
    if not view.stands_alone(start, end):
        return ()
    return (_hit("POSTCODE", start, end),)


def _coded(view: View, start: int, end: int) -> Iterable[Hit]:
    """A foreign postcode behind its own key."""
    match = re.match(
        r"[\"' ]{0,3}([A-Z]{0,2}-?\d{2,5}[- ]?\d{0,3}[A-Z]{0,2})\b", view.text[end : end + 16]
    )
    if match is None:
        return ()
    return (_hit("POSTCODE", end + match.start(1), end + match.end(1)),)


def _residence(view: View, start: int, end: int) -> Iterable[Hit]:
    """A town behind ``woonachtig in``, ``born in`` or a key such as ``woonplaats:``."""
    if is_word(view.at(start - 1)):
        return ()
    at = end
    while (
        at < end + 4 and view.at(at) in (" ", '"', "'", "*") and not view.text.startswith("'s-", at)
    ):
        at += 1
    return _town(view, at)


_KINDS = (
    "Street|Road|Lane|Avenue|Drive|Close|Court|Crescent|Terrace|Gardens|Square|Boulevard|Grove|Mews|Hill"
    "|Way|Place|Row|Walk|Rise|Green|Parade|St|Rd|Ave|Ln|Dr|Blvd"
)
_ENDS = "|".join(sorted(STREET_ENDS))

RULES: tuple[Rule, ...] = (
    (rf"(?:{_ENDS}|str\.) \d", True, _dutch_street),
    ((r"\b(?:Laan|Weg|Plein|Kade|Markt|Hof|Park|Via|Viale|Piazza|Corso|Calle|Avenida|Plaza|Paseo"
     r"|Stationsweg|Burgemeester|Boulevard|ul\.|al\.|Am|An der|Straat|Singel|Oude|Nieuwe|Rue|Avenue) "),
     False, _opening),
    (rf" (?:{_KINDS})\b", False, _english_street),
    (r"\b\d{1,4}(?: ?(?:bis|ter))?,? (?:rue|avenue|boulevard|place|allée|chemin|impasse|quai) ", True,
     _french_street),
    (r"\b[1-9]\d{3} ?[A-Z]{2}\b", True, _postcode),
    (r"\b[A-Z]{1,2}\d[A-Z\d]? \d[A-Z]{2}\b", False, _uk_postcode),
    (r"\b(?:postcode|postal ?code|zip(?: ?code)?|plz|postnummer|code postal|cap|postal_code)[\"' ]{0,2}[:=]",
     True, _coded),
    (r"\b(?:born|geboren|geb\.|geboren op)[^\n]{1,24} (?:in|te) ", True, _residence),
    ((r"(?:wonend (?:te|in)|woonachtig (?:te|in)|wo(?:ont|on|nen)(?: [a-z]+){0,3} (?:te|in)|geboren (?:te|in)|verhuisd? naar"
     r"|afkomstig uit|lives in|living in|born in|resid(?:es|ing|ent) (?:in|of)|moved to|based in"
     r"|(?:woon|geboorte)plaats(?:[\"' ]{0,2}[:=]| is)|\b(?:plaats|stad|city|town|gemeente|residence|ort|ville|ciudad)"
     r"[\"']{0,1} ?[:=]|wohnhaft in|né[e]? à|vive en|abita a|mieszka w|bor i) ?"), True, _residence),
)  # fmt: skip
