"""Topics of special categories of the GDPR, and whether they are about a person.

A topic alone is no personal data. It is where its sentence or the next one mentions a person, where
a letter to a person contains it, or where a form or record about one person holds it.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from functools import partial

from msgspec.structs import replace

from gateway.classifiers.protocol import Entity
from gateway.core.finding import FindingKind
from gateway.privacy.level import IMPERSONAL_SUFFIX, PERSON_SUFFIX, PERSONS
from gateway.privacy.lexicons.loader import alternation, words
from gateway.privacy.lexicons.topics import SIGNS, TOPICS
from gateway.privacy.rules.rule import Rule
from gateway.privacy.rules.topic_context import TopicContext
from gateway.privacy.text.normalized_text import NormalizedText, RuleMatch, is_word, settle

_SHORTEST_STEM, _LONGEST_WORD = 3, 40  # characters before the end of a medical word
_ENDINGS = alternation("medical_endings.txt")
_NOT_MEDICAL = words("medical_endings.exceptions.txt")
_SIGN, _GAP = ":sign", ":gap"
_MOST_JUDGED = 200  # topics of a text that are judged; all others count as about a person


def _topic(
    type_: str, mark: str, view: NormalizedText, start: int, end: int
) -> Iterable[RuleMatch]:
    if is_word(view.at(start - 1)) or is_word(view.at(end)):
        return ()
    return (
        RuleMatch(
            type_, start, end, f"topic:{type_.lower()}{mark}", score=0.7, kind=FindingKind.TOPIC
        ),
    )


def _ending(view: NormalizedText, start: int, end: int) -> Iterable[RuleMatch]:
    """Find a medical word by its ending."""
    if is_word(view.at(end)):
        return ()
    begin = start
    while is_word(view.at(begin - 1)) and start - begin < _LONGEST_WORD:
        begin -= 1
    if start - begin < _SHORTEST_STEM or view.lower[begin:end] in _NOT_MEDICAL:
        return ()
    return (RuleMatch("HEALTH", begin, end, "topic:health", score=0.7, kind=FindingKind.TOPIC),)


def split(
    hits: list[RuleMatch], entities: Sequence[Entity]
) -> tuple[list[RuleMatch], list[RuleMatch]]:
    """Return the hits, less the signs that surround a name, and these signs.

    A sign with a gap for any words must not displace the name in its gap. What fills a whole sign
    is not a name but a drug or a feast.
    """
    signs = [hit for hit in hits if hit.rule.endswith(_GAP + _SIGN)]
    if not signs:
        return hits, signs
    redacted = [(hit.start, hit.end) for hit in hits if _is_redacted(hit)]
    redacted += [(one.start, one.end) for one in entities]
    redacted.sort()
    around = [sign for sign in signs if _surrounds_any(sign, redacted)]
    dropped = set(map(id, around))
    return [hit for hit in hits if id(hit) not in dropped] if around else hits, around


def _surrounds_any(sign: RuleMatch, stretches: list[tuple[int, int]]) -> bool:
    """Whether a sign is around one of the sorted stretches, and longer."""
    first = bisect_left(stretches, (sign.start, 0))
    last = bisect_right(stretches, (sign.end, sign.end))
    return any(
        end <= sign.end and end - start < sign.end - sign.start
        for start, end in stretches[first:last]
    )


def with_signs(hits: list[RuleMatch], signs: list[RuleMatch]) -> list[RuleMatch]:
    """Return the settled hits and the signs that overlap no other topic or label."""
    marks = [hit for hit in hits if not _is_redacted(hit)]  # in order, and none overlaps another
    starts, ends = [mark.start for mark in marks], [mark.end for mark in marks]
    free = [
        sign
        for sign in settle(signs)
        if bisect_right(ends, sign.start) == bisect_left(starts, sign.end)
    ]
    return sorted([*hits, *free], key=lambda hit: hit.start)


def _is_redacted(hit: RuleMatch) -> bool:
    return hit.kind in (FindingKind.PERSONAL, FindingKind.SECRET)


def bound(view: NormalizedText, hits: list[RuleMatch]) -> list[RuleMatch]:
    """Return the settled hits with each topic marked as personal, impersonal or neither.

    A sign is dropped unless it is about a person and its category is not known already.
    """
    if not any(hit.kind is FindingKind.TOPIC for hit in hits):
        return hits
    persons = [h for h in hits if h.type in PERSONS and not h.rule.endswith(IMPERSONAL_SUFFIX)]
    starts = [hit.start for hit in persons]
    kept: list[RuleMatch] = []
    known: set[str] = set()
    remaining = _MOST_JUDGED
    for hit in hits:
        if hit.kind is not FindingKind.TOPIC:
            kept.append(hit)
            continue
        sign = hit.rule.endswith(_SIGN)
        if hit.type in known:
            reference = "" if sign else PERSON_SUFFIX
        else:
            remaining -= 1
            reference = (
                TopicContext(view, hit, persons, starts, sign=sign).reference()
                if remaining > 0
                else PERSON_SUFFIX
            )
        if reference == PERSON_SUFFIX:
            known.add(hit.type)
        if reference == PERSON_SUFFIX or not sign:
            kept.append(
                replace(hit, rule=hit.rule.removesuffix(_SIGN).removesuffix(_GAP) + reference)
            )
    return kept


def _bounded(line: str) -> str:
    """Put a word boundary in front where possible: it saves candidates."""
    return rf"(?:{line})" if line.startswith("'") or "|'" in line else rf"\b(?:{line})"


RULES: tuple[Rule, ...] = (
    Rule(rf"(?:{_ENDINGS})\b", True, _ending),
    *(
        Rule(
            _bounded(line),
            True,
            partial(_topic, type_, _GAP * (mark != "" and r"\w{" in line) + mark),
        )
        for table, mark in ((TOPICS, ""), (SIGNS, _SIGN))
        for type_, lines in table.items()
        for line in lines
    ),
)
