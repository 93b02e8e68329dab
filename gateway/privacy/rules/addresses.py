"""Where people live: streets with a house number, postcodes, and towns beside them."""

import re
from collections.abc import Iterable

from gateway.privacy.rules.identifiers import Rule, as_digits
from gateway.privacy.rules.words import MONTHS, STOP, STREET_ENDS
from gateway.privacy.view import Hit, Strength, View, is_word

_NUMBER = re.compile(
    r"(?:\d{1,5}|[lIO]\d{1,2}|\d[O])(?: ?(?:t/m|tot en met|tot|en|&|-|–) ?\d{1,4}(?!\d))?(?:[- ]?(?:bis|hs|rood|zwart|[IVX]{1,4}|[A-Za-z])(?![\w']))?"
    r"(?:[-/]\d{1,4}[a-z]?(?!\d))?(?:,?\s{1,14}(?:bus|box|apt\.?|flat|unit|loods|app\.|kamer|unit|hal|BIS|HS|etage) ?\w{0,5})?(?:, \d{1,2}º ?[A-Z]?)?"
)
_WORD = re.compile(r"[^\W\d_][\w'.\u0300-\u036f-]*")
_TOWN = re.compile(
    r"(?:'s-|'t |d'|Sint |St\. |Den |De |Het |Ter |La |Le |Bad |San |Santa |New |Saint-)?"
    r"[A-ZÀ-Þ][\w'\u0300-\u036f-]+"
    r"(?: (?:aan (?:den?|het)|op|am|on|upon|a/d|sur|del|di|in|bij) (?:den? |het )?[A-ZÀ-Þ][\w'-]+)?"
    r"(?: (?:en (?:Rodenrijs|Duin|Terschuur)|IJssel|Rijn|Maas|Zuid|Noord|Oost|West|Haag|Bosch|Zoom|Aires|York|City|Waal))?"
)
_NOT_STREET = (
    "snelweg", "onderweg", "vandaag", "fietspad", "arbeidsmarkt", "markt", "woningmarkt", "bos",
    "huizenmarkt", "hoek", "spoorweg", "autoweg", "wijk", "haven", "dam", "park", "rijksweg", "baan",
    "hof", "gerechtshof", "ring", "speelveld", "halfweg", "pad", "weg", "invoerveld", "tekstveld", "veld",
    "snelkoppeling", "vakantiepark", "bedrijvenpark", "wagenpark", "kamp", "erf", "luchthaven",
    "rechtbank", "invulveld", "werkveld", "rijbaan", "startbaan", "loopbaan", "amsterdam", "rotterdam",
    "zaandam", "schiedam", "volendam", "edam", "tilburg", "limburg", "middelburg", "hamburg",
    "supermarkt", "lagerplatz", "stellplatz", "parkplatz", "arbeitsplatz", "sitzplatz", "spielplatz", "loods", "zoekveld", "ervaring", "verbinding", "jaarring", "vering",
)  # fmt: skip
# Two letters behind a number that measure or count more often than they make a postcode.
_UNITS = frozenset((
    "KG", "EU", "KM", "CM", "MM", "ML", "GB", "MB", "TB", "KB", "HZ", "PK", "KW", "EN", "OF",
    "IN", "OP", "SA", "SD", "SS", "BV", "NV", "VA", "UE", "AD", "BC", "ST", "GR", "LB", "PC",
    "DM", "MG", "TN", "PR", "DZ", "DS", "VP", "RO", "BX", "CT", "EA", "HR", "MW", "GW", "AH",
    "KN", "PS", "SF", "FT", "OZ", "LT", "CL", "DL", "HL", "CC", "PX", "PT", "MS", "NM", "MP",
    "KV", "KN", "TL", "EX", "BP", "RP", "RD", "AM", "PM", "US", "UK", "NL", "BE", "IS", "AS",
    "TO", "ON", "OR", "IF", "AT", "WK", "JR", "MD", "ND", "TH", "VS", "BY", "DE", "HA", "MT",
    "QT", "PP", "UU", "MA", "IE",
))  # fmt: skip
_MONTH_BEFORE = re.compile(rf"(?<![^\W\d_])(?:{'|'.join(MONTHS)})\.? $")
_COUNTED = re.compile(
    r"(?:bevat|weegt|gewicht|aantal|totaal|qty|quantity|weighs?|weight|contains|max|min|artikel|art\.|voorraad"
    r"|stock|levert|leveren|bestel\w*|order|capaciteit|van|circa|ca\.|ongeveer|about|over|x) ?[:=]? ?$"
)
_AFTER = re.compile(
    r"[ ,\n|;]{1,3}(?P<code>(?:[A-Z]{1,2}-)?\d{4,5}|\d{2}-\d{3}|\d{3} \d{2})[ ,]{1,2}"
)
_PLACED = (
    "adres", "woon", "address", "straat:", "aan de", "op de ", "naar de ", "in de ", "bij de ",
)  # fmt: skip
_GAP = re.compile(r"[ \t]{0,2}[,|;]?[ \n\t]{0,2}(?:te |in |\")?")
_TO_TOWN = re.compile(r",? (?:te |in )|, ")
_CODE_BEHIND = re.compile(r",? ?\d{4} ?[a-z]{2}\b")
_BEFORE_WORD = re.compile(
    r"(?:(?:[A-ZÀ-Þ][\w'-]++|(?:Burg|Prof|Dr|Mr|St|Ds|Gen|Ir|Pres|Past|Jhr|Adm|[A-Z])\.) ?(?:(?:van|de|den|der|het|ten|ter|'t) ){0,3}){1,4}$"
)
_BEHIND_KIND = re.compile(
    r"(?:(?:[A-ZÀ-Þ](?:[\w'.-]++|[\w'.-]+(?=\d))|van|de|den|der|het|'t|di|dei|delle|degli|della|dell|del|la|du|des|los|las|d')[ ']?){1,5}"
    r",? ?(?:n[°º.]? ?)?(?=\d)"
)
_BEFORE_KIND = re.compile(
    r"(?:(?:Flat|Apt\.?|Unit|Apartment|Suite) \w{1,4},?\s)?"
    r"(?:(?:[A-Z][\w'-]+ ){1,2}(?:House|Cottage|Court|Lodge|Farm|Villa|Barn|Mill|Hall|Tower|Manor),\s)?"
    r"\d{1,5}[A-Za-z]?,? (?:rue |bis )?"
    r"(?:[A-ZÀ-Þ][\w'.-]+ ){0,3}[A-ZÀ-Þ][\w'.-]+$"
)
_HOUSE_NAME = re.compile(
    r"\w{1,4},?\s(?:[A-Z][\w'-]+ ){1,2}(?:House|Cottage|Court|Lodge|Farm|Villa|Barn|Mill|Hall|Tower|Manor"
    r"|Buildings|Mansions|Heights|Point|Gardens)\b"
)
_SPOKEN_BEFORE = re.compile(r"\b(?:at|to|on|is|in|of|address|live|lives|lived|from) $")
_FIRST_NUMBER = re.compile(r"\D+?\s" + _NUMBER.pattern + r"(?!\w)|\d+\w? [A-Z][\w' ]+")
_FRENCH = re.compile(r"(?:(?:des|de|du|les|la|le|l'|d'|Saint|[A-ZÀ-Þ][\w'-]+)(?![a-z])[ -]?){1,6}")
_SPOKEN_STREET = re.compile(r"[a-z]{4,} \d{1,4}[ ,]{1,2}$")
_ANY_STREET = re.compile(
    r"(?P<street>(?:[A-ZÀ-Þ'][\w'.-]*|\d+e) (?:(?:[A-ZÀ-Þ][\w'.-]*|van|de|den|der|het|'t|ten|ter|\d+e) )"
    r"{0,5}\d{1,5}(?:[- ]?[A-Za-z]{1,3})?(?:-\d{1,3})?)[ ]?[,;|\n]?[ \n\"]{0,2}$"
)
_CAPITALS = re.compile(r"(?:[A-Z][a-z]+ ?){1,3}$")
_FOREIGN_CODE = re.compile(r"[\"' ]{0,3}([A-Z]{0,2}-?\d{2,5}[- ]?\d{0,3}[A-Z]{0,2})\b")


