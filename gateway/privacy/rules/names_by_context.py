"""Names of people by what stands before them: titles, greetings, keys and phrases."""

import re
from collections.abc import Iterable
from functools import partial

from gateway.privacy.detect.normalized_text import NormalizedText, RuleMatch, Strength, is_word
from gateway.privacy.lexicons.loader import alternation, entries
from gateway.privacy.lexicons.names import (
    AMBIGUOUS_NAMES,
    BRANDS,
    COMPANY_WORDS,
    DEPARTMENTS,
    GIVEN_NAMES,
    PARTICLES,
    STOP_WORDS,
    SURNAMES,
    TITLE_WORDS,
    VERBS,
)
from gateway.privacy.lexicons.places import CITIES_AND_COUNTRIES, STREET_ENDINGS
from gateway.privacy.rules.rule import Rule

_TOKEN = re.compile(
    r"(?:(?:[^\W\d_]|Ph|Th|Chr|Joh|Tj|Fr|Ch|Jac|Sj|IJ|Alb)\.(?:-?[^\W\d_]\.){0,4}|v/d|v\.d\."
    r"|['][^\W\d_]+"
    r"|[^\W\d_](?:[^\W\d_]|['\u0300-\u036f-])*)"
)
_TITLE = re.compile(
    r"(?:(?:de heer|heer|mevrouw|mevr|mw|dhr|meneer|mijnheer|drs|ir|ing|mr|mrs|ms|miss|dr|prof|"
    r"professor|herr|frau|doctor|en/of|familie|fam|ds|zr|sir|lady|hr|mister|mej|bc|msc"
    r"|em)\b\.? ?){1,4}",
    re.IGNORECASE,
)
_ANY_FIRST = GIVEN_NAMES | AMBIGUOUS_NAMES
_NICKNAME = re.compile(r" [\"'(][^\W\d_]{2,14}[\"')] (?=[^\W\d_])")
_REACH = 96
_DIGIT = re.compile(r" \d")
_CAPITAL_PARTICLES = frozenset([
    "Van",
    "De",
    "Den",
    "Der",
    "El",
    "Vande",
    "Van't",
    "Ten",
    "Ter",
    "Te",
    "Von",
    "Du",
    "La",
    "Le",
])
_NO_NAME = frozenset([
    "B.V.",
    "N.V.",
    "U.S.",
    "V.S.",
    "E.U.",
    "U.K.",
    "V.O.F.",
    "P.S.",
    "N.B.",
    "T.A.V.",
    "Q.E.D.",
])
_SEPARATOR = re.compile(
    r"(?: ?\([^()\n]{1,40}\)| <[^<>\n]{3,80}>)?(?: ?[,;/]\s{0,3}(?:en |and |& )?| (?:en|and|&|und"
    r"|et|y|e) )"
)
_LIST = 60
_LONGEST = 5  # words that are names


_INITIAL_BEHIND = re.compile(r" [A-Z]\b\.?")
_INITIALS_BEHIND = re.compile(r", ?(?:[A-Z]\.-?){1,4}(?: (?:van|de|der|den|ter|ten)){0,3}")
_WRITER = re.compile(
    r"(?:[A-ZÀ-Þ][\w'.-]*+(?: (?:van|de|den|der|el|ter|von|di|da"
    r"|del))* ?){1,4}(?:<[^<>\n]{3,70}> ?)?$"
)


