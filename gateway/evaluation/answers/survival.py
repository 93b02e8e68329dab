"""The fate of the placeholders that a model received.

- Intact: written as it was sent. Tolerated: in another form that restoring accepts.
- Mangled: the rest of it restores no value (a piece of its id, its type without an id).
- Dropped: the task asks for its value, and the answer holds no part of it.
- Invented: has the form of a placeholder, was not sent, and resembles no placeholder that was.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum

from gateway.core.finding import PERSONAL_TYPES
from gateway.core.text.matcher import Match, StreamMatcher
from gateway.privacy.pseudonyms.placeholders import GRAMMAR, parse

Values = Mapping[str, tuple[str, str]]  # id to type and value
_ALIKE = 0.6  # similarity (0 to 1) from which an id is a sent one with mistakes
_TYPES = "|".join(PERSONAL_TYPES)
# A type word after a bracket, or capitals joined to a possible id. Answers are short and every
# repetition is bounded.
_TRACE = re.compile(
    rf"[\[{{<] ?(?:{_TYPES})\b[_: -]?(?P<opened>[A-Za-z0-9]{{0,16}})"
    r"|\b[A-Z]{2,20}(?:_[A-Z]{2,20}){0,2}_(?P<joined>[a-z0-9]{2,16})"
)


class Fate(StrEnum):
    """The fate of one placeholder, the best first."""

    INTACT = "intact"
    TOLERATED = "tolerated"
    MANGLED = "mangled"
    DROPPED = "dropped"


@dataclass(frozen=True, slots=True)
class Survival:
    """The fate of each required placeholder of one answer, and counts of all in it.

    ``written`` counts intact, tolerated, mangled and invented placeholders at any position.
    """

    fates: tuple[Fate, ...]
    written: Mapping[str, int]


def required_ids(values: Values, required: Sequence[str]) -> list[str]:
    """Return the ids whose values, or parts of them, a right answer holds."""
    texts = [text.casefold() for text in required]
    return [
        id_
        for id_, (_, value) in values.items()
        if any(value.casefold() in text or text in value.casefold() for text in texts)
    ]


def survival(answer: str, values: Values, required: Sequence[str]) -> Survival:
    """Examine an answer before restoring, with its placeholders in place."""
    written = list(_placeholders(answer, values))
    counts = Counter(name for name, _ in written)
    fates = [_fate(id_, written) for id_ in required_ids(values, required)]
    return Survival(tuple(fates), counts)


def _fate(id_: str, written: Sequence[tuple[str, frozenset[str]]]) -> Fate:
    fates = {name for name, ids in written if id_ in ids}
    return next((fate for fate in Fate if fate in fates), Fate.DROPPED)


def _placeholders(answer: str, values: Values) -> Iterator[tuple[str, frozenset[str]]]:
    """Yield the fate of each written placeholder, and the ids that it may mean."""
    rest = []
    matcher = StreamMatcher(GRAMMAR)
    for event in (*matcher.feed(answer), *matcher.finish()):
        type_, id_ = parse(event.text) if isinstance(event, Match) else ("", "")
        if id_ not in values:
            rest.append(event.text)
            continue
        whole = event.text == f"[{values[id_][0]}_{id_}]" and type_ == values[id_][0]
        yield (Fate.INTACT if whole else Fate.TOLERATED), frozenset([id_])
        rest.append("\n")
    yield from _traces("".join(rest), values)


def _traces(rest: str, values: Values) -> Iterator[tuple[str, frozenset[str]]]:
    """Yield the remains of placeholders that restoring would leave as they are."""
    for id_ in values:
        for _ in range(rest.count(id_)):
            yield Fate.MANGLED, frozenset([id_])
        rest = rest.replace(id_, "\n")
    for trace in _TRACE.finditer(rest):
        ids = _likely_ids(trace, values)
        yield (Fate.MANGLED if ids else "invented"), ids


def _likely_ids(trace: re.Match[str], values: Values) -> frozenset[str]:
    rest = (trace["opened"] or trace["joined"] or "").lower()
    if len(rest) < 3:
        return frozenset(id_ for id_, (type_, _) in values.items() if type_ in trace[0])
    alike = {id_: SequenceMatcher(None, rest, id_).ratio() for id_ in values}
    best = max(alike, key=lambda id_: alike[id_], default="")
    return frozenset([best]) if alike.get(best, 0) >= _ALIKE else frozenset()