def _hit(type_: str, start: int, end: int, *, score: float = 0.85) -> Hit:
    return Hit(type_, start, end, f"rule:{type_.lower()}", Strength.CONTEXT, score)


def _town(view: View, at: int) -> Iterable[Hit]:
    match = _TOWN.match(view.text[at : at + 60])
    if match is None or match[0].lower() in STOP or len(match[0]) < 2:
        return ()
    if len(match[0]) < 4 and match[0].isupper():
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
    gap = _TO_TOWN.match(view.text[end : end + 5])
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
    folded = word.lower()
    if folded.endswith(("aring", "ering", "iring", "oring", "uring")):
        return ()
    if number is None or folded in _NOT_STREET or is_word(view.at(digits_at + number.end())):
        return ()
    before = view.before(begin, 40)
    named = any(one in before for one in _PLACED) and (
        len(word) > 7 or "adres" in view.before(begin, 20)
    )
    follows = _CODE_BEHIND.match(
        view.text[digits_at + number.end() : digits_at + number.end() + 12]
    )
    named = named or follows is not None
    if not word or (not word[0].isupper() and not named and word[:1] != "'"):
        return ()
    stop = digits_at + number.end()
    return tuple(_around(view, _widen(view, begin), stop))


def _widen(view: View, begin: int) -> int:
    """Take in words before the street word, as in ``Burgemeester van Rooijenlaan``."""
    left = view.text[max(0, begin - 48) : begin]
    match = _BEFORE_WORD.search(left)
    if match is None:
        return begin
    words = match[0].split()
    named = [index for index, word in enumerate(words) if word.lower().endswith("adres")]
    words = words[named[-1] + 1 :] if named else words
    while words and (words[0].lower() in STOP or words[0].lower() in ("wonend", "straat")):
        words.pop(0)
    kept = " ".join(words)
    if match[0][-1:] != " ":
        return begin
    start = begin - len(kept) - 1 if kept else begin
    return start if not kept or view.text[start : start + len(kept)] == kept else begin


