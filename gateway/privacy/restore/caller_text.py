"""What the caller wrote around each value, as the provider got it.

A model that writes a link or a command of the caller again writes it as it was sent. So a value in
one comes back where the text of the answer from where the link or command begins, and on to its
end, stands so in the request, beside the placeholder of the same value.
"""

from collections.abc import Iterable

_KEY = 8  # characters before a value by which its places are found
Place = tuple[str, int]  # a text, and where the value begins in it
_MOST = 32  # places of one value after the same characters that are compared
# These end an address; what follows them cannot change where it leads.
_ENDS = frozenset(' \t\n\r\f\v\0"`<>()[],')


class CallerText:
    """The places of replaced values in the texts of a request, in redacted form."""

    def __init__(self) -> None:
        self._after: dict[tuple[str, str], list[Place]] = {}  # by value, and the text before it
        self._all: dict[str, list[Place]] = {}

    def add(self, text: str, places: Iterable[tuple[int, int]]) -> None:
        """Add the start and end of each replaced value in a redacted text."""
        for start, end in places:
            value, before = text[start:end], text[max(0, start - _KEY) : start]
            for known in (
                self._after.setdefault((value, before), []),
                self._all.setdefault(value, []),
            ):
                if len(known) < _MOST:
                    known.append((text, start))

    def find(self, placeholder: str, before: str, after: str) -> Place | None:
        """Return where the caller wrote the value between these texts."""
        if len(before) < _KEY:
            found = self._all.get(placeholder, [])
        else:
            found = self._after.get((placeholder, before[-_KEY:]), [])
        for text, at in found:
            if text.endswith(before, 0, at) and text.startswith(after, at + len(placeholder)):
                return text, at
        return None


def address_end(text: str) -> int | None:
    """Return the size of what continues an address, with its end; None if it does not end."""
    for size, character in enumerate(text, start=1):
        if character in _ENDS:
            return size
    return None
