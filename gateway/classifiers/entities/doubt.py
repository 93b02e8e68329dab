"""What of a long text the network reads: the sentences in which the gate is in doubt.

A sentence is in doubt when the probability that a word belongs to a name, a street, a town or a
secret lies between two limits, or when it may state a special category. Above the upper limit the
gate's own label counts, below the lower one there is nothing. The sentences in doubt are packed
into one text, which the network reads like any other (a cascade: Viola and Jones, "Rapid Object
Detection using a Boosted Cascade of Simple Features", 2001).
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np

from gateway.classifiers.entities.decoding import Thresholds, decode, nameless_stretches
from gateway.classifiers.entities.word_features import TextWords
from gateway.classifiers.entities.word_pieces import TokenBlock
from gateway.classifiers.protocol import Entity

Stretch = tuple[int, int]

_LONGEST = 400  # characters of a sentence that is read as a whole
_SECRET = 7  # the first label of a secret; those of names, streets and towns come before
_CUT = 5  # blanks between two sentences: more than a gap inside an entity


class DoubtLimits(NamedTuple):
    """The settings of the gate in model.json.

    ``characters`` is the longest text that the network reads whole. ``names`` and ``secrets`` are
    the limits of doubt; sentences within ``context`` characters of a word in doubt are read too.
    ``categories`` is the least probability of a special category, and below ``nameless`` a word is
    certainly no name.
    """

    characters: int
    context: int
    names: Sequence[float]
    secrets: Sequence[float]
    categories: float
    nameless: float


class GateResult:
    """What the gate sees in a text, and how sure it is."""

    def __init__(
        self, text: str, words: TextWords, chances: Any, thresholds: Mapping[str, Thresholds]
    ) -> None:
        """``chances`` is an array [words, labels] of probabilities."""
        kept = ~words.breaks
        self._breaks = words.starts[words.breaks]
        self._chances = chances[kept]
        self._starts, self._ends = words.starts[kept], words.ends[kept]
        order = list(range(len(self._starts)))
        starts, ends = self._starts.tolist(), self._ends.tolist()
        self._block = TokenBlock(order, starts, ends, order, [], [], [], [])
        self.entities = decode(text, self._block, self._chances, thresholds)

    def doubted(
        self, text: str, sentences: Sequence[Stretch], stated: Iterable[int], limits: DoubtLimits
    ) -> list[Stretch]:
        """Return the stretches to read, in order and apart from each other.

        ``stated`` are the numbers of sentences that may state a special category.
        """
        units, owners = _units(text, sentences)
        chosen = np.zeros(len(units), bool)
        wanted = np.zeros(len(sentences), bool)
        wanted[list(stated)] = True
        chosen[wanted[owners]] = True
        begins = np.array([begin for begin, _ in units])
        _choose(chosen, begins, *self._near_doubt(len(text), limits))
        for one in self.entities:  # no entity lies half inside
            first, last = _range(begins, one.start, one.end)
            if chosen[first:last].any():
                chosen[first:last] = True
        return _joined(text, [units[at] for at in np.flatnonzero(chosen)])

    def nameless(self, limits: DoubtLimits) -> list[Entity]:
        """Return the stretches of words that are certainly no names."""
        return nameless_stretches(self._block, self._chances, limits.nameless)

    def _near_doubt(self, size: int, limits: DoubtLimits) -> tuple[Any, Any]:
        """Return where the words in doubt begin and end, with their context in the same line."""
        at = self._in_doubt(limits)
        starts, ends = self._starts[at], self._ends[at]
        lines = np.concatenate([[-1], self._breaks, [size]])
        line = np.searchsorted(lines, starts)
        return (
            np.maximum(starts - limits.context, lines[line - 1] + 1),
            np.minimum(ends + limits.context, lines[line]),
        )

    def _in_doubt(self, limits: DoubtLimits) -> Any:
        names = self._chances[:, 1:_SECRET].sum(axis=1)
        secrets = self._chances[:, _SECRET:].sum(axis=1)
        return (names >= limits.names[0]) & (names <= limits.names[1]) | (
            secrets >= limits.secrets[0]
        ) & (secrets <= limits.secrets[1])


class PackedText:
    """Stretches of a text as one text, and the way back to their places."""

    def __init__(self, text: str, stretches: Sequence[Stretch]) -> None:
        parts, size = list[str](), 0
        self._offsets: list[int] = []
        for begin, end in stretches:
            opens = not begin or text[begin - 1] in "\r\n"
            gap = ("\n" if opens else " ") * _CUT if parts else ""
            parts += [gap, text[begin:end]]
            self._offsets.append(size + len(gap))
            size += len(gap) + end - begin
        self.text = "".join(parts)
        self._stretches = stretches
        self._shifts = np.array([s[0] for s in stretches]) - np.array(self._offsets)

    def places(self, places: Sequence[int]) -> Any:
        """Return the places in the whole text of places in the packed one."""
        at = np.searchsorted(self._offsets, places, side="right") - 1
        return np.asarray(places) + self._shifts[at]

    def restored(self, entity: Entity) -> Iterator[Entity]:
        """Yield the parts of an entity in the whole text, one for each stretch that it touches."""
        first = bisect_right(self._offsets, entity.start) - 1
        last = bisect_right(self._offsets, entity.end - 1) - 1
        for at in range(first, last + 1):
            begin, end = self._stretches[at]
            shift = begin - self._offsets[at]
            start = max(begin, entity.start + shift)
            yield Entity(start, min(end, entity.end + shift), entity.type, entity.score)


def outside(entities: Iterable[Entity], stretches: Sequence[Stretch]) -> list[Entity]:
    """Return the parts of entities that lie outside of the stretches."""
    found = []
    for one in entities:
        at = one.start
        first = max(0, bisect_right(stretches, (one.start, 0)) - 1)
        for begin, end in stretches[first : bisect_right(stretches, (one.end, 0))]:
            if begin > at:
                found.append(Entity(at, begin, one.type, one.score))
            at = max(at, end)
        if at < one.end:
            found.append(Entity(at, one.end, one.type, one.score))
    return found


def _units(text: str, sentences: Sequence[Stretch]) -> tuple[list[Stretch], list[int]]:
    """Return the sentences, long ones in parts, and the number of the sentence of each."""
    units, owners = [], []
    for number, (begin, end) in enumerate(sentences):
        while end - begin > _LONGEST:
            space = text.rfind(" ", begin + _LONGEST // 2, begin + _LONGEST)
            cut = space + 1 if space >= 0 else begin + _LONGEST
            units.append((begin, cut))
            owners.append(number)
            begin = cut  # noqa: PLW2901  # what is left of the sentence
        units.append((begin, end))
        owners.append(number)
    return units, owners


def _range(begins: Any, start: int, end: int) -> tuple[int, int]:
    first, last = np.searchsorted(begins, (start, end - 1), side="right")
    return max(0, int(first) - 1), int(last)


def _choose(chosen: Any, begins: Any, starts: Any, ends: Any) -> None:
    """Choose all units that the stretches from starts to ends touch."""
    first = np.maximum(np.searchsorted(begins, starts, side="right") - 1, 0)
    last = np.searchsorted(begins, ends - 1, side="right")
    change = np.zeros(len(chosen) + 1, np.int64)
    np.add.at(change, first, 1)
    np.add.at(change, last, -1)
    chosen |= np.cumsum(change)[:-1] > 0


def _joined(text: str, units: Sequence[Stretch]) -> list[Stretch]:
    """Join neighbours: what lies between two sentences is blank."""
    joined = list(units[:1])
    for (_, before), (begin, end) in pairwise(units):
        if text[before:begin].strip() or begin - before > _CUT:
            joined.append((begin, end))
        else:
            joined[-1] = (joined[-1][0], end)
    return joined
