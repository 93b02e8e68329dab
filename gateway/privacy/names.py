"""Names of people by what stands before them: titles, greetings, keys; and by known first names."""

import re
from collections.abc import Iterable
from functools import partial

from gateway.privacy.identifiers import Rule
from gateway.privacy.view import Hit, Strength, View, is_word
from gateway.privacy.words import (
    AMBIGUOUS_NAMES,
    COMPANY,
    FIRST_NAMES,
    PARTICLES,
    PLACES,
    STOP,
    STREET_ENDS,
    SURNAMES,
)

_TOKEN = re.compile(
    r"(?:[^\W\d_]\.(?:-?[^\W\d_]\.){0,4}|['][^\W\d_]+|[^\W\d_](?:[^\W\d_]|['\u0300-\u036f-])*)"
)
_TITLE = re.compile(
    r"(?:(?:de heer|heer|mevrouw|mevr|mw|dhr|meneer|mijnheer|drs|ir|ing|mr|mrs|ms|miss|dr|prof|"
    r"professor|herr|frau|doctor|en/of|familie|fam|ds|zr|sir|lady)\b\.? ?){1,4}",
    re.IGNORECASE,
)
_REACH = 96
_DIGIT = re.compile(r" \d")
_TITLE_RULE = "rule:person-title"


def name_at(view: View, at: int, *, lower: bool = False) -> tuple[int, int, int]:
    """Start, end and number of name words (particles not counted) of the name that begins at ``at``.

    ``lower`` also takes known names without capitals. Nothing there: the count is 0.
    """
    text = view.text[at : at + _REACH]
    position, end, count = 0, 0, 0
    while count < 5:
        match = _TOKEN.match(text, position)
        if match is None:
            break
        token = match[0]
        bare = token.removesuffix("'s").removesuffix("'").rstrip("-'")
        kind = _kind(bare, lower=lower)
        if kind == "" or (kind == "particle" and not text.startswith(" ", match.end())
                          and not bare.endswith("'")):  # fmt: skip
            break
        position = match.end()
        if kind == "name":
            if count and bare.lower().endswith(STREET_ENDS) and _DIGIT.match(text, match.end()):
                break
            count += 1
            end = match.start() + len(bare)
        if bare != token:
            break
        position += text.startswith((" ", "-"), position)
    if not count or _is_other(view, at, at + end):
        return at, at, 0
    return at, at + end, count


def _kind(token: str, *, lower: bool) -> str:
    folded = token.lower()
    if folded in PARTICLES and (token[0].islower() or token in ("Van", "De", "Den", "Der", "El")):
        return "particle"
    if token[0].islower():
        known = lower and (folded in SURNAMES or folded.capitalize() in FIRST_NAMES)
        return "name" if known and folded not in STOP else ""
    if folded in STOP or folded in PLACES or folded.rstrip(".") in COMPANY or token[0] == "'":
        return ""
    if token.endswith("."):
        return "name" if token[0].isupper() else ""
    return "name" if token[0].isupper() and not _camel(token) else ""


def _camel(token: str) -> bool:
    inner = token[1:].lstrip("abcdefghijklmnopqrstuvwxyz")
    return bool(inner) and inner[0].isupper() and not token.isupper() and not token.startswith(
        ("Mc", "Mac", "De", "Di", "Van", "Le", "La", "O'", "D'")
    ) and "-" not in token and "'" not in token  # fmt: skip


def _is_other(view: View, start: int, end: int) -> bool:
    """Whether the words are a company, a street or a place after all."""
    following = view.lower[end : end + 40].partition("\n")[0].lstrip("- ,'").split()
    if following and (following[0].strip(",;:()") in COMPANY or following[0] == "&"):
        return True
    words = view.lower[start:end].replace("-", " ").split()
    street = words[-1].endswith(STREET_ENDS) and following[:1] and following[0][0].isdigit()
    preceding = view.lower[max(0, start - 8) : start].split()
    return bool(street) or bool(preceding and preceding[-1] in ("st.", "sint", "st", "&"))


