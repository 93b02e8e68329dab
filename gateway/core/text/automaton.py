"""Regular expressions of a small subset as an automaton over code points, built as it is used."""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field

from gateway.core.text.patterns import Pattern

_STATES = 4096
_EDGES = 1024
_FAR = 1 << 20
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r"}
_CLASSES = {
    "d": (("0", "9"),),
    "w": (("0", "9"), ("A", "Z"), ("a", "z"), ("_", "_")),
    "s": ((" ", " "), ("\t", "\r")),
}


@dataclass(eq=False, slots=True)
class State:
    """A set of places in the patterns that one text can have led to.

    ``pattern`` is the first one that ends here, or -1; ``distance`` the least number of characters
    that still lead to an end of a pattern, beyond this place when it is one itself and ``extends``.
    """

    places: frozenset[int]
    pattern: int
    distance: int
    extends: bool
    next: dict[str, "State | None"] = field(default_factory=dict)
    final: bool = field(init=False)

    def __post_init__(self) -> None:
        self.final = self.pattern >= 0


MISSING = State(frozenset(), -1, 0, extends=False)


@dataclass(frozen=True, slots=True)
class _Set:
    """One character: inside (or, negated, outside) of the ranges."""

    ranges: tuple[tuple[str, str], ...]
    negated: bool = False

    def holds(self, character: str) -> bool:
        inside = any(low <= character <= high for low, high in self.ranges)
        return inside is not self.negated


class _Network:
    """Thompson's construction: places, each with at most one character edge and any empty edges."""

    def __init__(self) -> None:
        self.empty: list[list[int]] = []
        self.edge: list[tuple[_Set, int] | None] = []

    def place(self) -> int:
        self.empty.append([])
        self.edge.append(None)
        return len(self.empty) - 1


# A node is a parsed expression: it adds itself to a network from a place and gives its end.
@dataclass(frozen=True, slots=True)
class _One:
    characters: _Set

    def build(self, network: _Network, start: int) -> int:
        end = network.place()
        network.edge[start] = (self.characters, end)  # no two nodes are built from one place
        return end


@dataclass(frozen=True, slots=True)
class _Sequence:
    parts: tuple["_Node", ...]

    def build(self, network: _Network, start: int) -> int:
        for part in self.parts:
            start = part.build(network, start)
        return start


@dataclass(frozen=True, slots=True)
class _Choice:
    parts: tuple["_Node", ...]

    def build(self, network: _Network, start: int) -> int:
        end = network.place()
        for part in self.parts:
            begin = network.place()
            network.empty[start].append(begin)
            network.empty[part.build(network, begin)].append(end)
        return end


@dataclass(frozen=True, slots=True)
class _Repeat:
    part: "_Node"
    least: int
    most: int | None

    def build(self, network: _Network, start: int) -> int:
        for _ in range(self.least):
            start = self.part.build(network, start)
        end = network.place()
        network.empty[start].append(end)
        if self.most is None:
            loop = network.place()
            network.empty[start].append(loop)
            after = self.part.build(network, loop)
            network.empty[after] += [loop, end]
            return end
        for _ in range(self.most - self.least):
            start = self.part.build(network, start)
            network.empty[start].append(end)
        return end


_Node = _One | _Sequence | _Choice | _Repeat


