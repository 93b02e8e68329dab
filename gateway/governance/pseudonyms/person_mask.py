"""Replaces what names a person by the pseudonym under which entries know that person."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from ahocorasick_rs import AhoCorasick, MatchKind

_SHORTEST_WORD = 3  # of a search that could be a word of a name
_SHORTEST_PART = 6  # of one that could be a part of such a word
_WORD = re.compile(r"[a-z][a-z0-9_]*\Z")
# Members whose values are words of the product or names of things. There, a person called `auditor`
# does not take away a role of that name.
_VOCABULARY = frozenset({
    *("alias", "deployment", "event", "format", "issuer", "kind", "language", "level", "model"),
    *("outcome", "permission", "permissions", "power", "provider", "purpose", "reason_code"),
    *("role", "roles", "source", "state", "status", "team", "teams", "type", "via", "zone"),
})


@dataclass(frozen=True, slots=True, repr=False)
class KnownPerson:
    """A person: the pseudonym that takes the place of a name, and all that names the person.

    ``also`` is another pseudonym under which entries know the person. Who ``governs`` (decides, or
    has an administrator's key) stays named.
    """

    pseudonym: str
    names: tuple[str, ...]
    governs: bool = False
    also: str | None = None


class PersonMask:
    """Masks texts and documents."""

    def __init__(self, persons: Iterable[KnownPerson]) -> None:
        self._pseudonyms = {
            form: person.pseudonym
            for person in persons
            for name in person.names
            for form in (_folded(name), name.casefold())
            if form
        }
        self._names = list(self._pseudonyms)
        self._words = {word for name in self._names for word in re.split(r"[\W_]+", name)}
        self._finder = AhoCorasick(self._names, matchkind=MatchKind.Standard)

    def text(self, value: str) -> str:
        """The text with a pseudonym in place of each name that is a whole word."""
        folded = _folded(value)
        found = [
            (start, end, name)
            for name, start, end in self._finder.find_matches_as_indexes(folded, overlapping=True)
            if _is_whole(folded, start, end)
        ]
        parts, done = [], 0
        for start, end, name in sorted(found, key=lambda one: (one[0], -one[1])):
            if start >= done:
                parts += [value[done:start], self._pseudonyms[self._names[name]]]
                done = end
        return "".join([*parts, value[done:]])

    def document(self, value: Any, member: str = "") -> Any:
        """A JSON document, its texts and the names of its members masked.

        Names of members that are words of the API stay, and so do values in ``_VOCABULARY``.
        """
        if isinstance(value, str):
            return value if member in _VOCABULARY and _WORD.match(value) else self.text(value)
        if isinstance(value, Mapping):
            return {
                name if _WORD.match(name) else self.text(name): self.document(item, name)
                for name, item in value.items()
            }
        if isinstance(value, list):
            return [self.document(item, member) for item in value]
        return value

    def is_part_of_a_name(self, text: str) -> bool:
        """Whether a search for this text would find a person."""
        folded = text.casefold()
        if len(folded) >= _SHORTEST_PART:
            return any(folded in name for name in self._names)
        return len(folded) >= _SHORTEST_WORD and folded in self._words


def _folded(text: str) -> str:
    """In lower case, each character in its place: some have a longer form in lower case."""
    if text.isascii():
        return text.lower()
    return "".join(low if len(low := one.casefold()) == 1 else one for one in text)


def _is_whole(text: str, start: int, end: int) -> bool:
    """Whether no letter, digit or underscore touches the stretch."""
    before = text[start - 1] if start else " "
    after = text[end] if end < len(text) else " "
    return not any(one.isalnum() or one == "_" for one in (before, after))
