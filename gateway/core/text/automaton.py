"""Regular expressions of a small subset as an automaton over code points, built lazily."""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field

from gateway.core.text.patterns import Pattern

_MAX_STATES = 4096
_MAX_EDGES = 1024
_UNREACHABLE = 1 << 20
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r"}
_CLASSES = {
    "d": (("0", "9"),),
    "w": (("0", "9"), ("A", "Z"), ("a", "z"), ("_", "_")),
    "s": ((" ", " "), ("\t", "\r")),
}


@dataclass(eq=False, slots=True)
class State:
    """The set of positions in the patterns that one text can lead to.

    ``pattern`` is the number of the first pattern that ends here, or -1. ``distance`` is the least
    number of further characters up to an end of a pattern; ``extends`` says that there is one.
    """

    positions: frozenset[int]
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
    """A character class: in the ranges or, ``negated``, in none of them."""

    ranges: tuple[tuple[str, str], ...]
    negated: bool = False

    def matches(self, character: str) -> bool:
        in_ranges = any(low <= character <= high for low, high in self.ranges)
        return in_ranges is not self.negated


class _Network:
    """Thompson's construction: each position has at most one character edge and any empty edges."""

    def __init__(self) -> None:
        self.empty: list[list[int]] = []
        self.edge: list[tuple[_Set, int] | None] = []

    def add_position(self) -> int:
        self.empty.append([])
        self.edge.append(None)
        return len(self.empty) - 1


# A node is a parsed expression. It adds itself to a network from a position and returns its end.
@dataclass(frozen=True, slots=True)
class _Character:
    characters: _Set

    def build(self, network: _Network, start: int) -> int:
        end = network.add_position()
        network.edge[start] = (self.characters, end)  # no two nodes start at one position
        return end


@dataclass(frozen=True, slots=True)
class _Sequence:
    parts: tuple["_Node", ...]

    def build(self, network: _Network, start: int) -> int:
        for part in self.parts:
            start = part.build(network, start)
        return start


@dataclass(frozen=True, slots=True)
class _Alternation:
    parts: tuple["_Node", ...]

    def build(self, network: _Network, start: int) -> int:
        end = network.add_position()
        for part in self.parts:
            branch = network.add_position()
            network.empty[start].append(branch)
            network.empty[part.build(network, branch)].append(end)
        return end


@dataclass(frozen=True, slots=True)
class _Repeat:
    part: "_Node"
    minimum: int
    maximum: int | None

    def build(self, network: _Network, start: int) -> int:
        for _ in range(self.minimum):
            start = self.part.build(network, start)
        end = network.add_position()
        network.empty[start].append(end)
        if self.maximum is None:
            loop = network.add_position()
            network.empty[start].append(loop)
            after = self.part.build(network, loop)
            network.empty[after] += [loop, end]
            return end
        for _ in range(self.maximum - self.minimum):
            start = self.part.build(network, start)
            network.empty[start].append(end)
        return end


_Node = _Character | _Sequence | _Alternation | _Repeat


class _Parser:
    """Recursive-descent parser of one expression."""

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
        return parts[0] if len(parts) == 1 else _Alternation(tuple(parts))

    def _sequence(self) -> _Node:
        parts: list[_Node] = []
        while self._peek() not in ("", "|", ")"):
            parts.append(self._repeat(self._atom()))
        return _Sequence(tuple(parts))

    def _repeat(self, node: _Node) -> _Node:
        minimum: int
        maximum: int | None
        match self._peek():
            case "?":
                minimum, maximum = 0, 1
            case "*":
                minimum, maximum = 0, None
            case "+":
                minimum, maximum = 1, None
            case "{":
                close = self._regex.find("}", self._at)
                low, comma, high = self._regex[self._at + 1 : close].partition(",")
                minimum = int(low)
                maximum = int(high) if high else (None if comma else minimum)
                self._at = close
            case _:
                return node
        self._at += 1
        return _Repeat(node, minimum, maximum)

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
        return _Character(_Set(self._fold_case(ranges)))

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
            escaped = self._escape() if character == "\\" else ((character, character),)
            if self._peek() == "-" and self._regex[self._at + 1 : self._at + 2] != "]":
                self._take()
                escaped = ((escaped[0][0], self._take()),)
            ranges += escaped
        return _Character(_Set(self._fold_case(tuple(ranges)), negated))

    def _fold_case(self, ranges: tuple[tuple[str, str], ...]) -> tuple[tuple[str, str], ...]:
        if not self._ignore_case:
            return ranges
        folded = list(ranges)
        for low, high in ranges:
            for convert in (str.lower, str.upper):
                other = convert(low), convert(high)
                if len(other[0]) == len(other[1]) == 1 and (low.isalpha() and high.isalpha()):
                    folded.append(other)
        return tuple(folded)