def _opening(view: View, start: int, end: int) -> Iterable[Hit]:
    """Streets that begin with their kind: ``Laan van Meerdervoort 12``, ``Via Roma 3``."""
    if is_word(view.at(start - 1)):
        return ()
    match = _BEHIND_KIND.match(view.text[end : end + 60])
    if match is None:
        return ()
    number = _NUMBER.match(view.text[end + match.end() : end + match.end() + 24])
    return tuple(_around(view, start, end + match.end() + number.end())) if number else ()


_DATED = re.compile(
    r"\d (?:January|February|March|April|May|June|July|August|September|October|November|December)$"
)


def _english_street(view: View, start: int, end: int) -> Iterable[Hit]:
    """``14B Orchard Lane``: a number and capitalised words before the kind of street."""
    left = view.text[max(0, start - 72) : start]
    match = _BEFORE_KIND.search(left)
    if match is None or is_word(view.at(end)) or _DATED.search(match[0]):
        return ()
    return tuple(_around(view, start - len(match[0]), end))


def _english_flat(view: View, start: int, end: int) -> Iterable[Hit]:
    """``Flat 9, Sycamore House``: a part of a named house."""
    match = None if is_word(view.at(start - 1)) else _HOUSE_NAME.match(view.text[end : end + 60])
    return () if match is None else (_hit("STREET_ADDRESS", start, end + match.end()),)


def _spoken_street(view: View, start: int, end: int) -> Iterable[Hit]:
    """``eleven rowan close``, where a place is spoken of."""
    left = view.lower[max(0, start - 24) : start]
    spoken = _SPOKEN_BEFORE.search(left) and not is_word(view.at(end))
    return (_hit("STREET_ADDRESS", start, end, score=0.7),) if spoken else ()