def _person(view: View, at: int, *, least: int = 1, lower: bool = False, rule: str = "rule:person",
            strength: Strength = Strength.CONTEXT, score: float = 0.85) -> Iterable[Hit]:  # fmt: skip
    title = _TITLE.match(view.lower[at : at + 40])
    if title is not None:
        at += title.end()
        least = 1
    at += view.text[at : at + 3].startswith(" ")
    start, end, count = name_at(view, at, lower=lower)
    if count < least and not (count and _known(view.text[start:end])):
        return ()
    if count == 1 and (view.text[start:end].endswith(".") or end - start < 2):
        return ()
    return (Hit("PERSON", start, end, rule, strength, score),)


def _known(word: str) -> bool:
    return word.capitalize() in FIRST_NAMES and word.capitalize() not in AMBIGUOUS_NAMES


def _titled(view: View, start: int, end: int) -> Iterable[Hit]:
    if is_word(view.at(start - 1)):
        return ()
    return _person(view, end, lower=True, rule=_TITLE_RULE)


def _greeted(view: View, start: int, end: int) -> Iterable[Hit]:
    """A greeting opens a line; inside a sentence it is an ordinary word."""
    left = view.text[max(0, start - 12) : start].rstrip(" \t")
    if left and left[-1] not in "\n\"'>:*-,(.!?|\\n":
        return ()
    return _person(view, end, lower=True, rule="rule:person-greeting")


def _signed(view: View, start: int, end: int) -> Iterable[Hit]:
    if is_word(view.at(start - 1)):
        return ()
    for hit in _person(view, end, lower=True, rule="rule:person-sign-off"):
        following = view.text[hit.end : hit.end + 2].strip(" ")
        if not following or following[0] in "\n,.|\\(/\"'<-":
            return (hit,)
    return ()


def _introduced(least: int, view: View, start: int, end: int) -> Iterable[Hit]:
    if is_word(view.at(start - 1)):
        return ()
    return _person(view, end, least=least, lower=True, rule="rule:person-phrase")


def _keyed(least: int, view: View, start: int, end: int) -> Iterable[Hit]:
    if is_word(view.at(start - 1)) and view.at(start - 1) != "_":
        return ()
    at = end
    while at < end + 8 and view.at(at) in (" ", '"', "'", "*", "\t", "`", "|"):
        at += 1
    for hit in _person(view, at, lower=True, rule="rule:person-key"):
        whole = _inverted(view, hit)
        name = view.text[hit.start : hit.end]
        if least == 1 or " " in name or _known(name) or whole.end > hit.end:
            return (whole,)
    return ()


def _inverted(view: View, hit: Hit) -> Hit:
    """``Vries, J. de`` as one name, where the part behind the comma is initials."""
    match = re.match(r", ?(?:[A-Z]\.-?){1,4}(?: (?:van|de|der|den|ter|ten)){0,3}",
                     view.text[hit.end : hit.end + 32])  # fmt: skip
    end = hit.end + match.end() if match else hit.end
    return Hit("PERSON", hit.start, end, hit.rule, hit.strength, hit.score)


def _initials(view: View, start: int, end: int) -> Iterable[Hit]:
    """``J.P. de Vries``: initials with a surname behind them."""
    if is_word(view.at(start - 1)) or view.at(start - 1) == ".":
        return ()
    begin, stop, count = name_at(view, start)
    surname = view.text[end:stop].strip()
    if count < 2 or len(surname) < 3 or view.text[start:end].strip() in ("B.V.", "N.V.", "U.S."):
        return ()
    return (Hit("PERSON", begin, stop, "rule:person-initials", Strength.CONTEXT, 0.85),)


