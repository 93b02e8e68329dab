"""Replaces what names a person by the pseudonym under which entries know that person."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

_SHORTEST = 3  # of a search that could be a part of a name


@dataclass(frozen=True, slots=True, repr=False)
class KnownPerson:
    """A person who uses models: the pseudonym in entries, and all that names the person."""

    pseudonym: str
    names: tuple[str, ...]


class PersonMask:
    """Masks texts and documents."""

    def __init__(self, persons: Iterable[KnownPerson]) -> None:
        self._pseudonyms = {
            name.casefold(): person.pseudonym for person in persons for name in person.names if name
        }
        longest_first = sorted(self._pseudonyms, key=len, reverse=True)
        names = "|".join(map(re.escape, longest_first))
        self._names = re.compile(rf"(?<!\w)(?:{names})(?!\w)", re.IGNORECASE) if names else None

    def text(self, value: str) -> str:
        """The text with a pseudonym in place of each name."""
        if self._names is None:
            return value
        return self._names.sub(lambda found: self._pseudonyms[found[0].casefold()], value)

    def document(self, value: Any) -> Any:
        """A JSON document, its texts and the names of its members masked."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, Mapping):
            return {self.text(name): self.document(item) for name, item in value.items()}
        if isinstance(value, list):
            return [self.document(item) for item in value]
        return value

    def is_part_of_a_name(self, text: str) -> bool:
        """Whether a search for this text would find a person."""
        folded = text.casefold()
        return len(folded) >= _SHORTEST and any(folded in name for name in self._pseudonyms)