_KEYED = re.compile(
    r"(?P<quote>[\"'`]?)(?:adres: )?(?P<street>(?:[A-ZÀ-Þ'][\w'.\-]*|\d{1,4}[a-z]?)(?:[ ](?:[\w'.\-º/&]+)){0,6})"
)


def _keyed(view: View, start: int, end: int) -> Iterable[Hit]:
    """What stands behind ``adres:`` or ``"straat":``, up to the house number."""
    if is_word(view.at(start - 1)) and view.at(start - 1) not in "_ -":
        return ()
    while view.at(end) in (" ", "\t"):
        end += 1
    match = _KEYED.match(view.text[end : end + 70])
    if match is None or "@" in match[0]:
        return ()
    value = match["street"].rstrip(".-")
    closed = match["quote"] and view.text.startswith(match["quote"], end + match.end("street"))
    number = _FIRST_NUMBER.match(value)
    if number is None and not closed:
        return ()
    begin = end + match.start("street")
    stop = begin + (len(value) if closed or number is None else number.end())
    return tuple(_around(view, begin, stop))


def _damaged_postcode(view: View, start: int, end: int) -> Iterable[Hit]:
    """``35ll AP``: letters for digits, behind the word for a postcode or before a town in capitals."""
    raw = view.text[start:end]
    digits = as_digits(raw[:4])
    if raw[:4] == digits or not digits.isdigit() or not view.stands_alone(start, end):
        return ()
    if sum(map(str.isdigit, raw[:4])) < 2:
        return ()
    keyed = "postcode" in view.before(start, 24) or "pc" in view.before(start, 6)
    line = view.at(start - 1) in ("\n", "") and view.text[end : end + 3].strip().isupper()
    return (_hit("POSTCODE", start, end),) if keyed or line or _street_before(view, start) else ()


def _french_street(view: View, start: int, end: int) -> Iterable[Hit]:
    match = _FRENCH.match(view.text[end : end + 60])
    if match is None or is_word(view.at(start - 1)):
        return ()
    stop = end + len(match[0].rstrip(" -"))
    return tuple(_around(view, start, stop))


_AT_A_PLACE = re.compile(r"\b(?:wonende?|woonachtig|gevestigd) (?:te|in) $")


def _postcode(view: View, start: int, end: int) -> Iterable[Hit]:
    raw = view.text[start:end]
    letters, digits = raw[-2:].upper(), int(raw[:4])
    if not view.stands_alone(start, end) or raw[-2].isupper() != raw[-1].isupper():
        return ()
    if (
        raw[-2:].islower()
        and 1900 <= digits <= 2099
        and _MONTH_BEFORE.search(view.before(start, 16))
    ):
        return ()  # "Op 13 mei 2024 om 08:52"
    street = _street_before(view, start)
    gap = _GAP.match(view.text[end : end + 8])
    towns = tuple(_town(view, end + (gap.end() if gap else 0)))
    spoken = _SPOKEN_STREET.search(view.text[max(0, start - 32) : start])
    keyed = spoken or any(w in view.near(start, 48) for w in ("postcode", "postal", "zip", "pc:"))
    placed = towns and _AT_A_PLACE.search(view.lower, max(0, start - 16), start)
    if not (street or keyed or placed) and (
        letters in _UNITS or _COUNTED.search(view.near(start, 16))
    ):
        return ()
    if raw[-2:].islower() and not (street or keyed):
        return ()
    if 1900 <= digits <= 2099 and not (street or towns or keyed):
        return ()
    return (_hit("POSTCODE", start, end), *towns, *street)


def _street_before(view: View, start: int) -> tuple[Hit, ...]:
    """Any capitalised words with a number right before a postcode are a street."""
    left = view.text[max(0, start - 64) : start]
    match = _ANY_STREET.search(left)
    if match is None:
        return ()
    if match["street"].split()[0].lower() in STOP and not match["street"].startswith("It "):
        return ()
    begin = start - len(left) + match.start("street")
    return (_hit("STREET_ADDRESS", begin, begin + len(match["street"]), score=0.8),)


