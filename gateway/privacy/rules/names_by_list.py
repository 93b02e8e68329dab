"""Names of persons by the lists of names, and speakers of transcripts and chats."""

import re
from collections.abc import Iterable

from gateway.privacy.lexicons.names import (
    AMBIGUOUS_NAMES,
    BRANDS,
    DEPARTMENTS,
    GIVEN_NAMES,
    PARTICLES,
    STOP_WORDS,
    SURNAMES,
    UNAMBIGUOUS_LOWER,
    VERBS,
)
from gateway.privacy.rules.person_names import is_given_name, name_at, person
from gateway.privacy.rules.rule import Rule
from gateway.privacy.text.normalized_text import NormalizedText, RuleMatch, Strength, is_word
from gateway.privacy.text.sentences import sentence_around, without_capitals

_SIGNS = ".,;:!?()[]{}<>\"'*_#|/\\-=&+`~@\n\t\r"
_AS_SPACES = bytes.maketrans(_SIGNS.encode(), b" " * len(_SIGNS))
_SINGLE = frozenset(name for name in GIVEN_NAMES if "-" not in name)
_GENITIVE = frozenset(
    f"{name}s"
    for name in _SINGLE - AMBIGUOUS_NAMES
    if name[-1] not in "sxz" and f"{name}s".lower() not in STOP_WORDS
)
_UPPER = frozenset(name.upper() for name in _SINGLE - AMBIGUOUS_NAMES if len(name) > 3)
_SEARCHED = (
    _SINGLE
    | _GENITIVE
    | _UPPER
    | frozenset(
        name.lower()
        for name in _SINGLE - AMBIGUOUS_NAMES
        if len(name) > 2 and name.lower() not in STOP_WORDS
    )
)
_ACTS = frozenset([
    "heeft",
    "is",
    "had",
    "was",
    "zegt",
    "vraagt",
    "belt",
    "komt",
    "wil",
    "kan",
    "moet",
    "has",
    "says",
    "asked",
    "wants",
    "called",
    "needs",
    "said",
])
_PERSONAL_ACTS = frozenset([
    "heeft",
    "had",
    "zegt",
    "vraagt",
    "belt",
    "wil",
    "has",
    "says",
    "asked",
    "called",
])
_ARTICLES = frozenset([
    "de",
    "het",
    "een",
    "the",
    "a",
    "an",
    "deze",
    "die",
    "dit",
    "dat",
    "this",
    "that",
    "of",
    "or",
])


def listed(view: NormalizedText) -> Iterable[RuleMatch]:
    """Yield the persons in a text whose given names are in the lists."""
    data = view.text.encode("utf-8", "surrogatepass").translate(_AS_SPACES)
    text = data.decode("utf-8", "surrogatepass")
    found = _SEARCHED.intersection(text.split())
    if not found:
        return
    at = 0
    for word in text.split(" "):
        if word in found:
            yield from _at(view, at, word)
        at += len(word) + 1


def _at(view: NormalizedText, start: int, word: str) -> Iterable[RuleMatch]:
    end = start + len(word)
    before = view.at(start - 1)
    if before in ("@", "/", "_") or (before in ("-", ".", "=") and is_word(view.at(start - 2))):
        return ()
    if word.islower():
        return _lower(view, start, end)
    begin, stop, count = name_at(view, start)
    if not count or (view.at(stop) in ("@", "_", "/") and view.at(stop + 1).isalnum()):
        return ()
    if word.isupper():
        return _shouted(view, begin, stop, count)
    if word not in GIVEN_NAMES:  # the genitive, as in "Machtelds auto"
        folded = word.lower()
        lone = (
            count == 1
            and folded not in SURNAMES
            and folded not in BRANDS
            and view.at(end) == " "
            and view.at(end + 1).islower()
        )
        return (
            (RuleMatch("PERSON", start, end - 1, "rule:person-lone", Strength.PLAIN, 0.6),)
            if lone
            else ()
        )
    ambiguous = word in AMBIGUOUS_NAMES
    if count >= 2 and not (ambiguous and _opens(view, start) and not _surname(view.text[end:stop])):
        return (RuleMatch("PERSON", begin, stop, "rule:person-first-name", Strength.CONTEXT, 0.8),)
    if ambiguous or view.at(end) == "-" or count >= 2 or _follows_capital(view, start):
        return ()
    return (RuleMatch("PERSON", begin, stop, "rule:person-lone", Strength.PLAIN, 0.6),)


_PLAIN = STOP_WORDS | VERBS


def _follows_capital(view: NormalizedText, start: int) -> bool:
    """Whether the word before has a capital too, as in a company: ``Baker Tilly``."""
    left = view.text[max(0, start - 24) : start]
    if not left.endswith(" ") or left.endswith(". "):
        return False
    words = left.split()
    word = words[-1] if words else ""
    opens = (len(words) > 1 and words[-2][-1:] in ".!?:,") or (len(words) < 2 and start < 24)
    return word[:1].isupper() and word.isalpha() and not opens and word.lower() not in _PLAIN


