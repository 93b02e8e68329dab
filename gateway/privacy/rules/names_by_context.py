"""Names of persons by the words before them: titles, greetings, keys and phrases."""

import re
from collections.abc import Iterable
from functools import partial

from gateway.privacy.lexicons.loader import alternation, entries
from gateway.privacy.lexicons.names import (
    PARTICLES,
    SURNAMES,
    TITLE_WORDS,
)
from gateway.privacy.rules.field_values import is_label
from gateway.privacy.rules.person_names import (
    ANY_GIVEN,
    TITLE,
    inverted,
    is_given_name,
    is_likely,
    listed,
    name_at,
    person,
)
from gateway.privacy.rules.rule import Rule
from gateway.privacy.text.normalized_text import NormalizedText, RuleMatch, Strength, is_word
from gateway.privacy.text.sentences import without_capitals

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
_WRITER = re.compile(
    r"(?:[A-ZÀ-Þ][\w'.-]*+(?: (?:van|de|den|der|el|ter|von|di|da"
    r"|del))* ?){1,4}(?:<[^<>\n]{3,70}> ?)?$"
)
_LOWER_START = frozenset(name.lower() for name in ANY_GIVEN) | SURNAMES | PARTICLES | TITLE_WORDS


def _may_begin(view: NormalizedText, at: int) -> bool:
    """Whether a name or title may begin at a place: a cheap test."""
    first = view.at(at)
    if not first.islower():
        return True
    word = view.text[at : at + 16].split(" ", 1)[0].rstrip(".,;:!?)'s\n")
    return word in _LOWER_START or "\n" in word or "'" in word or "-" in word or "." in word


def _no_capitals(view: NormalizedText, at: int) -> bool:
    return without_capitals(view, at, at, 50).count(" ") > 2


def _titled(view: NormalizedText, start: int, end: int) -> Iterable[RuleMatch]:
    if is_word(view.at(start - 1)) or view.at(start - 1) in ("/", "-"):
        return ()
    # "mr" and "ms" are spoken words too, "dr" and "ir" parts of codes; the long forms are not.
    spoken = end - start > 5 and _no_capitals(view, start)
    return person(view, end, lower=True, any_case=spoken, rule="rule:person-title")


def _greeted(view: NormalizedText, start: int, end: int) -> Iterable[RuleMatch]:
    """Find the names after a greeting that opens a line; elsewhere it is an ordinary word."""
    left = view.text[max(0, start - 12) : start].rstrip(" \t")
    if left and left[-1] not in "\n\"'>:*-,(.!?|\\n]":
        return
    first = tuple(person(view, end, lower=True, rule="rule:person-greeting"))
    yield from first
    for hit in first:
        yield from listed(view, hit.end)


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
    """Find a name on the line after ``Namens de commissie,``."""
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
    titled = TITLE.match(view.lower[end : end + 40]) is not None
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
    quote = view.at(at - 1)
    if quote in "\"'" and is_label(view.text[at : at + 64].partition(quote)[0]):
        return  # of a form or a translation
    for hit in person(view, at, lower=True, rule="rule:person-key"):
        whole = inverted(view, hit)
        name = view.text[hit.start : hit.end]
        if (
            least == 1
            or (" " in name and (least == 2 or is_likely(name)))
            or is_given_name(name)
            or whole.end > hit.end
        ):
            yield whole
            yield from listed(view, whole.end, lines=least != 2, loose=True)


_LETTERED = re.compile(
    r"(?:gang|hal|blok|groep|klas|variant|optie|bijlage|gate|aisle|row|section|building|annex"
    r"|appendix|option|group|class|type|vitamine?|categorie|category|zone|lijn|line|plan|vak|deel"
    r"|part|unit|punt|stap|step|loods|gebouw|afslag|uitgang|ingang|exit|entrance|schema|tabel"
    r"|table|figuur|figure|vleugel|wing|kolom|column|fase|phase|team|track|hepatitis|poort|rij"
    r"|sectie|band|bag|cabinet|grade|kast|klasse|label|lade|level|locker|niveau|perron|platform|rack"
    r"|schap|shelf) $|° ?$"
)


def _initials(view: NormalizedText, start: int, end: int) -> Iterable[RuleMatch]:
    """Find initials and a surname: ``J.P. de Vries``."""
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
    """Whether it is a letter of a list or a place: ``A. Niets doen``, ``in gang F. Morgen``."""
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
    """Find the writer of a quoted message: ``On Monday, Eva Kuhn <eva@x.nl> wrote:``."""
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