def name_at(
    view: NormalizedText, at: int, *, lower: bool = False, any_case: bool = False
) -> tuple[int, int, int]:
    """Start, end and number of name words (particles not counted) of the name that begins at ``at``.

    ``lower`` also takes known names without capitals, ``any_case`` any word that may be one.
    Nothing there: the count is 0.
    """
    text = view.text[at : at + _REACH]
    position, end, count = 0, 0, 0
    kind = ""
    while True:
        match = _TOKEN.match(text, position)
        if match is None:
            break
        token = match[0]
        bare = token.removesuffix("'s").removesuffix("'").rstrip("-'")
        before, kind = kind, _kind(bare, lower=lower, any_case=any_case, inside=position > 0)
        if count >= _LONGEST and kind == "name" and before == "name":
            break  # but never between a particle and its name
        if kind == "" or (
            kind == "particle" and not text.startswith(" ", match.end()) and not bare.endswith("'")
        ):
            break
        if bare in _BEFORE_ARTICLE and not _ARTICLE.match(text, match.end()):
            break  # "Riet in Goirle", not "Riet in 't Veld"
        position = match.end()
        if kind == "name":
            if (
                count
                and bare.lower().endswith(STREET_ENDINGS)
                and (
                    _DIGIT.match(text, match.end())
                    or (any_case and _OF_A_STREET.search(text[end:position]))
                )
            ):
                break
            count += 1
            end = match.start() + len(bare)
        if bare != token:
            break
        nickname = _NICKNAME.match(text, position) if kind == "name" else None
        position = nickname.end() if nickname else position + text.startswith((" ", "-"), position)
    if not count or _is_other(view, at, at + end):
        return at, at, 0
    return at, at + end, count


_PARTICLES = frozenset(PARTICLES) | {"v/d", "v.d.", "v.", "vd", "uit", "aan"}
_NEVER_FIRST = frozenset(("uit", "aan", "v.", "op", "in", "y", "und"))
_BEFORE_ARTICLE = frozenset(("in", "op", "uit", "aan"))
_ARTICLE = re.compile(r" (?:['’]t|d[eo]n?|der|het|ter) ", re.IGNORECASE)
_OF_A_STREET = re.compile(r" (?:aan|van|in|op) (?:de|het) [a-z]+$")
_BEFORE_OTHER = frozenset(("st.", "sint", "st", "&"))


def _kind(token: str, *, lower: bool, any_case: bool, inside: bool) -> str:
    if not token:  # only the genitive of what stands before it, as in "Jan J.'s"
        return ""
    folded, first = token.lower(), token[0]
    small = first.islower()
    loud = len(token) > 1 and token.isupper()
    if folded in _PARTICLES and (small or loud or token in _CAPITAL_PARTICLES or first == "'"):
        return "particle" if inside or folded not in _NEVER_FIRST else ""
    if small:
        if not (lower or any_case):
            return ""
        known = lower and (folded in SURNAMES or folded.capitalize() in GIVEN_NAMES)
        known = known or (
            any_case and len(folded) > 2 and folded not in VERBS and folded not in DEPARTMENTS
        )
        return "name" if known and folded not in STOP_WORDS else ""
    if not inside and (folded in STOP_WORDS or folded in DEPARTMENTS):
        return ""
    if (
        (folded in STOP_WORDS and folded not in ("have", "prins"))
        or folded in CITIES_AND_COUNTRIES
        or first == "'"
    ):
        return ""
    if not first.isupper() or folded.rstrip(".") in COMPANY_WORDS or (loud and folded in VERBS):
        return ""
    return "name" if token[-1] == "." or not _camel(token) else ""


def _camel(token: str) -> bool:
    inner = token[1:].lstrip("abcdefghijklmnopqrstuvwxyz")
    return (
        bool(inner)
        and inner[0].isupper()
        and not token.isupper()
        and not token.startswith((
            "Mc",
            "Mac",
            "De",
            "Di",
            "Van",
            "Le",
            "La",
            "O'",
            "D'",
            "IJ",
            "Ter",
            "Ten",
        ))
        and "-" not in token
        and "'" not in token
    )


