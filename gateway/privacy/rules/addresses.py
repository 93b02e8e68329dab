"""Streets with a house number, in the forms of many countries."""

import re
from collections.abc import Iterable

from gateway.privacy.lexicons.loader import alternation, entries, words
from gateway.privacy.lexicons.names import STOP_WORDS
from gateway.privacy.lexicons.places import STREET_ENDINGS
from gateway.privacy.rules.cities import city, placed
from gateway.privacy.rules.rule import Rule
from gateway.privacy.rules.spoken_numbers import digits_of_word
from gateway.privacy.text.normalized_text import NormalizedText, RuleMatch, is_word

_NUMBER = re.compile(
    r"(?:[1-9]\d{0,4}|[lIO]\d{1,2}|\d[O])(?: ?(?:t/m|tot en met|tot|en|&|-"
    r"|–) ?\d{1,4}(?!\d))?(?:[- ]?(?:bis|hs|rood|zwart|[IVX]{1,4}"
    r"|[A-Za-z])(?![\w']))?(?:[-/][A-Z]?\d{1,4}[a-z]?(?!\d))?(?:,?\s{1,14}(?:bus|box|apt\.?|flat"
    r"|unit|loods|app\.|chalet|bungalow|appartement|huisje|ligplaats|kamer|unit|hal|BIS|HS"
    r"|etage) ?\w{0,5})?(?:, \d{1,2}\.?º(?: ?(?:izda|izq|dcha|der)\b\.?| ?[A-Z]\b)?)?(?:, (?:int\."
    r"|interno|scala|bte|lgh|pokój|m\.|esc\.) ?\w{1,5})?(?:,? \d{1,2}\. (?:OG|Stock"
    r"|Etage)(?: (?:links|rechts))?)?(?: ?\((?:boven|beneden|achter|voor|links|rechts"
    r"|\d{1,2}e (?:etage|verdieping))[\w ]{0,14}\))?(?:,? (?:bel-?etage|souterrain|parterre"
    r"|boven(?:woning|huis)?|beneden(?:woning|huis)?|achterhuis|voorhuis)(?![\w-]))?"
)
_ARTICLES = ("'s", "'t")  # 's-Gravendijk; any other apostrophe opens a literal
_NOT_RINGS = ("aring", "ering", "iring", "oring", "uring")  # verwarming, comparing
_NOT_STREET = words("not_streets.txt")
_AFTER = re.compile(
    r"(?:,? \d{1,2}\. (?:OG|Stock|Etage)(?: (?:links|rechts))?)?[ ,\n"
    r"|;]{1,3}(?P<code>(?:[A-Z]{1,2}-)?\d{4,5}|\d{2}-\d{3}|\d{3} \d{2})[ ,]{1,2}"
)
_PLACED = (
    "adres",
    "woon",
    "address",
    "straat:",
    "aan de",
    "op de ",
    "naar de ",
    "in de ",
    "bij de ",
)
_TO_CITY = re.compile(r",? (?:te |in )|, ")
_CODE_BEHIND = re.compile(r",? ?\d{4} ?[a-z]{2}\b")
_BEFORE_WORD = re.compile(
    r"(?:(?:[A-ZÀ-Þ][\w'-]++|(?:Burg|Prof|Dr|Mr|St|Ds|Gen|Ir|Pres|Past|Jhr|Adm"
    r"|[A-Z])\.) ?(?:(?:van|de|den|der|het|ten|ter|'t) ){0,3}){1,4}$"
)
_BEHIND_KIND = re.compile(
    r"(?![AEMN]\d{1,3}\b)(?:(?:[A-ZÀ-Þ](?:[\w'.-]++|[\w'.-]+(?=\d))|van|de|den|der|het|'t|di|dei"
    r"|delle|degli|della|dell|del|la|du|des|los|las|d')[ ']?){1,5},? ?(?:n[°º.]? ?)?(?=\d)"
)
_FLAT = (
    r"(?:(?:Top|Basement|Garden|Attic|Upper|Lower|(?:Ground|First)[ -][Ff]loor) )?"
    r"(?:[Ff]lat|Apt\.?|Unit|Apartment|Suite|[Rr]oom|ROOM)(?: \d?[\w/]{1,5})?"
)
_OF_HOUSES = (
    r"House|Cottage|Court|Lodge|Farm|Villa|Barn|Mill|Hall|Tower|Manor|Loft|Forge|Chapel|Rectory"
    r"|Vicarage|Grange|Stables|Schoolhouse|Bungalow|Maltings"
)
_BEFORE_KIND = re.compile(
    rf"(?:{_FLAT}(?: rear of|,)?\s)?(?:(?:[A-Z][\w'-]+ ){{1,3}}(?:{_OF_HOUSES}),\s)?"
    r"\d{1,5}[A-Za-z]?,? (?:rue |bis )?"
    r"(?:[A-ZÀ-Þ][\w'.-]+ ){0,3}[A-ZÀ-Þ][\w'.-]+$"
    rf"|(?:{_FLAT},\s)?(?:[A-Z][\w'-]+ ){{1,3}}(?:{_OF_HOUSES}), (?:[A-Z][\w'-]+ )?[A-Z][\w'-]+$"
)
_HOUSE_NAME = re.compile(
    r"\w{1,4},?\s(?:[A-Z][\w'-]+ ){1,2}(?:House|Cottage|Court|Lodge|Farm|Villa|Barn|Mill|Hall"
    r"|Tower|Manor|Buildings|Mansions|Heights|Point|Gardens)\b"
)
_NOT_IN_NAME = ("wonend", "straat", "ihre", "ihr", "ihren", "unsere", "meine", "wohnung")
_SPOKEN_NUMBER = re.compile(r"(?P<number>[a-zë]{3,24})(?![\w-]) ?(?P<after>[a-z]{0,12})")
_ANY_WORD = re.compile(r"[^\W\d_][\w'-]*\Z")
_LAST_WORD = re.compile(r"(?<!\w)[a-zë]{4,30}\Z")
_COUNTED = entries("counted_nouns.nl.txt")
_SPOKEN_BEFORE = re.compile(r"\b(?:at|to|on|is|in|of|address|live|lives|lived|from) $")
_FIRST_NUMBER = re.compile(r"\D+?\s" + _NUMBER.pattern + r"(?!\w)|\d+\w? [A-Z][\w' ]+")
_FRENCH = re.compile(r"(?:(?:des|de|du|les|la|le|l'|d'|Saint|[A-ZÀ-Þ][\w'-]+)(?![a-z])[ -]?){1,6}")