class _Parser:
    """Recursive descent over one expression."""

    def __init__(self, regex: str, *, ignore_case: bool) -> None:
        self._regex = regex
        self._ignore_case = ignore_case
        self._at = 0

    def parse(self) -> _Node:
        node = self._choice()
        if self._at < len(self._regex):
            raise self._error("unbalanced )")
        return node

    def _error(self, what: str) -> ValueError:
        return ValueError(f"{what} at {self._at} in {self._regex!r}")

    def _peek(self) -> str:
        return self._regex[self._at : self._at + 1]

    def _take(self) -> str:
        if self._at == len(self._regex):
            raise self._error("unexpected end")
        self._at += 1
        return self._regex[self._at - 1]

    def _choice(self) -> _Node:
        parts = [self._sequence()]
        while self._peek() == "|":
            self._take()
            parts.append(self._sequence())
        return parts[0] if len(parts) == 1 else _Choice(tuple(parts))

    def _sequence(self) -> _Node:
        parts: list[_Node] = []
        while self._peek() not in ("", "|", ")"):
            parts.append(self._repeat(self._atom()))
        return _Sequence(tuple(parts))

    def _repeat(self, node: _Node) -> _Node:
        least: int
        most: int | None
        match self._peek():
            case "?":
                least, most = 0, 1
            case "*":
                least, most = 0, None
            case "+":
                least, most = 1, None
            case "{":
                close = self._regex.find("}", self._at)
                low, comma, high = self._regex[self._at + 1 : close].partition(",")
                least = int(low)
                most = int(high) if high else (None if comma else least)
                self._at = close
            case _:
                return node
        self._at += 1
        return _Repeat(node, least, most)

    def _atom(self) -> _Node:
        character = self._take()
        if character == "(":
            if self._regex.startswith("?:", self._at):
                self._at += 2
            node = self._choice()
            if self._peek() != ")":
                raise self._error("missing )")
            self._take()
            return node
        if character == "[":
            return self._class()
        if character in ".^$*+?{":
            raise self._error(f"{character} is not in the subset")
        ranges = self._escape() if character == "\\" else ((character, character),)
        return _One(_Set(self._cased(ranges)))

    def _escape(self) -> tuple[tuple[str, str], ...]:
        character = self._take()
        if character in _CLASSES:
            return _CLASSES[character]
        if character.isalnum() and character not in _ESCAPES:
            raise self._error(f"\\{character} is not in the subset")
        literal = _ESCAPES.get(character, character)
        return ((literal, literal),)

    def _class(self) -> _Node:
        negated = self._peek() == "^"
        self._at += negated
        ranges: list[tuple[str, str]] = []
        while (character := self._take()) != "]":
            found = self._escape() if character == "\\" else ((character, character),)
            if self._peek() == "-" and self._regex[self._at + 1 : self._at + 2] != "]":
                self._take()
                found = ((found[0][0], self._take()),)
            ranges += found
        return _One(_Set(self._cased(tuple(ranges)), negated))

    def _cased(self, ranges: tuple[tuple[str, str], ...]) -> tuple[tuple[str, str], ...]:
        if not self._ignore_case:
            return ranges
        folded = list(ranges)
        for low, high in ranges:
            for change in (str.lower, str.upper):
                other = change(low), change(high)
                if len(other[0]) == len(other[1]) == 1 and (low.isalpha() and high.isalpha()):
                    folded.append(other)
        return tuple(folded)


class Automaton:
    """All patterns at once, anchored at the character where a match begins.

    ``shortest`` has the number of characters of each pattern's shortest match. States and edges are
    kept as they are met and thrown away when they are too many. Sharing it between threads is safe:
    a state is complete before it is stored.
    """

    def __init__(self, patterns: Sequence[Pattern]) -> None:
        network = _Network()
        self._ends: dict[int, int] = {}
        start = network.place()
        begins = []
        for index, pattern in enumerate(patterns):
            begin = network.place()
            network.empty[start].append(begin)
            begins.append(begin)
            node = _Parser(pattern.regex, ignore_case=pattern.ignore_case).parse()
            self._ends[node.build(network, begin)] = index
        self._network = network
        self._distances = self._measure()
        self.shortest = tuple(self._distances[begin] for begin in begins)
        self._states: dict[frozenset[int], State] = {}
        self.root = self._state(self._closure([start]))
        if self.root.final:
            raise ValueError(f"{patterns[self.root.pattern].id} matches the empty text")

    def step(self, state: State, character: str) -> State | None:
        """The state after one more character, None when no pattern goes on with it."""
        reached = []
        for place in state.places:
            edge = self._network.edge[place]
            if edge is not None and edge[0].holds(character):
                reached.append(edge[1])
        following = self._state(self._closure(reached)) if reached else None
        if len(state.next) >= _EDGES:
            state.next.clear()
        state.next[character] = following
        return following

    def _state(self, places: frozenset[int]) -> State:
        known = self._states.get(places)
        if known is not None:
            return known
        pattern = min((self._ends[p] for p in places if p in self._ends), default=-1)
        edges = (self._network.edge[place] for place in places)
        onward = [1 + self._distances[edge[1]] for edge in edges if edge is not None]
        distance = min(onward, default=_FAR)
        state = State(places, pattern, distance, extends=distance < _FAR)
        if len(self._states) >= _STATES:
            self._states.clear()
        self._states[places] = state
        return state

    def _closure(self, places: list[int]) -> frozenset[int]:
        seen = set(places)
        queue = list(places)
        while queue:
            for place in self._network.empty[queue.pop()]:
                if place not in seen:
                    seen.add(place)
                    queue.append(place)
        return frozenset(seen)

    def _measure(self) -> list[int]:
        """The least number of characters from each place to an end, read backwards from the ends."""
        network = self._network
        before: list[list[tuple[int, int]]] = [[] for _ in network.empty]
        for place, edge in enumerate(network.edge):
            for following in network.empty[place]:
                before[following].append((place, 0))
            if edge is not None:
                before[edge[1]].append((place, 1))
        distances = [_FAR] * len(before)
        queue = deque((end, 0) for end in self._ends)
        while queue:
            place, distance = queue.popleft()
            if distances[place] <= distance:
                continue
            distances[place] = distance
            for earlier, step in before[place]:
                if step:
                    queue.append((earlier, distance + 1))
                else:
                    queue.appendleft((earlier, distance))
        return distances