def _first_name(view: View, start: int, end: int) -> Iterable[Hit]:
    """A known first name: with a name behind it, or alone when it is no ordinary word."""
    if (
        is_word(view.at(start - 1))
        or is_word(view.at(end))
        or view.at(start - 1) in ("@", "/", ".")
    ):
        return ()
    begin, stop, count = name_at(view, start)
    word = view.text[start:end]
    if not count or view.at(stop) in ("@", "_", "/"):
        return ()
    if count >= 2:
        return (Hit("PERSON", begin, stop, "rule:person-first-name", Strength.CONTEXT, 0.8),)
    if word in AMBIGUOUS_NAMES or view.at(end) == "-":
        return ()
    return (Hit("PERSON", begin, stop, "rule:person-lone", Strength.PLAIN, 0.6),)


def _lower_pair(view: View, start: int, end: int) -> Iterable[Hit]:
    """``sanne de vries``: a first name and a common surname, both without capitals."""
    if is_word(view.at(start - 1)) or not view.at(end).islower():
        return ()
    begin, stop, count = name_at(view, start, lower=True)
    if count < 2:
        return ()
    return (Hit("PERSON", begin, stop, "rule:person-lower", Strength.PLAIN, 0.6),)


def _column(view: View, start: int, end: int) -> Iterable[Hit]:
    """Names below a header cell such as ``naam`` in comma, semicolon, tab or pipe tables."""
    head = view.text.rfind("\n", max(0, start - 400), start) + 1
    stop = view.text.find("\n", end, end + 600)
    if stop < 0:
        return
    header = view.text[head:stop]
    sign = max(";\t|,", key=header.count)
    if not header.count(sign) or len(header) > 600 or ":" in header:
        return
    above = view.text[max(0, head - 600) : max(0, head - 1)].rpartition("\n")[2]
    if above.count(sign) == header.count(sign):
        return
    column = view.text.count(sign, head, start)
    at = stop + 1
    for _ in range(5000):
        line_end = view.text.find("\n", at)
        line = view.text[at : len(view.text) if line_end < 0 else line_end][:1000]
        cells = line.split(sign)
        if abs(len(cells) - 1 - header.count(sign)) > 1 or column >= len(cells):
            return
        offset = at + sum(len(cell) + 1 for cell in cells[:column])
        offset += len(cells[column]) - len(cells[column].lstrip(" \"'"))
        yield from _person(view, offset, lower=True, rule="rule:person-column")
        if line_end < 0:
            return
        at = line_end + 1


