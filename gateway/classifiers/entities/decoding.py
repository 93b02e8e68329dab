"""Decoding: the entities of a text from the probabilities of its words."""

from collections.abc import Mapping, Sequence
from itertools import groupby, pairwise
from typing import Any, NamedTuple

import numpy as np

from gateway.classifiers.entities.word_pieces import TokenBlock
from gateway.classifiers.protocol import NO_NAME, Entity

TYPES = ("PERSON", "STREET_ADDRESS", "CITY", "SECRET")
_JOINERS = " \u00a0\t\r\n-.'’\u2010\u2011\u00ad"


class Thresholds(NamedTuple):
    """Least probability of a word within an entity, of an entity, and of one in lower case."""

    word: float
    find: float
    lower: float


def decode(
    text: str, block: TokenBlock, chances: Any, limits: Mapping[str, Thresholds]
) -> list[Entity]:
    """Return the entities of one block: whole words, parts of one name joined.

    Args:
        text: The whole text that the block is a part of.
        block: Its word pieces.
        chances: Per piece the probability of O, then of B and I for each type.
        limits: The thresholds of each type.
    """
    found: list[Entity] = []
    scores: list[float] = []
    run: tuple[int, int, str] | None = None
    for start, end, kind, score, begins in _words(block, chances, limits):
        if run is not None:
            if kind == run[2] and _joined(text[run[1] : start], kind, begins=begins):
                run = (run[0], end, kind)
                scores.append(score)
                continue
            found += _close(text, run, scores, limits[run[2]])
        run, scores = (start, end, kind), [score]
    if run is not None:
        found += _close(text, run, scores, limits[run[2]])
    return found


def nameless_stretches(block: TokenBlock, chances: Any, limit: float) -> list[Entity]:
    """Return stretches of words in which no piece reaches this probability of a name."""
    if not block.ids:
        return []
    firsts = _firsts(block)
    most = np.maximum.reduceat(chances[:, 1] + chances[:, 2], firsts)
    lasts = [*firsts[1:], len(block.ids)]
    found: list[Entity] = []
    for nameless, words in groupby(range(len(firsts)), key=lambda word: bool(most[word] < limit)):
        if nameless:
            first, *rest = words
            end = block.ends[lasts[rest[-1] if rest else first] - 1]
            found.append(Entity(block.starts[firsts[first]], end, NO_NAME, 1.0))
    return found


def _firsts(block: TokenBlock) -> list[int]:
    """Return the first piece of each word."""
    return [0] + [i for i, (a, b) in enumerate(pairwise(block.words), 1) if a != b]


def _joined(gap: str, kind: str, *, begins: bool) -> bool:
    """Whether two words of one type, with gap between them, are one entity."""
    rest = gap.strip(_JOINERS)
    if len(gap) > 4:
        return False
    if rest == ",":
        return kind == "STREET_ADDRESS" or not begins
    return not rest and not (begins and any(mark in gap for mark in "\n\r\t"))


def _words(
    block: TokenBlock, chances: Any, limits: Mapping[str, Thresholds]
) -> list[tuple[int, int, str, float, bool]]:
    """Return words of entities: start, end, type, probability, and whether an entity begins."""
    if not block.ids:
        return []
    firsts = _firsts(block)
    lasts = [*firsts[1:], len(block.ids)]
    sums = np.add.reduceat(chances, firsts, axis=0) / np.diff([*firsts, len(block.ids)])[:, None]
    typed = sums[:, 1::2] + sums[:, 2::2]
    best = typed.argmax(axis=1)
    least = np.array([limits[name].word for name in TYPES])
    found = []
    for word in np.flatnonzero(typed[np.arange(len(best)), best] >= least[best]):
        kind, first = int(best[word]), firsts[word]
        begins = bool(chances[first, 1 + 2 * kind] > chances[first, 2 + 2 * kind])
        place = (block.starts[first], block.ends[lasts[word] - 1])
        found.append((*place, TYPES[kind], float(typed[word, kind]), begins))
    return found


def _close(
    text: str, run: tuple[int, int, str], scores: Sequence[float], limits: Thresholds
) -> list[Entity]:
    """Return the entity of a run of words if it is certain enough; a name without outer signs."""
    start, end, kind = run
    if kind != "SECRET":
        start, end = _strip_signs(text, start, end)
    value = text[start:end]
    score = sum(scores) / len(scores)
    sure = score >= (limits.lower if value.islower() else limits.find)
    if not sure or len(value) < 2 or (kind != "SECRET" and not any(map(str.isalpha, value))):
        return []
    return [Entity(start, end, kind, round(score, 4))]


def _strip_signs(text: str, start: int, end: int) -> tuple[int, int]:
    while start < end and not text[start].isalnum() and text[start] not in "'’":
        start += 1
    while end > start and not text[end - 1].isalnum():
        end -= 1
    return start, end
