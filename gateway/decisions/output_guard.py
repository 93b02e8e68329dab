"""The output rules of a bundle over one text of an answer, as it streams."""

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Protocol

from gateway.core.text.matcher import Event, Match, StreamMatcher
from gateway.decisions.content_tools import ToolArguments
from gateway.decisions.text_reader import FoundPart, TextReader

# The guard of a response may hold back this many characters, and so may the restorer after it:
# together they stay within the 128 characters that a stream may lag.
LONGEST = 64
COVER = "\u2588"  # for each character that is taken out, so that places stay what they were
_REACH = 2 * LONGEST  # characters in which a disguised match lies
_HIDING = re.compile(r"[^\x20-\x7e]|[*`~_]|  ")  # what the canonical form changes


class GuardRules(Protocol):
    """The output rules; ``others`` are those that do not apply to this answer."""

    def matcher(self, others: frozenset[str]) -> StreamMatcher:
        """What finds the rules that end a text, or take a part out of it."""
        ...

    def watcher(self, others: frozenset[str]) -> StreamMatcher | None:
        """What finds the rules without an effect on a text; None without any."""
        ...

    def ending_in(self, text: str) -> Collection[str]:
        """The rules with a pattern that ends a text and matches within this one."""
        ...

    def canonical_in(self, text: str) -> Collection[str]:
        """The rules that match the canonical form of a text, where that differs from it."""
        ...

    def disguised_in(self, text: str) -> Sequence[str]:
        """The rules that match the canonical form of a text, and not the text."""
        ...

    def clean_output(self, text: str) -> bool:
        """Whether a complete text matches no rule."""
        ...

    def refuses(self, rule: str) -> bool:
        """Whether a match ends the text."""
        ...

    def redacts(self, rule: str) -> bool:
        """Whether a match is taken out of the text."""
        ...