def _with_place(view: NormalizedText, start: int, end: int) -> Iterable[RuleMatch]:
    """Yield the street, and a foreign postcode or a city that follows it."""
    yield placed("STREET_ADDRESS", start, end)
    following = _AFTER.match(view.text[end : end + 34])
    if following is not None:
        cities = tuple(city(view, end + following.end()))
        if cities:
            yield placed("POSTCODE", end + following.start("code"), end + following.end("code"))
            yield from cities
        return
    gap = _TO_CITY.match(view.text[end : end + 5])
    if gap is not None:
        yield from city(view, end + gap.end())


def _dutch_street(view: NormalizedText, start: int, end: int) -> Iterable[RuleMatch]:
    """Find a word with a street ending before a number, with capitals and particles before it."""
    begin = start
    while (
        begin > 0
        and start - begin < 40
        and (is_word(view.text[begin - 1]) or view.text[begin - 1] in "-'.")
    ):
        begin -= 1
    begin += view.at(begin) == "'" and not view.text.startswith(_ARTICLES, begin)
    word = view.text[begin:end].rstrip("0123456789 ")
    digits_at = end - 1
    number = _NUMBER.match(view.text[digits_at : digits_at + 24])
    folded = word.lower()
    if folded.endswith(_NOT_RINGS):
        return ()
    if number is None or folded in _NOT_STREET or is_word(view.at(digits_at + number.end())):
        return ()
    before = view.before(begin, 40)
    announced = any(one in before for one in _PLACED) and (
        len(word) > 7 or "adres" in view.before(begin, 20)
    )
    follows = _CODE_BEHIND.match(
        view.text[digits_at + number.end() : digits_at + number.end() + 12]
    )
    announced = announced or follows is not None
    if not word or (not word[0].isupper() and not announced and word[:1] != "'"):
        return ()
    stop = digits_at + number.end()
    return tuple(_with_place(view, _widen(view, begin), stop))


