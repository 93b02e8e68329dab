"""The text after a placeholder: whether it would make the value part of an address."""

import unicodedata

from gateway.privacy.restore.exfiltration_patterns import HARMLESS_ENTITIES, as_read
from gateway.privacy.restore.json_source import JsonReader

_DOTS = ".\u3002\uff61"
_LOCAL = frozenset("!#$'*+/=?^{|}~")  # with letters, digits, - and _ the signs before an @
_RUNS = frozenset("|;&<>$=(")
_AFTER_HOST = frozenset(".\u3002\uff61@%/\\:&")  # after one label: another, a path, a port


class Lookahead:
    """A scan of at most ``room`` characters; if they do not decide, the placeholder stays."""

    __slots__ = (
        "_bare",
        "_code",
        "_entity",
        "_in_code",
        "_label",
        "_reader",
        "_room",
        "_sign",
        "scanned",
    )

    def __init__(self, room: int, *, bare: bool, code: str, json: bool) -> None:
        """``code``: "data" or "command" within inline code, by its beginning.

        It is "file" in a file or a command line, where ``.`` and one word are no host, and "" in
        other text.
        """
        self.scanned = 0
        self._room = room
        self._bare = bare
        self._code = "" if code == "file" else code
        self._label = "" if code == "file" else None  # the word after a dot, where it may be one
        self._in_code = False  # whether only the code around it is undecided
        self._sign = ""  # a sign whose meaning the next one decides
        self._entity = ""
        self._reader = JsonReader() if json else None

    @property
    def runs(self) -> bool:
        """Whether the code around it decided, not an address."""
        return self._in_code or (self._code == "command")

    def read(self, text: str) -> bool | None:
        """Return True if it is safe to restore, False if it stays, None if undecided."""
        for character in text[self.scanned :]:
            self.scanned += 1
            safe = self._take(character)
            if safe is not None:
                return safe
            if self.scanned == self._room:
                return self._in_code and self._code == "data"
        return None

    def _take(self, character: str) -> bool | None:
        read = character if self._reader is None else self._reader.read(character)
        if read == "\0":
            return not self._entity
        plain = as_read(read)
        if not plain:
            return None
        return self._judge(plain if len(plain) == 1 else read)

    def _judge(self, read: str) -> bool | None:
        if self._in_code or (self._code and read in _RUNS):
            return self._run(read)
        if self._bare:
            if read == "s" and self.scanned == 1:
                return None
            if read.isalnum() or read == "_":
                return False
            self._bare = False
        if self._entity:
            return self._in_entity(read)
        safe = self._address(read)
        if safe and self._code:
            self._in_code = True
            return self._run(read)
        return safe

    def _address(self, read: str) -> bool | None:
        sign, self._sign = self._sign, ""
        if self._label and not _in_host(read):
            self._label = None
            if read in _AFTER_HOST:
                return False
        if sign == "." and self._label is not None and _in_host(read):
            self._label = read
            return None
        if read in "@%" or (sign == ":" and read in "/\\") or (sign == "." and _in_host(read)):
            return False
        if read in _DOTS:
            self._sign = "."
        elif read == ":":
            self._sign = ":"
        elif read == "\\":
            self._sign = sign  # the escaped character counts
        elif read == "&":
            self._entity = "&"
        elif not (_in_host(read) or read in _LOCAL):
            return True
        return None

    def _in_entity(self, read: str) -> bool | None:
        if read.isalnum() or (read == "#" and self._entity == "&"):
            self._entity += read
            return None
        name, self._entity = self._entity[1:], ""
        if read == ";" and name:
            return name in HARMLESS_ENTITIES
        if name.startswith(("#", "shy")):
            return False
        return self._judge(read)

    def _run(self, read: str) -> bool | None:
        if read == "`":
            return True
        return False if read in _RUNS else None


def _in_host(read: str) -> bool:
    """Whether a host name can continue with it; scripts without spaces are left out."""
    if read.isascii():
        return read.isalnum() or read in "-_"
    return (read.isalnum() and read < "\u2e80") or unicodedata.category(read) == "Mn"