@dataclass(slots=True)
class OutputGuard:
    """Checks one text as it streams. ``fired`` are the rules that have matched so far.

    ``others`` are rules that do not apply. Where ``fixed`` no part of the text may change, so that
    a rule which takes something out ends it. After a rule has ended the text, ``blocked`` names it
    and nothing more is released.
    """

    rules: GuardRules
    others: frozenset[str] = frozenset()
    readers: tuple[TextReader, ...] = ()
    fixed: bool = False
    fired: list[str] = field(default_factory=list)
    blocked: str | None = None
    _matcher: StreamMatcher | None = field(default=None, init=False, repr=False)
    _watcher: StreamMatcher | None = field(default=None, init=False, repr=False)
    _tail: str = field(default="", init=False, repr=False)
    _watched: int = field(default=0, init=False)
    _fed: int = field(default=0, init=False)
    _out: int = field(default=0, init=False)
    _waiting: str = field(default="", init=False, repr=False)  # for what a reader has open

    @property
    def held(self) -> int:
        """The number of characters held back because they may be part of a match."""
        return len(self._waiting) + (len(self._matcher.held) if self._matcher else 0)

    def passes(self, text: str) -> bool:
        """Whether a complete text passes as it is; a quick look, which may say no."""
        if self.blocked or any(isinstance(one, ToolArguments) for one in self.readers):
            return False
        return self.rules.clean_output(text)

    def feed(self, text: str) -> str:
        """Returns the part of the text that is cleared now."""
        if self.blocked:
            return ""
        seen = self._seen([reader.feed(text) for reader in self.readers])
        if seen and self.rules.refuses(seen[-1].rule):
            text = text[: seen[-1].at - self._fed]
        if self._matcher is None:
            self._matcher = self.rules.matcher(self.others)
            self._watcher = self.rules.watcher(self.others)
        cleared = self._cleared(text, self._matcher)
        return self._released(cleared, seen) if self.readers else cleared

    def _cleared(self, text: str, matcher: StreamMatcher) -> str:
        """What the matcher clears; it sees the text before a disguised match before that counts."""
        cleared, done = list[str](), 0
        for at, rule in self._disguised(text):
            cleared.append(self._clear(matcher.feed(text[done:at])))
            done = at
            if self.blocked:
                break
            self._fire(rule)
            if self.rules.refuses(rule) or self.rules.redacts(rule):
                self._end_by(rule)
                break
        if not self.blocked:
            cleared.append(self._clear(matcher.feed(text[done:])))
            done = len(text)
        self._fed += done
        return "".join(cleared)

    def finish(self) -> str:
        """Ends the text; returns the held characters that no rule blocks."""
        if self.blocked:
            return ""
        seen = self._seen([reader.finish() for reader in self.readers])
        cleared = self._clear(self._matcher.finish()) if self._matcher else ""
        if self._watcher and not self.blocked:
            self._note(self._watcher.finish())
        return self._released(cleared, seen, final=True) if self.readers else cleared

    def _end_by(self, rule: str | None) -> None:
        self.blocked = self.blocked or rule

    def _seen(self, found: Iterable[Iterable[FoundPart]]) -> list[FoundPart]:
        """What the readers find, in order, up to the first refusal."""
        seen: list[FoundPart] = []
        for parts in found:
            for part in parts:
                seen.append(part)
                if self.rules.refuses(part.rule):
                    break
        if len(seen) > 1:
            seen.sort(key=attrgetter("at"))
            first = next((at for at, one in enumerate(seen) if self.rules.refuses(one.rule)), None)
            if first is not None:
                del seen[first + 1 :]
        return seen

    def _released(self, cleared: str, seen: Sequence[FoundPart], *, final: bool = False) -> str:
        """What may be released of cleared text, after what readers have seen.

        Where another rule has ended the text, what ends later was not there.
        """
        waiting = self._waiting + cleared
        free = self._out + len(waiting)
        if self.blocked:
            seen = [part for part in seen if part.at <= free]
        elif not final:
            free = min(reader.free for reader in self.readers)
        for part in seen:
            self._fire(part.rule)
            if self.rules.refuses(part.rule):
                self._end_by(part.rule)
                free = part.free
        size = max(0, free - self._out)
        self._waiting, cleared = waiting[size:], waiting[:size]
        self._out += len(cleared)
        return cleared

    def _disguised(self, text: str) -> Iterator[tuple[int, str]]:
        """The rules that match the canonical form only, by the place of the last character.

        A place depends on the ``_REACH`` characters before it, so pieces change nothing. What is
        disguised has no place in the text, so that it cannot be taken out of it: it ends the text.
        """
        before, self._tail = self._tail, (self._tail + text)[-_REACH:]
        near = before[-1:] + text  # two spaces may come in two pieces
        hiding = max((found.end() for found in _HIDING.finditer(near)), default=None)
        watched, self._watched = self._watched, self._watched - len(text)
        if hiding is not None:
            self._watched = _REACH - (len(near) - hiding)
        if hiding is None and watched <= 0:
            return
        recent = before + text
        for first in range(len(before), len(recent), LONGEST):
            last = min(first + LONGEST, len(recent))
            if not self._may_hide(recent[max(0, first + 1 - _REACH) : last]):
                continue
            for end in range(first + 1, last + 1):
                for rule in self._disguised_in(recent[max(0, end - _REACH) : end]):
                    yield end - len(before) - 1, rule

    def _may_hide(self, text: str) -> bool:
        """Whether a rule that would change anything matches the canonical form; a quick look."""
        return any(
            rule not in self.others
            and (rule not in self.fired or self.rules.refuses(rule) or self.rules.redacts(rule))
            for rule in self.rules.canonical_in(text)
        )

    def _disguised_in(self, text: str) -> list[str]:
        return [rule for rule in self.rules.disguised_in(text) if rule not in self.others]

    def _clear(self, events: Sequence[Event]) -> str:
        """What may be released of the events; the rules without an effect see only that."""
        came, cleared = list[str](), list[str]()
        for event in events:
            covers = isinstance(event, Match)
            if isinstance(event, Match):
                self._fire(event.id)
                self.blocked = self._ended_by(event)
                if self.blocked:
                    break
            came.append(event.text)
            cleared.append(COVER * len(event.text) if covers else event.text)
        if self._watcher:
            self._note(self._watcher.feed("".join(came)))
        return "".join(cleared)

    def _ended_by(self, match: Match) -> str | None:
        """The rule that ends the text at a match: its own, or one within what is taken out."""
        if self.fixed or self.rules.refuses(match.id):
            return match.id
        within = [rule for rule in self.rules.ending_in(match.text) if rule not in self.others]
        for rule in within:
            self._fire(rule)
        return min(within, default=None)

    def _note(self, events: Iterable[Event]) -> None:
        for event in events:
            if isinstance(event, Match):
                self._fire(event.id)

    def _fire(self, rule: str) -> None:
        if rule not in self.fired:
            self.fired.append(rule)