def _widen(view: NormalizedText, begin: int) -> int:
    """Return the start including words before the street: ``Burgemeester van Rooijenlaan``."""
    left = view.text[max(0, begin - 48) : begin]
    if left[-12:].isupper():
        return begin  # in a text in capitals a capital means nothing
    match = _BEFORE_WORD.search(left)
    if match is None:
        return begin
    words = match[0].split()
    announced = [index for index, word in enumerate(words) if word.lower().endswith("adres")]
    words = words[announced[-1] + 1 :] if announced else words
    while words and (words[0].lower() in STOP_WORDS or words[0].lower() in _NOT_IN_NAME):
        words.pop(0)
    kept = " ".join(words)
    if match[0][-1:] != " ":
        return begin
    start = begin - len(kept) - 1 if kept else begin
    return start if not kept or view.text[start : start + len(kept)] == kept else begin


def _opening(view: NormalizedText, start: int, end: int) -> Iterable[RuleMatch]:
    """Find streets that begin with their kind: ``Laan van Meerdervoort 12``, ``Via Roma 3``."""
    if is_word(view.at(start - 1)):
        return ()
    match = _BEHIND_KIND.match(view.text[end : end + 60])
    if match is None:
        return ()
    number = _NUMBER.match(view.text[end + match.end() : end + match.end() + 24])
    return tuple(_with_place(view, start, end + match.end() + number.end())) if number else ()


_DATED = re.compile(
    r"\d (?:January|February|March|April|May|June|July|August|September|October|November|December)$"
)


def _english_street(view: NormalizedText, start: int, end: int) -> Iterable[RuleMatch]:
    """Find a number and capitalised words before the kind of a street: ``14B Orchard Lane``."""
    left = view.text[max(0, start - 96) : start]
    match = _BEFORE_KIND.search(left)
    if match is None or is_word(view.at(end)) or _DATED.search(match[0]):
        return ()
    return tuple(_with_place(view, start - len(match[0]), end))


def _english_flat(view: NormalizedText, start: int, end: int) -> Iterable[RuleMatch]:
    """Find a part of a named house: ``Flat 9, Sycamore House``."""
    match = None if is_word(view.at(start - 1)) else _HOUSE_NAME.match(view.text[end : end + 60])
    return () if match is None else (placed("STREET_ADDRESS", start, end + match.end()),)


def _spoken_dutch_street(view: NormalizedText, start: int, end: int) -> Iterable[RuleMatch]:
    """Find a spoken street and number: ``populierendreef honderdtwaalf``."""
    match = _SPOKEN_NUMBER.match(view.lower, end - 1)
    word = _LAST_WORD.search(view.text, max(0, end - 32), end - 2)
    if match is None or word is None or len(word[0]) < 7 or word[0] in _NOT_STREET:
        return ()
    if word[0].endswith(_NOT_RINGS):
        return ()
    number = match["number"]
    is_number = number.startswith("honderd") or digits_of_word(number)
    if not is_number or match["after"].startswith(_COUNTED):
        return ()
    return (placed("STREET_ADDRESS", word.start(), match.end("number"), score=0.7),)


_NUMBER_AFTER_WORD = re.compile(r"(?:huis)?nummer (?P<number>\d{1,5}[a-z]?|[a-zë]{3,24})(?![\w-])")


def _street_then_number(view: NormalizedText, start: int, end: int) -> Iterable[RuleMatch]:
    """Find a street and a number after its own word: ``Gasthuisstraat, nummer negen``."""
    word = _ANY_WORD.search(view.text, max(0, start - 30), start + 3)
    match = _NUMBER_AFTER_WORD.search(view.lower, start, end + 28)
    if word is None or match is None or not word[0][0].isupper():
        return ()
    number = match["number"]
    is_number = number[0].isdigit() or number.startswith("honderd") or digits_of_word(number)
    return (placed("STREET_ADDRESS", word.start(), match.end(), score=0.8),) if is_number else ()


def _spoken_street(view: NormalizedText, start: int, end: int) -> Iterable[RuleMatch]:
    """Find ``eleven rowan close`` after a word for a place."""
    left = view.lower[max(0, start - 24) : start]
    spoken = _SPOKEN_BEFORE.search(left) and not is_word(view.at(end))
    return (placed("STREET_ADDRESS", start, end, score=0.7),) if spoken else ()


