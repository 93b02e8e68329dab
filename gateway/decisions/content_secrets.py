"""Secrets in answers that have no form of their own: passwords in sentences and in addresses."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gateway.core.text import yaml_text
from gateway.decisions.text_reader import HELD, FoundPart

_WINDOW = 160  # characters before the end of a word in which its meaning is looked for
_NEAR = 96  # characters between a word that announces a secret and the word that may be one
_SHORTEST = 6
_LONGEST_NAME = 12
_ANNOUNCE = (
    "p(?:ass|wd)|wacht|wi.?fi|s(?:ecret|leutel)|geheim|log ?in|inlog|token|c(?:redential|ode)"
    "|api.?key|[^a-z](?:pw|ww)[^a-z]"
)
# In both cases by hand: the engine is slower when it must ignore case.
_NAMES = re.compile(
    re.sub(r"(?<!-)[a-z](?!-)", lambda one: f"[{one[0]}{one[0].upper()}]", _ANNOUNCE)
    + r"|https?://|://|@"  # an address that may hold a password
)
_ENDS = re.compile(r"[\s\"'`;,<>/:?]")
_PART = re.compile(r"[^\s\"'`;,<>]{0,160}")
_SPACE = re.compile(r"\s")
_SIGN = re.compile(r"[0-9!#$%^&*?]")
_LETTER = re.compile(r"[A-Za-z]")
SecretFinder = Callable[[str], Sequence[tuple[int, int]]]


@dataclass(frozen=True, slots=True)
class SecretLimits:
    """The ``secrets`` of a rule. ``examples`` are parts of values that are no secret."""

    examples: tuple[str, ...] = ()

    @classmethod
    def of(cls, node: Any) -> "SecretLimits":
        """What a node of ``content.yaml`` describes.

        Raises:
            ValueError: says what is wrong.
        """
        if not isinstance(node, Mapping) or node.keys() - {"examples"}:
            raise ValueError("secrets may have examples")
        return cls(tuple(one.lower() for one in yaml_text.words(node, "examples")))


def may_announce(text: str) -> bool:
    """Whether a text has a word that announces a secret."""
    return _NAMES.search(text) is not None


class SecretReader:
    """Reads one text; ``find`` gives the places of secrets in a short text.

    Only a word with a figure or a sign, after a word that announces a secret, is looked at.
    """

    def __init__(self, rules: Mapping[str, SecretLimits], find: SecretFinder) -> None:
        self._rules = rules
        self._find = find
        self._size = 0
        self._before = ""  # ends with the open word
        self._word = 0  # where the open word begins in the text
        self._named = -_NEAR - 1  # where the last word that announces a secret ends
        self._named_in_word: int | None = None  # and the first one in the open word
        self._announced = False  # by what comes before the open word
        self._web = False  # the open word is a link, without a password until now

    @property
    def free(self) -> int:
        """Holds back an open word that was announced, and what follows such a word in it."""
        if self._announced:
            return max(self._word, self._size - HELD)
        if self._named_in_word is None:
            return self._size
        return max(self._word, self._named_in_word - 1, self._size - HELD)

    def feed(self, text: str) -> Iterator[FoundPart]:
        """The rules of each secret that has ended in this piece."""
        near = self._before[-_LONGEST_NAME:]
        base = self._size - len(near)
        names = [
            (base + name.end(), name[0])
            for name in _NAMES.finditer(near + text)
            if name.end() > len(near)
        ]
        if not names and self.free == self._size and self._size - self._named > _NEAR:
            self._pass(text)
            return
        done = 0
        for end in _ENDS.finditer(text):
            self._read(text[done : end.end()], names)
            done = end.end()
            yield from self._look(more=1)
            if end[0].isspace():
                self._word, self._named_in_word, self._web = self._size, None, False
                self._announced = self._size - self._named <= _NEAR
        self._read(text[done:], names)

    def finish(self) -> Iterator[FoundPart]:
        """The same for the last word."""
        yield from self._look(more=0)

    def _pass(self, text: str) -> None:
        """Takes text with nothing to look at."""
        for space in _SPACE.finditer(text):
            self._word = self._size + space.end()
        self._before = (self._before + text)[-_WINDOW:]
        self._size += len(text)

    def _read(self, text: str, names: list[tuple[int, str]]) -> None:
        self._before = (self._before + text)[-_WINDOW:]
        self._size += len(text)
        while names and names[0][0] <= self._size:
            end, name = names.pop(0)
            self._web = (name.endswith("://") and name != "://") or (self._web and name != "@")
            if name != "@":
                self._named_in_word = self._named_in_word or end
                if not name.endswith("://"):
                    self._named = end

    def _look(self, *, more: int) -> Iterator[FoundPart]:
        """The rules of a secret with which the text ends, but for some characters more."""
        free = self.free
        if self._web or free == self._size:
            return  # what a link without a password carries, other rules judge
        before = self._before[: len(self._before) - more]
        part = _last_part(before)
        if len(part) < _SHORTEST or not _SIGN.search(part) or not _LETTER.search(part):
            return
        named = self._announced or self._named > self._word or "://" in part
        if not named or _is_web_link(part):
            return
        values = [
            before[start:end].lower()
            for start, end in self._find(before)
            if end > len(before) - HELD
            if before[end : end + 1] == "@" or not _is_web_link(_last_part(before[:start]))
        ]
        for rule, limits in self._rules.items():
            if any(not any(one in value for one in limits.examples) for value in values):
                yield FoundPart(rule, self._size, free)


def _last_part(text: str) -> str:
    """The end of a text in which nothing ends a value."""
    part = _PART.match(text[::-1])
    return text[len(text) - part.end() :] if part else ""


def _is_web_link(part: str) -> bool:
    """Whether it is, or begins, a link without a password: what that carries, other rules judge."""
    return "@" not in part and ("https://" in part or "http://" in part)