def _opens(view: NormalizedText, start: int) -> bool:
    left = view.text[max(0, start - 3) : start].rstrip(" ")
    return not left or left[-1] in ".!?:\n\"'*#>-|"


def _surname(rest: str) -> bool:
    words = rest.lower().replace("-", " ").split()
    return any(word in SURNAMES or word in PARTICLES for word in words) or any(
        is_given_name(word) for word in words
    )


def _shouted(view: NormalizedText, begin: int, stop: int, count: int) -> Iterable[RuleMatch]:
    """Find a name in capitals with a known surname: ``FEMKE HAKKENBERG``."""
    words = view.lower[begin:stop].replace("-", " ").split()
    if count < 2 or words[-1] not in SURNAMES:
        return ()
    return (RuleMatch("PERSON", begin, stop, "rule:person-upper", Strength.CONTEXT, 0.7),)


_SPOKEN_REACH = 80  # characters


def _lower(view: NormalizedText, start: int, end: int) -> Iterable[RuleMatch]:
    """Find a name without capitals: ``sanne de vries``, or an unambiguous name in speech."""
    word = view.text[start:end]
    if view.at(end) in ("@", "_", "/", "-", "(", "=", ".") and view.at(end + 1).isalnum():
        return ()
    begin, stop, count = name_at(view, start, lower=True)
    if count >= 2:
        return (RuleMatch("PERSON", begin, stop, "rule:person-lower", Strength.PLAIN, 0.6),)
    following = view.text[end : end + 12].split()
    acts = bool(following) and following[0] in (
        _ACTS if word in UNAMBIGUOUS_LOWER else _PERSONAL_ACTS
    )
    if not count or not (acts or word in UNAMBIGUOUS_LOWER):
        return ()
    begin, stop = sentence_around(view, start, end, _SPOKEN_REACH)
    left = view.text[begin:start].split()
    spoken = without_capitals(view, start, end, _SPOKEN_REACH).count(" ") > 4
    if (
        not (spoken or acts)
        or (left and left[-1] in _ARTICLES)
        or any(c in view.text[begin:stop] for c in "={}<>_$")
    ):
        return ()
    return (RuleMatch("PERSON", start, end, "rule:person-lower", Strength.PLAIN, 0.6),)


_REACH = 3000
_LONGEST_SPEAKER = 32
_SPEAKER = re.compile(r"[^:\n\d]{2,30}?(?= ?(?:\([^)\n]{1,20}\))? ?:)")


def _speaks(view: NormalizedText, start: int, end: int) -> Iterable[RuleMatch]:
    """Find a speaker after a time: ``[12:03] Fatima:``, of several lines or with a known name."""
    match = _SPEAKER.match(view.text[end : end + 40])
    if match is None:
        return ()
    begin, stop, count = name_at(view, end, lower=True)
    speaker = match[0].rstrip()
    first = speaker.partition(" ")[0]
    if (
        not count
        or stop > end + len(speaker) + 1
        or speaker.isupper()
        or speaker.lower() in DEPARTMENTS
    ):
        return ()
    if speaker.islower() and speaker not in UNAMBIGUOUS_LOWER and len(speaker) < 4:
        return ()
    if not is_given_name(first) and (
        speaker.lower() in STOP_WORDS
        or not speaker[0].isupper()
        or view.text.count(f"{speaker}:", max(0, start - _REACH), end + _REACH) < 2
    ):
        return ()
    return (RuleMatch("PERSON", begin, stop, "rule:person-speaker", Strength.CONTEXT, 0.8),)


def _stamped(view: NormalizedText, start: int, end: int) -> Iterable[RuleMatch]:
    """Find a line of a name and a time, above a message."""
    at = view.text.rfind("\n", max(0, start - _LONGEST_SPEAKER), start) + 1
    if start - at >= _LONGEST_SPEAKER or not view.at(at).isupper():
        return ()
    return tuple(
        hit for hit in person(view, at, least=2, rule="rule:person-speaker") if hit.end == start
    )


_CLOCK = r"\d{1,2}[:.]\d{2}(?:[:.]\d{2})?(?: ?[ap]m)?"
RULES: tuple[Rule, ...] = (
    Rule(
        (
            rf"(?:^|\n|[.!?:] )[ >*\-]{{0,4}}[\[(]?"
            rf"(?:\d{{1,4}}[\-/.]\d{{1,2}}[\-/.]\d{{1,4}},? )?{_CLOCK}[\])]?,? ?(?:- )?"
            r"(?:helpdesk/|klant/|agent/)?"
        ),
        True,
        _speaks,
    ),
    Rule(rf" {_CLOCK}\n", False, _stamped),
)