def _is_other(view: NormalizedText, start: int, end: int) -> bool:
    """Whether the words are a company, a brand, a department, a street or a place after all."""
    lower = view.lower
    behind = lower[end : end + 40].partition("\n")[0].lstrip("- ,'").split(None, 1)
    following = behind[0] if behind else ""
    if following == "&" or following.strip(",;:()") in COMPANY_WORDS:
        return True
    name = lower[start:end]
    words = name.replace("-", " ").split()
    if name in BRANDS or (len(words) > 1 and not DEPARTMENTS.isdisjoint(words)):
        return True
    if following[:1].isdigit() and words[-1].endswith(STREET_ENDINGS):
        return True
    preceding = lower[max(0, start - 8) : start].rsplit(None, 1)
    return bool(preceding) and preceding[-1] in _BEFORE_OTHER


def person(
    view: NormalizedText,
    at: int,
    *,
    least: int = 1,
    lower: bool = False,
    any_case: bool = False,
    rule: str = "rule:person",
    strength: Strength = Strength.CONTEXT,
) -> Iterable[RuleMatch]:
    """The person whose name, or title and name, begins at a place."""
    title = _TITLE.match(view.lower[at : at + 40])
    if title is not None:
        at += title.end()
        least = 1
    at += view.text[at : at + 3].startswith(" ")
    start, end, count = name_at(view, at, lower=lower, any_case=any_case)
    if count < least and not (count and known(view.text[start:end])):
        return ()
    name = view.text[start:end]
    if count == 1 and (name.endswith(".") or len(name) < 2 or (name.isupper() and len(name) < 5)):
        return ()
    return (RuleMatch("PERSON", start, end, rule, strength, 0.85),)


_LOWER_START = frozenset(name.lower() for name in _ANY_FIRST) | SURNAMES | PARTICLES | TITLE_WORDS


def _may_begin(view: NormalizedText, at: int) -> bool:
    """Whether a name or title may stand at a place: cheap, for words that are seldom followed by one."""
    first = view.at(at)
    if not first.islower():
        return True
    word = view.text[at : at + 16].split(" ", 1)[0].rstrip(".,;:!?)'s\n")
    return word in _LOWER_START or "\n" in word or "'" in word or "-" in word or "." in word


def known(word: str) -> bool:
    """Whether it is a first name and nothing else."""
    return word.capitalize() in GIVEN_NAMES and word.capitalize() not in AMBIGUOUS_NAMES


def is_likely(name: str) -> bool:
    """Whether words with capitals hold a part that only names have."""
    words = name.replace("-", " ").split()
    return any(
        word.capitalize() in _ANY_FIRST
        or word.lower() in SURNAMES
        or word.lower() in PARTICLES
        or word[1:2] == "."
        for word in words
    )


def _no_capitals(view: NormalizedText, at: int) -> bool:
    around = view.text[max(0, at - 60) : at + 40]
    return around == around.lower() and around.count(" ") > 2


def _titled(view: NormalizedText, start: int, end: int) -> Iterable[RuleMatch]:
    if is_word(view.at(start - 1)) or view.at(start - 1) in ("/", "-"):
        return ()
    # "mr" and "ms" are words of speech too, "dr" and "ir" parts of codes: the long forms are not.
    spoken = end - start > 5 and _no_capitals(view, start)
    return person(view, end, lower=True, any_case=spoken, rule="rule:person-title")


def _greeted(view: NormalizedText, start: int, end: int) -> Iterable[RuleMatch]:
    """A greeting opens a line; inside a sentence it is an ordinary word."""
    left = view.text[max(0, start - 12) : start].rstrip(" \t")
    if left and left[-1] not in "\n\"'>:*-,(.!?|\\n]":
        return
    first = tuple(person(view, end, lower=True, rule="rule:person-greeting"))
    yield from first
    for hit in first:
        yield from listed(view, hit.end)


def listed(
    view: NormalizedText, at: int, *, lines: bool = False, loose: bool = False
) -> Iterable[RuleMatch]:
    """Further names behind a first one, with commas, semicolons or ``en`` between them."""
    for _ in range(_LIST):
        match = _SEPARATOR.match(view.text[at : at + 130])
        if match is None or ("\n" in match[0] and not lines):
            return
        hits = tuple(person(view, at + match.end(), rule="rule:person-list"))
        if not hits or hits[0].end <= at:
            return
        name = view.text[hits[0].start : hits[0].end]
        if not loose and not known(name) and ("," in match[0] or not is_likely(name)):
            return
        yield hits[0]
        at = inverted(view, hits[0]).end if ";" in match[0] else hits[0].end
        initial = _INITIAL_BEHIND.match(view.text[at : at + 4])
        at += initial.end() if initial else 0