# Before the word: an address of a network, a mailbox, a web page or a memory cell.
_OTHER_ADDRESS = re.compile(
    r"(?<![a-z])(?:ip|ipv4|ipv6|mac|e?-?mail|web|net|host|server|client|remote|local|listen|bind"
    r"|source|src|dest|dst|base|memory|wallet|contract|bus|node|peer)[_ -]?\Z"
)
_KEYED = re.compile(
    r"(?P<quote>[\"'`]?)(?:adres: )?(?P<street>(?:[A-ZÀ-Þ'][\w'.\-]*"
    r"|\d{1,4}[a-z]?)(?:[ ](?:[\w'.\-º/&]+)){0,6})"
)


def _keyed(view: NormalizedText, start: int, end: int) -> Iterable[RuleMatch]:
    """Find the value of ``adres:`` or ``"straat":``, up to the house number."""
    if is_word(view.at(start - 1)) and view.at(start - 1) not in "_ -":
        return ()
    if _OTHER_ADDRESS.search(view.lower, max(0, start - 12), start):
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
    return tuple(_with_place(view, begin, stop))


def _french_street(view: NormalizedText, start: int, end: int) -> Iterable[RuleMatch]:
    match = _FRENCH.match(view.text[end : end + 60])
    if match is None or is_word(view.at(start - 1)):
        return ()
    stop = end + len(match[0].rstrip(" -"))
    return tuple(_with_place(view, start, stop))


_KINDS = alternation("street_kinds.en.txt")
_SPOKEN = (
    "one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen"
    "|sixteen|seventeen"
    "|eighteen|nineteen|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety|hundred"
)

RULES: tuple[Rule, ...] = (
    *(Rule(rf"{end} [0-9lO]", True, _dutch_street) for end in (*STREET_ENDINGS, "str\\.")),
    Rule(
        (
            r"(?:adres|straat|straatnaam|street|address|straße|strasse|indirizzo|adresse|dirección"
            r"|adres1|address1|line1"
            r"|street_name|street_address|bezoekadres|postadres|woonadres)[\"'*`]{0,2}\s{0,8}[:=]"
        ),
        True,
        _keyed,
    ),
    Rule(r"\badres ", True, _keyed),
    Rule(r"\b(?:Flat|Apartment|Apt|Unit) ", False, _english_flat),
    Rule(
        (
            rf"\b(?:{_SPOKEN})(?:[ \-](?:{_SPOKEN}))? [a-z]{{3,14}} (?:street|road|lane|avenue"
            r"|drive|close|court|crescent|terrace|gardens|row|way|place|grove)\b"
        ),
        False,
        _spoken_street,
    ),
    Rule(
        (
            r"\b(?:Laan|Weg|Plein|Kade|Markt|Hof|Park|Via|Viale|Piazza|Corso|Calle|Avenida|Plaza"
            r"|Paseo|Stationsweg|Burgemeester|Boulevard|ul\.|al\.|Am|An der|Straat|Singel|Oude"
            r"|Nieuwe|Rue|Avenue|via|viale|piazza|calle|avenida|plaza|paseo|corso|Rua|rua|Achterom"
            r"|Achter|Dijk|Zeedijk|[Vv]icolo|[Cc]amino|[Rr]onda|[Cc]arrer|[Ss]trada|[Cc]/|Auf der"
            r"|In der|Zum|Zur|Alte) "
        ),
        False,
        _opening,
    ),
    Rule(
        r"[a-z](?:straat|laan|weg|plein|kade|gracht|dijk|singel|steeg|dreef|ring|hof|pad|weide"
        r"|horst) [a-z]",
        False,
        _spoken_dutch_street,
    ),
    Rule(
        r"(?:straat|laan|weg|plein|kade|gracht|dijk|singel|steeg|dreef|hof|pad"
        r"|einde),?[ \n](?:huis)?nummer [0-9a-z]",
        True,
        _street_then_number,
    ),
    Rule(rf"[ \n](?:{_KINDS})\b", False, _english_street),
    Rule(
        r"\b\d{1,4}(?: ?(?:bis|ter))?,? (?:rue|avenue|boulevard|place|allée|chemin|impasse|quai) ",
        True,
        _french_street,
    ),
)
