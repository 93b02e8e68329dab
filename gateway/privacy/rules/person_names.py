"""Parse the name of a person that begins at a place in a text."""

import re
from collections.abc import Iterable

from gateway.privacy.lexicons.names import (
    AMBIGUOUS_NAMES,
    BRANDS,
    COMPANY_WORDS,
    DEPARTMENTS,
    GIVEN_NAMES,
    PARTICLES,
    STOP_WORDS,
    SURNAMES,
    VERBS,
)
from gateway.privacy.lexicons.places import CITIES_AND_COUNTRIES, STREET_ENDINGS
from gateway.privacy.text.normalized_text import NormalizedText, RuleMatch, Strength

_TOKEN = re.compile(
    r"(?:(?:[^\W\d_]|Ph|Th|Chr|Joh|Tj|Fr|Ch|Jac|Sj|IJ|Alb)\.(?:-?[^\W\d_]\.){0,4}|v/d|v\.d\."
    r"|['][^\W\d_]+|[^\W\d_](?:[^\W\d_]|['\u0300-\u036f-])*)"
)
TITLE = re.compile(
    r"(?:(?:de heer|heer|mevrouw|mevr|mw|dhr|meneer|mijnheer|drs|ir|ing|mr|mrs|ms|miss|dr|prof|"
    r"professor|herr|frau|doctor|en/of|familie|fam|ds|zr|sir|lady|hr|mister|mej|bc|msc"
    r"|em)\b\.? ?){1,4}",
    re.IGNORECASE,
)
ANY_GIVEN = GIVEN_NAMES | AMBIGUOUS_NAMES
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
_SEPARATOR = re.compile(
    r"(?: ?\([^()\n]{1,40}\)| <[^<>\n]{3,80}>)?(?: ?[,;/]\s{0,3}(?:en |and |& )?| (?:en|and|&|und"
    r"|et|y|e) )"
)
_LONGEST_LIST = 60
_LONGEST = 5  # words of a name
_INITIAL_BEHIND = re.compile(r" [A-Z]\b\.?")
_INITIALS_BEHIND = re.compile(r", ?(?:[A-Z]\.-?){1,4}(?: (?:van|de|der|den|ter|ten)){0,3}")


def name_at(
    view: NormalizedText, at: int, *, lower: bool = False, any_case: bool = False
) -> tuple[int, int, int]:
    """Return start, end and number of words of the name that begins at ``at``.

    Particles are not counted; the count is 0 without a name. ``lower`` also accepts known names
    without capitals, ``any_case`` any word that may be a name.
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
        before, kind = kind, _kind(bare, lower=lower, any_case=any_case, continued=position > 0)
        if count >= _LONGEST and kind == "name" and before == "name":
            break  # but not between a particle and its name
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


def _kind(token: str, *, lower: bool, any_case: bool, continued: bool) -> str:
    if not token:  # only the genitive of an initial, as in "Jan J.'s"
        return ""
    folded, first = token.lower(), token[0]
    small = first.islower()
    loud = len(token) > 1 and token.isupper()
    if folded in _PARTICLES and (small or loud or token in _CAPITAL_PARTICLES or first == "'"):
        return "particle" if continued or folded not in _NEVER_FIRST else ""
    if small:
        if not (lower or any_case):
            return ""
        is_name = lower and (folded in SURNAMES or folded.capitalize() in GIVEN_NAMES)
        is_name = is_name or (
            any_case and len(folded) > 2 and folded not in VERBS and folded not in DEPARTMENTS
        )
        return "name" if is_name and folded not in STOP_WORDS else ""
    if not continued and (folded in STOP_WORDS or folded in DEPARTMENTS):
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
    """Whether the words are a company, a brand, a department, a street or a place."""
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
    """Yield the person whose name, or title and name, begins at a place."""
    title = TITLE.match(view.lower[at : at + 40])
    if title is not None:
        at += title.end()
        least = 1
    at += view.text[at : at + 3].startswith(" ")
    start, end, count = name_at(view, at, lower=lower, any_case=any_case)
    if count < least and not (count and is_given_name(view.text[start:end])):
        return ()
    name = view.text[start:end]
    if count == 1 and (name.endswith(".") or len(name) < 2 or (name.isupper() and len(name) < 5)):
        return ()
    return (RuleMatch("PERSON", start, end, rule, strength, 0.85),)


def is_given_name(word: str) -> bool:
    """Whether it is an unambiguous given name."""
    return word.capitalize() in GIVEN_NAMES and word.capitalize() not in AMBIGUOUS_NAMES


def is_likely(name: str) -> bool:
    """Whether words with capitals have a part that only names have."""
    words = name.replace("-", " ").split()
    return any(
        word.capitalize() in ANY_GIVEN
        or word.lower() in SURNAMES
        or word.lower() in PARTICLES
        or word[1:2] == "."
        for word in words
    )


def listed(
    view: NormalizedText, at: int, *, lines: bool = False, loose: bool = False
) -> Iterable[RuleMatch]:
    """Yield further names after a first one, separated by commas, semicolons or ``en``."""
    for _ in range(_LONGEST_LIST):
        match = _SEPARATOR.match(view.text[at : at + 130])
        if match is None or ("\n" in match[0] and not lines):
            return
        hits = tuple(person(view, at + match.end(), rule="rule:person-list"))
        if not hits or hits[0].end <= at:
            return
        name = view.text[hits[0].start : hits[0].end]
        if not loose and not is_given_name(name) and ("," in match[0] or not is_likely(name)):
            return
        yield hits[0]
        at = inverted(view, hits[0]).end if ";" in match[0] else hits[0].end
        initial = _INITIAL_BEHIND.match(view.text[at : at + 4])
        at += initial.end() if initial else 0


def inverted(view: NormalizedText, hit: RuleMatch) -> RuleMatch:
    """Extend a name by initials after a comma: ``Vries, J. de``."""
    match = _INITIALS_BEHIND.match(view.text[hit.end : hit.end + 32])
    end = hit.end + match.end() if match else hit.end
    return RuleMatch("PERSON", hit.start, end, hit.rule, hit.strength, hit.score)