def _signed(view: NormalizedText, start: int, end: int) -> Iterable[RuleMatch]:
    if is_word(view.at(start - 1)):
        return ()
    end -= 1
    for sign in ("\\n", "\n", "\r\n", " ", ",", "- "):
        for _ in range(3):
            end += len(sign) if view.text.startswith(sign, end) else 0
    for hit in person(view, end, lower=True, rule="rule:person-sign-off"):
        following = view.text[hit.end : hit.end + 2].strip(" ")
        if not following or following[0] in "\n,.|\\(/\"'<-&":
            return (hit, *listed(view, hit.end))
    return ()


def _on_behalf(view: NormalizedText, start: int, end: int) -> Iterable[RuleMatch]:
    """``Namens de commissie,`` and a name on the next line."""
    line = view.text.find("\n", end, end + 60)
    if is_word(view.at(start - 1)) or line < 0:
        return ()
    hits = tuple(person(view, line + 1, rule="rule:person-sign-off"))
    return hits if hits and view.at(hits[0].end) in ("", "\n", ",") else ()


def _introduced(least: int, view: NormalizedText, start: int, end: int) -> Iterable[RuleMatch]:
    if is_word(view.at(start - 1)):
        return ()
    spoken = least == 1 and "naam is" in view.lower[start:end] and _no_capitals(view, start)
    if not spoken and not _may_begin(view, end):
        return ()
    hits = tuple(
        person(view, end, least=least, lower=True, any_case=spoken, rule="rule:person-phrase")
    )
    titled = _TITLE.match(view.lower[end : end + 40]) is not None
    if least == 2 and hits and not titled and not is_likely(view.text[hits[0].start : hits[0].end]):
        return ()
    return hits


def _keyed(least: int, view: NormalizedText, start: int, end: int) -> Iterable[RuleMatch]:
    if is_word(view.at(start - 1)) and view.at(start - 1) != "_":
        return
    at = end
    if view.text[end - 1] == "(":  # "Aanwezig (voor): ..."
        close = view.text.find("):", end, end + 20)
        if close < 0:
            return
        at = close + 2
    while at < end + 16 and view.at(at) in (" ", '"', "'", "*", "\t", "`", "|", "["):
        at += 1
    for hit in person(view, at, lower=True, rule="rule:person-key"):
        whole = inverted(view, hit)
        name = view.text[hit.start : hit.end]
        if (
            least == 1
            or (" " in name and (least == 2 or is_likely(name)))
            or known(name)
            or whole.end > hit.end
        ):
            yield whole
            yield from listed(view, whole.end, lines=least != 2, loose=True)


def inverted(view: NormalizedText, hit: RuleMatch) -> RuleMatch:
    """``Vries, J. de`` as one name, where the part behind the comma is initials."""
    match = _INITIALS_BEHIND.match(view.text[hit.end : hit.end + 32])
    end = hit.end + match.end() if match else hit.end
    return RuleMatch("PERSON", hit.start, end, hit.rule, hit.strength, hit.score)


_LETTERED = re.compile(
    r"(?:gang|hal|blok|groep|klas|variant|optie|bijlage|gate|aisle|row|section|building|annex"
    r"|appendix"
    r"|option|group|class|type|vitamine?|categorie|category|zone|lijn|line|plan|vak|deel|part|unit"
    r"|punt"
    r"|stap|step|loods|gebouw|afslag|uitgang|ingang|exit|entrance|schema|tabel|table|figuur|figure"
    r"|vleugel|wing"
    r"|kolom|column|fase|phase|team|track|hepatitis|poort|rij|sectie) $"
    r"|° ?$"
)