class Automaton:
    """All patterns at once, anchored at the character where a match begins.

    ``shortest`` has the number of characters of each pattern's shortest match. States and edges are
    cached as they occur; a full cache is cleared. Threads may share an automaton: a state is
    complete before it is stored.
    """

    def __init__(self, patterns: Sequence[Pattern]) -> None:
        network = _Network()
        self._ends: dict[int, int] = {}
        start = network.add_position()
        starts = []
        for index, pattern in enumerate(patterns):
            branch = network.add_position()
            network.empty[start].append(branch)
            starts.append(branch)
            node = _Parser(pattern.regex, ignore_case=pattern.ignore_case).parse()
            self._ends[node.build(network, branch)] = index
        self._network = network
        self._distances = self._measure()
        self.shortest = tuple(self._distances[branch] for branch in starts)
        self._states: dict[frozenset[int], State] = {}
        self.root = self._state(self._closure([start]))
        if self.root.final:
            raise ValueError(f"{patterns[self.root.pattern].id} matches the empty text")

    def step(self, state: State, character: str) -> State | None:
        """Returns the state after one more character, None when no pattern continues with it."""
        reached = []
        for position in state.positions:
            edge = self._network.edge[position]
            if edge is not None and edge[0].matches(character):
                reached.append(edge[1])
        next_state = self._state(self._closure(reached)) if reached else None
        if len(state.next) >= _MAX_EDGES:
            state.next.clear()
        state.next[character] = next_state
        return next_state

    def _state(self, positions: frozenset[int]) -> State:
        known = self._states.get(positions)
        if known is not None:
            return known
        pattern = min((self._ends[p] for p in positions if p in self._ends), default=-1)
        edges = (self._network.edge[position] for position in positions)
        distances_ahead = [1 + self._distances[edge[1]] for edge in edges if edge is not None]
        distance = min(distances_ahead, default=_UNREACHABLE)
        state = State(positions, pattern, distance, extends=distance < _UNREACHABLE)
        if len(self._states) >= _MAX_STATES:
            self._states.clear()
        self._states[positions] = state
        return state

    def _closure(self, positions: list[int]) -> frozenset[int]:
        reached = set(positions)
        queue = list(positions)
        while queue:
            for position in self._network.empty[queue.pop()]:
                if position not in reached:
                    reached.add(position)
                    queue.append(position)
        return frozenset(reached)

    def _measure(self) -> list[int]:
        """Returns each position's least number of characters to an end, computed from the ends."""
        network = self._network
        predecessors: list[list[tuple[int, int]]] = [[] for _ in network.empty]
        for position, edge in enumerate(network.edge):
            for target in network.empty[position]:
                predecessors[target].append((position, 0))
            if edge is not None:
                predecessors[edge[1]].append((position, 1))
        distances = [_UNREACHABLE] * len(predecessors)
        queue = deque((end, 0) for end in self._ends)
        while queue:
            position, distance = queue.popleft()
            if distances[position] <= distance:
                continue
            distances[position] = distance
            for predecessor, step in predecessors[position]:
                if step:
                    queue.append((predecessor, distance + 1))
                else:
                    queue.appendleft((predecessor, distance))
        return distances
