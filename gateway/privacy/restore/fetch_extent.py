"""How far a command or a call reaches that fetches or sends."""

_OPENS, _CLOSES, _QUOTES = frozenset("([{"), frozenset(")]}"), frozenset("'\"`")
_GOES_ON = frozenset("\\+,.=|&(")  # at the end of a line


class FetchExtent:
    """A command or call that has begun at ``at``.

    In prose it reaches to the next empty line. In code a ``command`` does too, save within quotes;
    with a document that follows it (``<<``) it reaches to the end. A call reaches to the end of the
    line in which its brackets and quotes are closed.
    """

    __slots__ = (
        "_blank",
        "_depth",
        "_document",
        "_last",
        "_quote",
        "_same",
        "_triple",
        "at",
        "command",
    )

    def __init__(self, at: int, text: str, *, command: bool, quote: str = "") -> None:
        """``text`` is what was read of it, ``quote`` the open one that it begins in."""
        self.at = at
        self.command = command
        self._depth, self._quote = 0, quote
        self._blank = self._document = self._triple = False
        self._same = 0  # how often the last sign was repeated, if it is a quote
        self._last = ""
        for character in text:
            self._take(character, slashed=False)

    def carried(self) -> "FetchExtent":
        """The same command in the next string of JSON."""
        return FetchExtent(self.at, "", command=True)

    def ends(self, piece: str, *, slashed: bool, code: bool) -> bool:
        """Process a piece; return True where the extent ends with it. In prose none does."""
        if piece != "\n":
            self._take(piece, slashed=slashed)
            return False
        blank, self._blank = self._blank, True
        if not (self.command or self._triple or slashed) and self._quote != "`":
            self._quote = ""  # a string of a program ends with its line
        if not code or slashed or self._quote or self._document:
            return False
        if self.command:
            return blank
        return self._depth <= 0 and self._last not in _GOES_ON

    def _take(self, piece: str, *, slashed: bool) -> None:
        if piece.isspace():
            self._same = 0
            return
        self._blank = False
        if slashed:
            self._last = "\\"
            return
        self._same = self._same + 1 if piece == self._last and piece in _QUOTES else 1
        if self._same == 3:
            self._triple = not self._triple
            self._quote = piece if self._triple else ""
            self._same = 0
        elif self._triple:
            pass
        elif self._quote:
            self._quote = "" if piece == self._quote else self._quote
        elif piece in _QUOTES:
            self._quote = piece
        elif piece in _OPENS:
            self._depth += 1
        elif piece in _CLOSES:
            self._depth -= 1
        elif piece == self._last == "<":
            self._document = True
        self._last = piece[-1]


def open_quote(line: str) -> str:
    """Return the quote that is open at the end of a line of code; "" if none is."""
    quote = ""
    for character in line:
        if character == quote:
            quote = ""
        elif not quote and character in _QUOTES:
            quote = character
    return quote
