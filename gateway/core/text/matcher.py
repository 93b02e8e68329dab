"""Finds patterns in a text that arrives in pieces, holding back as little as possible.

Patterns are a regular subset: literals, ``\\``-escapes, classes, groups, ``|``, ``?``, ``*``, ``+``
and ``{m,n}``. They become an automaton whose states are built when first needed. A match has at
most 128 characters; the matcher does not find longer ones.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from gateway.core.text.automaton import MISSING, Automaton, State
from gateway.core.text.patterns import Pattern

LONGEST = 128


@dataclass(frozen=True, slots=True)
class Plain:
    """Text outside all matches."""

    text: str


@dataclass(frozen=True, slots=True)
class Match:
    """Text that as a whole matches the pattern ``id``."""

    id: str
    text: str


Event = Plain | Match


class Compiled:
    """Compiled patterns; streams and threads may share them.

    A match has at most ``longest`` characters, so no more is ever held back.

    Raises:
        ValueError: when a pattern is outside the subset, matches the empty text, or matches only
            texts of more than ``longest`` characters.
    """

    def __init__(self, patterns: Sequence[Pattern], *, longest: int = LONGEST) -> None:
        self.longest = longest
        self.ids = tuple(pattern.id for pattern in patterns)
        self.automaton = Automaton(patterns)
        for name, shortest in zip(self.ids, self.automaton.shortest, strict=True):
            if shortest > longest:
                raise ValueError(f"{name}: matches at least {shortest} characters, of {longest}")


class StreamMatcher:
    """Leftmost-longest, non-overlapping matches of one stream. Not thread-safe.

    After a feed it holds exactly the longest suffix that can still become a match.
    """

    def __init__(self, compiled: Compiled) -> None:
        self._ids = compiled.ids
        self._automaton = compiled.automaton
        self._longest = compiled.longest
        self._held = ""
        self._state: State | None = None
        self._accepted: tuple[int, int] | None = None  # (end in the held text, pattern)

    @property
    def held(self) -> str:
        """The text that has been fed and not yet released."""
        return self._held

    def feed(self, text: str) -> list[Event]:
        """Returns the events that this piece settles, in order."""
        return self._run(text, final=False)

    def finish(self) -> list[Event]:
        """Ends the stream; returns the remaining events."""
        return self._run("", final=True)

    def _run(self, text: str, *, final: bool) -> list[Event]:
        events: list[Event] = []
        buffer = self._held + text
        size, position = len(buffer), len(self._held)
        released = start = 0  # buffer[released:start] is plain and not yet released
        state, accepted = self._state, self._accepted
        while True:
            if state is None:
                start = position = self._skip(buffer, position)
                if start == size:
                    break
                state, accepted = self._automaton.root, None
            state, position, accepted = self._advance(buffer, start, position, state, accepted)
            if state is not None and not final:
                break
            if accepted is None:
                position = start = start + 1
            else:
                end, pattern = accepted
                if start > released:
                    events.append(Plain(buffer[released:start]))
                events.append(Match(self._ids[pattern], buffer[start:end]))
                released = position = start = end
            state = accepted = None
        if start > released:
            events.append(Plain(buffer[released:start]))
        self._held, self._state, self._accepted = buffer[start:], state, None
        if accepted is not None:
            self._accepted = (accepted[0] - start, accepted[1])
        return events

    def _skip(self, buffer: str, position: int) -> int:
        """Returns the first offset from ``position`` on where a match can begin."""
        next_state = self._automaton.root.next
        step = self._automaton.step
        last = len(buffer) - 1
        for index in range(position, len(buffer)):
            character = buffer[index]
            state = next_state.get(character, MISSING)
            if state is MISSING:
                state = step(self._automaton.root, character)
            if state is None:
                continue
            # Most candidates fail on the second character; check it here, without leaving the loop.
            if index < last and not state.final:
                second = state.next.get(buffer[index + 1], MISSING)
                if second is None:
                    continue
            return index
        return len(buffer)

    def _advance(
        self,
        buffer: str,
        start: int,
        position: int,
        state: State,
        accepted: tuple[int, int] | None,
    ) -> tuple[State | None, int, tuple[int, int] | None]:
        """Runs until the text ends or nothing longer can match (then the state is None)."""
        step, limit = self._automaton.step, start + self._longest
        for index in range(position, len(buffer)):
            character = buffer[index]
            next_state = state.next.get(character, MISSING)
            if next_state is MISSING:
                next_state = step(state, character)
            if next_state is None:
                return None, index, accepted
            state = next_state
            if state.final:
                accepted = (index + 1, state.pattern)
                if not state.extends:
                    return None, index + 1, accepted
            if index + 1 + state.distance > limit:
                return None, index + 1, accepted
        return state, len(buffer), accepted