_KEYS = (
    "achternaam|voornaam|voornamen|roepnaam|contactpersoon|klantnaam|patiënt|patient|cliënt|client"
    "|medewerker|werknemer|aanvrager|huurder|verhuurder|bewoner|leerling|student|verzekerde|behandelaar"
    "|eigenaar|bestuurder|kandidaat|sollicitant|afzender|ontvanger|melder|gemachtigde|partner|kind"
    "|moeder|vader|klager|auteur|ondertekenaar|leidinggevende|chauffeur|huisarts|mentor|deelnemers?"
    "|aanwezig|afwezig|notulist|voorzitter|first[_ ]?name|last[_ ]?name|surname|full[_ ]?name|given[_ ]?name"
    "|family[_ ]?name|customer[_ ]?name|employee|assignee|applicant|candidate|tenant|landlord"
    "|insured|beneficiary|guardian|attendees|chair|reporter|driver|signed|caller|cardholder|spouse"
    "|vorname|nachname|prénom|apellidos?|nome e cognome|cognome|imię|nazwisko|förnamn|efternamn"
    "|kaarthouder|rekeninghouder|account holder|tenaamstelling|ten name van|next of kin"
)
_WEAK_KEYS = (
    "naam|name|klant|customer|contact|van|aan|from|to|cc|von|an|owner|user|author|manager|consultant"
    "|door|by|nom|nombre|nome|namn|namen|kunde|attn|t\\.a\\.v\\.|t\\.n\\.v\\.|betreft|re|betr"
)
_TITLES = (
    r"dhr|mevr|mw|mevrouw|meneer|mijnheer|de heer|familie|fam|juffrouw|dokter|drs|ir|ing|mr|mrs|ms"
    r"|miss|dr|prof|professor|herr|frau|monsieur|madame|mme|sra|señora?|signora?|sig|pani?|fru|dame"
)
_GREETINGS = (
    r"beste|geachte|hoi|hallo|hey|hé|hee|dag|lieve|hi|hello|dear|goedemorgen|goedemiddag"
    r"|goedenavond|goeiemorgen|morning|good (?:morning|afternoon)|sehr geehrter?|liebe[r]?|hej"
    r"|bonjour|chère?|estimad[oa]|hola|gentile|car[oa]|drog[ia]|szanown[ya]"
)
_SIGN_OFFS = (
    r"(?:groet|groeten|groetjes|gr\.|mvg|gegroet|hoogachtend|regards|sincerely|cheers|yours truly"
    r"|best wishes|thanks|bedankt|dank|cordialement|grüßen|grüße|saludos|saluti|pozdrawiam|hälsningar"
    r"|liefs|alvast dank|kind regards|best|rgds|namens)"
)
_PHRASES = (
    r"mijn naam is|ik heet|(?:je|u) spreekt met|gesproken met|ten name van|t\.n\.v\.|t\.a\.v\."
    r"|afspraak met|overleg met|gesprek met|contact (?:op )?met|behandeld door|ondertekend door"
    r"|opgesteld door|ingediend door|my name is|on behalf of|attn:?|c/o|spoken (?:to|with)"
    r"|spoke (?:to|with)|meeting with|signed by|ich heiße|mein name ist|je m'appelle|me llamo"
    r"|mi chiamo|nazywam się|jag heter|cliënte?|patiënte?|verdachte|sollicitant|buurvrouw|buurman"
    r"|collega|zoon|dochter|echtgeno(?:ot|te)|moeder|vader|my (?:wife|husband|son|daughter|colleague)"
    r"|zijn vrouw|haar man|huisarts|patient|genaamd|named|client|our colleague|onze collega"
)
_LOOSE_PHRASES = r"ik ben|i am|i'm|this is|namens|met|van|door|aan|voor|with|from|for|by|to|and|en"


RULES: tuple[Rule, ...] = (
    (rf"\b(?:{_TITLES})\.? ", True, _titled),
    (rf"(?:{_GREETINGS}),? ", True, _greeted),
    (rf"{_SIGN_OFFS}[,.! ]{{0,3}}(?:\\n|\r?\n|[ ]){{1,3}}(?:- )?", True, _signed),
    (rf"(?:{_PHRASES}) ", True, partial(_introduced, 1)),
    (r"\b(?:ik ben|i am|i'm|this is) ", True, partial(_introduced, 2)),
    (rf"(?:{_KEYS})[\"'*`\]]{{0,3}}\s{{0,2}}[:=|]", True, partial(_keyed, 1)),
    (rf"\b(?:{_WEAK_KEYS})[\"'*`\]]{{0,3}}\s{{0,2}}[:=|]", True, partial(_keyed, 2)),
    (r"\b[A-Z]\.(?:[ \-]?[A-Z]\.){0,4} ?", False, _initials),
    (rf"\b(?:{_KEYS}|naam|name|klant|customer|contact|medewerker)[\"' ]{{0,2}}[,;|\t]", True, _column),
    # A literal each: an alternation of a thousand words takes a second to compile.
    *((re.escape(name), False, _first_name) for name in sorted(FIRST_NAMES)),
    *((f"{name.lower()} ", False, _lower_pair) for name in sorted(FIRST_NAMES) if name.isascii()),
    (r"[,;|\t][\"' ]{0,2}(?:naam|name|klant|customer|contactpersoon|medewerker|employee)[\"']?\r?\n",
     True, _column),
)  # fmt: skip