_KINDS_BEFORE = {"via", "calle", "rue"}
_HOUSE = re.compile(
    r"(?P<street>(?:[A-ZÀ-Þ][\w'.\-]*|ul\.|al\.|via|calle|rue)(?: (?:[A-ZÀ-Þ][\w'.\-]*|\w{1,3})){0,4} \d{1,4}(?: ?[A-Za-z])?"
    r"(?:/(?:\d{1,3}|[a-z]))?)(?:, ?\d{1,2}\. ?[ºª°](?: ?[A-Z]\b)?)?[ ]?,?[ \n]{0,2}$"
)


def _foreign_line(view: View, start: int, end: int) -> Iterable[Hit]:
    """``Lindenallee 5, 47533 Kleve``: a postcode and a town behind anything with a house number."""
    towns = tuple(_town(view, end - 1))
    left = view.text[max(0, start - 60) : start + 1].rstrip(" ,\n")
    match = _HOUSE.search(left.rpartition("\n")[2] if "\n" in left else left)
    if not towns or match is None or match["street"].split()[0].lower() in STOP - _KINDS_BEFORE:
        return ()
    place = view.text.rfind(match["street"], 0, start + 1)
    street = _hit("STREET_ADDRESS", place, place + len(match["street"].rstrip()), score=0.75)
    return (street, _hit("POSTCODE", start + 1, end - 2), *towns)


def _prefixed_postcode(view: View, start: int, end: int) -> Iterable[Hit]:
    towns = tuple(_town(view, end - 1))
    if not towns or view.at(start - 1) in ("-", "/") or not view.at(end).islower():
        return ()
    return (_hit("POSTCODE", start, end - 2), *towns)


def _american(view: View, start: int, end: int) -> Iterable[Hit]:
    if not view.stands_alone(start + 5, end):
        return ()
    left = _CAPITALS.search(view.text[max(0, start - 30) : start])
    towns = () if left is None else (_hit("CITY", start - len(left[0]), start),)
    return (_hit("POSTCODE", start + 5, end), *towns)


def _uk_postcode(view: View, start: int, end: int) -> Iterable[Hit]:
    return (_hit("POSTCODE", start, end),) if view.stands_alone(start, end) else ()


def _coded(view: View, start: int, end: int) -> Iterable[Hit]:
    """A foreign postcode behind its own key."""
    match = _FOREIGN_CODE.match(view.text[end : end + 16])
    if match is None:
        return ()
    return (_hit("POSTCODE", end + match.start(1), end + match.end(1)),)


# Behind a key or a verb even words that no list knows are one town, up to the end of the field.
_TOWN_OF_WORDS = re.compile(
    r"(?:[A-ZÀ-Þ][^\W\d_]+[ -]){1,2}[A-ZÀ-Þ][^\W\d_]+(?=[ \t]*(?:[\n\r,;|\"]|\Z))"
)


def _residence(view: View, start: int, end: int) -> Iterable[Hit]:
    """A town behind ``woonachtig in``, ``born in`` or a key such as ``woonplaats:``."""
    if is_word(view.at(start - 1)):
        return ()
    at = end
    while (
        at < end + 4 and view.at(at) in (" ", '"', "'", "*") and not view.text.startswith("'s-", at)
    ):
        at += 1
    whole = _TOWN_OF_WORDS.match(view.text[at : at + 40])
    return (_hit("CITY", at, at + whole.end()),) if whole else _town(view, at)


_UP_TO_PLACE = re.compile(r"[^\n]{0,24} (?:in|te) ", re.IGNORECASE)


def _birthplace(view: View, start: int, end: int) -> Iterable[Hit]:
    """A town further on behind a word for being born: ``geboren op 3 mei 1990 te Ede``."""
    match = _UP_TO_PLACE.match(view.text, end)
    return () if match is None else _residence(view, start, match.end())


