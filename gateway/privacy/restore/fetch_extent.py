"""How far a command or a call reaches that fetches or sends."""

_OPENS, _CLOSES, _QUOTES = frozenset("([{"), frozenset(")]}"), frozenset("'\"`")
_GOES_ON = frozenset("\\+,.=|&(")  # at the end of a line
LONGEST_READ = 2048  # characters of a command that are read as a program does


class FetchExtent:
    """A command or call that has begun at ``at``.

    In prose it reaches to the next empty line. In code a ``command`` does too, save within quotes;
    with a document that follows it (``<<``) it reaches to the end. A call reaches to the end of the
    line in which its brackets and quotes are closed.

    ``own``: its first lines are the caller's own and no program would read more of them as one
    command, so each further line counts by itself.
    """

    __slots__ = (
        "_blank",
        "_depth",
        "_document",
        "_last",
        "_outer",
        "_quote",
        "_same",
        "_triple",
        "at",
        "command",
        "own",
    )

    def __init__(self, at: int, text: str, *, command: bool, quote: str = "") -> None:
        """``text`` is what was read of it, ``quote`` the open one that it begins in."""
        self.at = at
        self.command = command
        self.own = False
        self._outer = quote  # of the string that holds it
        self._depth, self._quote, self._triple = 0, quote[:1], len(quote) == 3
        self._blank = self._document = False
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

    def rest(self, before: str | None, text: str) -> int | None:
        """Return the size of what still belongs to it in the text after it; None if all may.

        ``before`` is all of it so far. It ends here with its line: what it would send to stands
        before that.
        """
        if before is None or len(before) > LONGEST_READ:
            return None
        end = text.find("\n") + 1
        while end and not (self.own or self.is_complete(before + text[:end])):
            end = text.find("\n", end) + 1
        return end or None

    def is_complete(self, text: str) -> bool:
        """Return whether a program that reads this much, to the end of a line, would run it."""
        outer, quote, depth = self._outer, "", 0
        slashed = called = False
        at = 0
        while at < len(text):
            sign, at = text[at], at + 1
            if slashed or sign == "\\":
                if slashed and quote and sign in _QUOTES:
                    return False  # whether that ends the string depends on the language
                slashed = not slashed
            elif outer and text.startswith(outer, at - 1):
                at += len(outer) - 1
                outer = quote = ""
            elif quote or sign in _QUOTES:
                quote = "" if quote == sign else quote or sign
            else:
                depth += (sign in _OPENS) - (sign in _CLOSES)
                called = called or sign in _CLOSES
        last = text.rstrip()[-1:]
        goes_on = last == "^" or not (self.command or called or last not in _GOES_ON)
        return not (quote or depth > 0 or goes_on or "<<" in text or text.endswith("\\\n"))

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
    """Return the quote, of one sign or three, that is open at the end of a line of code."""
    quote, at = "", 0
    while at < len(line):
        sign = line[at]
        if quote and line.startswith(quote, at):
            at, quote = at + len(quote), ""
        elif quote or sign not in _QUOTES:
            at += 1
        else:
            quote = sign * 3 if line.startswith(sign * 3, at) else sign
            at += len(quote)
    return quote