def _initials(view: NormalizedText, start: int, end: int) -> Iterable[RuleMatch]:
    """``J.P. de Vries``: initials with a surname behind them."""
    if is_word(view.at(start - 1)) or view.at(start - 1) in (".", "-", "/", "'", "&"):
        return ()
    begin, stop, count = name_at(view, start)
    surname = view.text[end:stop].strip()
    if count < 2 or len(surname) < 3 or view.text[start:end].strip() in _NO_NAME:
        return ()
    if view.text[start:end].count(".") == 1 and _is_letter_mark(view, start):
        return ()
    return (RuleMatch("PERSON", begin, stop, "rule:person-initials", Strength.CONTEXT, 0.85),)


def _is_letter_mark(view: NormalizedText, start: int) -> bool:
    """``A. Niets doen``, ``in gang F. Morgen``: a letter that counts, or that ends a sentence."""
    if _LETTERED.search(view.lower[max(0, start - 16) : start]):
        return True
    if view.text[max(0, start - 3) : start].rpartition("\n")[2].strip(" \t") not in (
        "",
        "(",
        "-",
        "*",
    ):
        return False
    if view.at(start - 1) not in ("", "\n", " ", "(") or (
        start and "\n" not in view.text[max(0, start - 3) : start]
    ):
        return False
    letter = ord(view.text[start])
    window = view.text[max(0, start - 2000) : start + 2000]
    return any(
        f"\n{chr(other)}. " in window for other in (letter - 1, letter + 1) if 64 < other < 91
    )


def _wrote(view: NormalizedText, start: int, end: int) -> Iterable[RuleMatch]:
    """``On Monday, Eva Kuhn <eva@x.nl> wrote:``."""
    left = view.text[max(0, start - 120) : start]
    match = _WRITER.search(
        left,
    )
    if match is None:
        return ()
    return person(view, start - len(left) + match.start(), least=2, rule="rule:person-header")


_TITLES = alternation("titles.patterns.txt")
_GREETINGS = alternation("greetings.patterns.txt")
_SIGN_OFFS = alternation("sign_offs.patterns.txt")
_PHRASES = alternation("name_phrases.patterns.txt")
_ROLES = alternation("roles.patterns.txt")
_WEAK_KEYS = alternation("name_keys.weak.patterns.txt")
RULES: tuple[Rule, ...] = (
    Rule(rf"\b(?:{_TITLES})\.? ", True, _titled),
    Rule(rf"\b(?:{_GREETINGS}),? ", True, _greeted),
    Rule(rf"\b(?:{_SIGN_OFFS})[,.!]?\s", True, _signed),
    Rule(r"\b(?:namens|on behalf of) ", True, _on_behalf),
    Rule(rf"\b(?:{_PHRASES}) ", True, partial(_introduced, 1)),
    Rule(rf"\b(?:{_ROLES}) ", True, partial(_introduced, 2)),
    *(
        Rule(rf"(?:{key})[\"'*`\] ]{{0,4}}[:=|(]", True, partial(_keyed, 1))
        for key in entries("name_keys.patterns.txt")
    ),
    *(
        Rule(rf"\b(?:{key})[\"'*`\] ]{{0,4}}[:=|(]", True, partial(_keyed, 3))
        for key in entries("name_keys.loose.patterns.txt")
    ),
    Rule(rf"\b(?:{_WEAK_KEYS})[\"'*`\]]{{0,3}}\s{{0,2}}[:=|]", True, partial(_keyed, 2)),
    Rule(r"\b(?:[A-Z]|Ph|Th|Chr|Joh|Tj|Jac|IJ)\.(?:[ \-]?[A-Z]\.){0,4} ?", False, _initials),
    Rule(r" (?:wrote|schreef|schrieb|a écrit|escribió|ha scritto|napisała?|skrev):", True, _wrote),
)