_KINDS = (
    "Street|Road|Lane|Avenue|Drive|Close|Court|Crescent|Terrace|Gardens|Square|Boulevard|Grove|Mews|Hill"
    "|Way|Place|Row|Walk|Rise|Green|Parade|St|Rd|Ave|Ln|Dr|Blvd|Cottages|Quay|Wharf|Yard|Vale|Croft|Esplanade"
    "|Broadway|Embankment|Circus"
)
_SPOKEN = (
    "one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen"
    "|eighteen|nineteen|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety|hundred"
)

RULES: tuple[Rule, ...] = (
    *((rf"{end} [0-9lO]", True, _dutch_street) for end in (*STREET_ENDS, "str\\.")),
    ((r"(?:adres|straat|straatnaam|street|address|straße|strasse|indirizzo|adresse|dirección|adres1|address1|line1"
     r"|street_name|street_address|bezoekadres|postadres|woonadres)[\"'*`]{0,2}\s{0,8}[:=]"), True, _keyed),
    (r"\badres ", True, _keyed),
    (r"\b[0-9OlISBZ]{4} ?[A-Z]{2}\b", False, _damaged_postcode),
    (r"\b(?:Flat|Apartment|Apt|Unit) ", False, _english_flat),
    ((rf"\b(?:{_SPOKEN})(?:[ \-](?:{_SPOKEN}))? [a-z]{{3,14}} (?:street|road|lane|avenue|drive|close|court|crescent"
     r"|terrace|gardens|row|way|place|grove)\b"), False, _spoken_street),
    ((r"\b(?:Laan|Weg|Plein|Kade|Markt|Hof|Park|Via|Viale|Piazza|Corso|Calle|Avenida|Plaza|Paseo"
     r"|Stationsweg|Burgemeester|Boulevard|ul\.|al\.|Am|An der|Straat|Singel|Oude|Nieuwe|Rue|Avenue|via|viale"
     r"|piazza|calle|avenida|plaza|paseo|corso|Rua|rua|Achterom|Achter|Dijk|Zeedijk|Auf der|In der|Zum|Zur|Alte) "),
     False, _opening),
    (rf"[ \n](?:{_KINDS})\b", False, _english_street),
    (r"\b\d{1,4}(?: ?(?:bis|ter))?,? (?:rue|avenue|boulevard|place|allée|chemin|impasse|quai) ", True,
     _french_street),
    (r"\b[1-9]\d{3} {0,2}[A-Z]{2}\b", True, _postcode),
    (r"[, \n](?:[A-Z]{1,2}-)?\d{4,5} [A-Z]", False, _foreign_line),
    (r"\b[A-Z]{1,2}-\d{4,5} [A-Z]|\b(?:\d{2}|\d{4})-\d{3} [A-Z]", False, _prefixed_postcode),
    (r", [A-Z]{2} \d{5}(?:-\d{4})?\b", False, _american),
    (r"\b[A-Z]{1,2}\d[A-Z\d]? \d[A-Z]{2}\b", False, _uk_postcode),
    (r"\b(?:postcode|postal ?code|zip(?: ?code)?|plz|postnummer|code postal|cap|postal_code)[\"' ]{0,2}[:=]",
     True, _coded),
    (r"\b(?:born|geboren|geb\.) ", True, _birthplace),
    ((r"(?:wonend (?:te|in)|woonachtig (?:te|in)|wo(?:ont|on|nen)(?: [a-z]+){0,3} (?:te|in)|geboren (?:te|in)|verhuisd? naar"
     r"|afkomstig uit|lives in|living in|born in|resid(?:es|ing|ent) (?:in|of)|moved to|based in"
     r"|(?:woon|geboorte)plaats(?:[\"' ]{0,2}[:=]| is)|\b(?:plaats|plaatsnaam|stad|city|town|gemeente|residence|ort|ville|ciudad|comune|miejscowość|miasto|bostadsort)"
     r"[\"']{0,1} ?[:=]|wohnhaft in|né[e]? à|vive en|abita a|mieszka w|bor i) ?"), True, _residence),
)  # fmt: skip
