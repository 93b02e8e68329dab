"""The position in a text: whether a program of the reader would fetch what it is part of.

In doubt a position is unsafe: a placeholder that stays is a small loss, a value in a URL is a leak.
"""

import re

from gateway.privacy.restore.code_blocks import LINE, CodeSpan, Fence
from gateway.privacy.restore.exfiltration_patterns import (
    CALL,
    CALL_ENDS,
    FETCH,
    FETCH_IN_CODE,
    LONGEST_URL,
    LONGEST_WORD,
    NO_FETCH_ENDS,
    URL,
    as_read,
    may_end_url,
)
from gateway.privacy.restore.html_tags import HtmlTags
from gateway.privacy.restore.json_source import JsonReader
from gateway.privacy.restore.link_targets import LinkTargets

_SIGNS = "\t\n\v\f\r\"'`()[]{}<>=:;/\\.?#&@%|$+,~"
_IS_SIGN = frozenset(_SIGNS)
_PIECES = re.compile(f"[^{re.escape(_SIGNS)}]+|[{re.escape(_SIGNS)}]")
_SPACE = frozenset(" \t\n\r\f\v")  # others do not end a link
_QUOTES = ("'", '"', "`")
_OF_URL = "abcdefghijklmnopqrstuvwxyz0123456789-+.:/\\"
_END_OF_ARRAY = frozenset("]}:")


class MarkupContext:
    """A scan of a text, once and in order; ``unsafe`` is about the position after it."""

    def __init__(self, *, json: bool = False) -> None:
        self._reader = JsonReader() if json else None
        self._in_string = self._carried = False
        self._reset(fetch=False)

    def _reset(self, *, fetch: bool) -> None:
        self.last = ""
        self._fetch = fetch
        self._word = " "  # the end of the text since the last space, with that space
        self._sign = ""  # the last sign in the word
        self._url = False
        self._url_quote = ""  # the quote before the current URL
        self._behind_url = ""  # the last sign after a quoted URL, while a string may be joined
        self._recent = " "
        self._line = ""
        self._slashed = False  # whether the next character is escaped by a backslash
        self._fence = Fence()
        self._span = CodeSpan()
        self._tags = HtmlTags()
        self._targets = LinkTargets()

    @property
    def unsafe(self) -> bool:
        """Whether a value at this position could be part of a fetched address."""
        return (
            self._url
            or self._fetch
            or self._tags.inside
            or self._targets.inside
            or self._fence.runs
            or (self._span.runs and not self._fence.open)
            or (self._reader is not None and self._reader.inside_escape)
            or (self._word[-1] in "/\\" and self._word[-2:-1] in "/\\")
        )

    @property
    def code(self) -> str:
        """Within inline code "data" or "command", by its beginning; else ""."""
        if not self._span.open or self._fence.open:
            return ""
        return "data" if self._span.named else "command"

    def read(self, text: str) -> None:
        """Process the next piece of the text."""
        if self._reader is None:
            self._take(text)
            return
        for decoded in self._reader.decode(text):
            if decoded == "\0":
                self._in_string = not self._in_string
                self._carried = self._fetch
                self._reset(fetch=self._fetch)
                continue
            # The words of a command may be the strings of an array, so only its end ends it.
            if self._carried and not self._in_string and not _END_OF_ARRAY.isdisjoint(decoded):
                self._fetch = self._carried = False
                self._recent = " "
            self._take(decoded)

    def _take(self, text: str) -> None:
        for piece in _PIECES.findall(as_read(text)):
            if piece == "`" and not self._fence.open:
                if self._span.open or not self._slashed:
                    self._span.tick()
            elif self._span.read(piece):
                self._recent = " "
            self._tags.read(piece)
            self._targets.read(piece, slashed=self._slashed)
            self._in_word(piece)
            self._in_fetch(piece)
            if piece == "\n":
                self._end_line()
            elif len(self._line) < LINE:
                self._line = (self._line + piece)[:LINE]
            self._slashed = piece == "\\" and not self._slashed
            self.last = piece[-1]

    def _in_fetch(self, piece: str) -> None:
        text = self._recent + piece
        self._recent = text[-LONGEST_WORD:]
        if self._fetch:
            return
        if piece in CALL_ENDS and not self._fence.data:
            self._fetch = CALL.search(text) is not None
        if piece not in NO_FETCH_ENDS and not self._fetch:
            in_code = self._span.open or (self._fence.open and not self._fence.data)
            words = FETCH_IN_CODE if in_code else FETCH
            self._fetch = words.search(text) is not None

    def _in_word(self, piece: str) -> None:
        if self._behind_url:
            self._join(piece)
        if piece in _SPACE:
            soft = piece == "\n" and self._url and self._word[-1] in "=\\"
            if not soft:
                self._end_word()
            return
        if piece not in _IS_SIGN and " " in piece:
            first, _, _ = piece.partition(" ")
            if first:
                self._grow(first)
            self._end_word()
            piece = piece.rpartition(" ")[2]
            if not piece:
                return
        self._grow(piece)

    def _end_word(self) -> None:
        self._word = " "
        self._url = False
        self._sign = ""

    def _grow(self, piece: str) -> None:
        word = self._word + piece
        self._word = word[-LONGEST_URL:]
        if self._url:
            self._in_url(piece)
            return
        before = self._sign
        if piece in _IS_SIGN:
            self._sign = piece
        match = URL.search(word) if may_end_url(word, piece, before) else None
        if match is not None:
            self._url = True
            before = word[: match.start() + 1].rstrip(_OF_URL)[-1:]
            self._url_quote = before if before in _QUOTES else ""
            self._fence.plain = self._fence.data

    def _in_url(self, piece: str) -> None:
        if not self._url_quote:
            return
        if piece == self._url_quote:
            self._behind_url = piece
        elif piece in "{$" or self._word.endswith(("%s", "%d")):
            self._fetch = True  # a template: its values are elsewhere

    def _join(self, piece: str) -> None:
        """Detect a string that is joined to a URL in quotes."""
        before, self._behind_url = self._behind_url, ""
        if piece in _QUOTES or piece in "+&%~" or before + piece in ("||", " ."):
            self._fetch = True
        elif piece.isspace():
            self._behind_url = "" if before in (".", "|") else " "
        elif piece in (".", "|"):
            self._behind_url = piece
        elif piece in ",}]:":
            self._end_word()

    def _end_line(self) -> None:
        line, self._line = self._line, ""
        if self._fence.end_line(line):
            self._forget()
        elif not line.strip(" >") and not self._fence.open:
            self._forget()
            self._targets.end_paragraph()

    def _forget(self) -> None:
        self._fetch = False
        self._recent = "\n"
        self._span.close()
