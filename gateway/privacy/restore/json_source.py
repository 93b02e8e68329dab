"""Decode JSON source that arrives in pieces."""

import re
from collections.abc import Iterator

_NO_CHARACTER = "\ufffd"
_EDGE = re.compile(r'["\\]')
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f"}


def joined(text: str) -> str:
    """Return a decoded text with its characters of two escapes as one."""
    if text.isascii():
        return text
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


class JsonReader:
    """A decoder for the source of a JSON document that arrives in pieces."""

    __slots__ = ("_escape",)

    def __init__(self) -> None:
        self._escape = ""

    @property
    def inside_escape(self) -> bool:
        """Whether the next character belongs to an escape that has begun."""
        return bool(self._escape)

    def decode(self, text: str) -> Iterator[str]:
        """Yield the decoded text in parts; NUL for a quote that opens or ends a string."""
        at = 0
        while at < len(text):
            end = at + 1
            if self._escape or text[at] in '"\\':
                decoded = self.read(text[at])
            else:
                edge = _EDGE.search(text, at)
                end = edge.start() if edge else len(text)
                decoded = text[at:end].replace("\0", _NO_CHARACTER)
            at = end
            if decoded:
                yield decoded

    def read(self, character: str) -> str:
        """Return the decoded character, "" within an escape, NUL for a quote around a string."""
        if not self._escape:
            if character == "\\":
                self._escape = character
                return ""
            return "\0" if character == '"' else character.replace("\0", _NO_CHARACTER)
        self._escape += character
        if self._escape[1] != "u":
            self._escape = ""
            return _ESCAPES.get(character, character)
        if len(self._escape) < 6:
            return ""
        digits, self._escape = self._escape[2:], ""
        try:
            return chr(int(digits, 16)).replace("\0", _NO_CHARACTER)
        except ValueError:
            return _NO_CHARACTER
