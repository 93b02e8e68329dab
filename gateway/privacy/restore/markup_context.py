"""The position in a text: whether a program of the reader would fetch what it is part of.

In doubt a position is unsafe. ``begins`` is where the link, tag or command begins that makes it so:
up to there a text must be the caller's own for a value to be restored all the same.
"""

import re

from gateway.privacy.restore.caller_text import copied, past_lead
from gateway.privacy.restore.code_blocks import LINE, CodeSpan, Fence
from gateway.privacy.restore.exfiltration_patterns import (
    FETCH,
    FETCH_IN_CODE,
    FETCH_IN_SPAN,
    LONGEST_URL,
    LONGEST_WORD,
    NO_FETCH_ENDS,
    PRINTS,
    PROGRAM,
    SPAN_ENDS,
    URL,
    URL_IN_CODE,
    as_read,
    may_end_url,
)
from gateway.privacy.restore.fetch_extent import LONGEST_READ, FetchExtent, open_quote
from gateway.privacy.restore.html_tags import HtmlTags
from gateway.privacy.restore.json_source import JsonReader, joined
from gateway.privacy.restore.link_targets import LinkTargets

KEPT_TEXT = 32_768  # characters before a position that can be compared with the caller's text
_LONGEST_LEAD = 256  # characters before what a line says
_NEAR = 12  # characters of the line that are compared at least
_SIGNS = "\t\n\v\f\r\"'`()[]{}<>=:;/\\.?#&@%|$+,~"
_IS_SIGN = frozenset(_SIGNS)
_PIECES = re.compile(f"[^{re.escape(_SIGNS)}]+|[{re.escape(_SIGNS)}]")
_RUNS = re.compile(r"[\x00-\x7f]+|[^\x00-\x7f]+")
_SPACE = frozenset(" \t\n\r\f\v")  # others do not end a link
_LINE_ENDS = re.compile(r"[\n\r\0]")
_QUOTES = ("'", '"', "`")
_OF_URL = "abcdefghijklmnopqrstuvwxyz0123456789-+.:/\\"
_END_OF_ARRAY = frozenset("]}:")


class MarkupContext:
    """A scan of a text, once and in order; ``unsafe`` is about the position after it.

    ``json``: JSON source, whose strings are what is scanned. ``code``: text for a program of the
    caller, such as the arguments of a tool, which no renderer shows.
    """

    def __init__(self, *, json: bool = False, code: bool | None = None) -> None:
        self._reader = JsonReader() if json else None
        self._for_program = json if code is None else code
        self._in_string = self._carried = False
        self._pieces: list[str] = []  # the end of the text as it was sent, decoded
        self._kept = 0  # its size
        self._sent = 0  # the size of all that was sent
        self._copy: tuple[str, int, int] | None = None  # a text, where from on this repeats it
        self.at = 0  # the size of what was scanned
        self._reset(None)

    def _reset(self, fetch: FetchExtent | None) -> None:
        self.last = ""
        self._fetch = fetch
        self._word = " "  # the end of the text since the last space, with that space
        self._word_at = self._line_at = self.at
        self._exact = self._line_exact = True  # whether scanned characters are those that were sent
        self._sign = ""  # the last sign in the word
        self._url_at: int | None = None
        self._url_quote = ""  # the quote before the current URL
        self._behind_url = ""  # the last sign after a quoted URL, while a string may be joined
        self._behind_at = 0  # where that URL begins
        self._recent = "\0"
        self._line = ""
        self._slashed = False  # whether the next character is escaped by a backslash
        self._fence = Fence()
        self._fence_at = 0
        self._span = CodeSpan()
        self._span_at = 0
        self._tags = HtmlTags()
        self._targets = LinkTargets()
        self._markup_at: int | None = None

    @property
    def unsafe(self) -> bool:
        """Whether a value at this position could be part of a fetched address."""
        return self.begins is not None

    @property
    def begins(self) -> int | None:
        """The position at which what makes this one unsafe begins; None for a safe one."""
        if self._reader is not None and self._reader.inside_escape:
            return -1
        found = [self._markup_at, self._url_at]
        if self._fetch is not None:
            found.append(self._line_at if self._fetch.own else self._fetch.at)
        if self._fence.sends:
            found.append(self._fence_at)
        if self._span.runs and not self._fence.open:
            found.append(self._span_at)
        if self._word[-1] in "/\\" and self._word[-2:-1] in "/\\":
            found.append(self._word_at)
        if self.in_code and PROGRAM.search(self._line):
            found.append(self._line_at)
        return min((at for at in found if at is not None), default=None)

    def since(self, position: int) -> str | None:
        """The text as it was sent, from a position on; None where it is not kept that long."""
        text = self._since(position)
        return None if text is None else joined(text)

    def _since(self, position: int, most: int = KEPT_TEXT * 2) -> str | None:
        begin = position - self._sent + self._kept
        if begin < 0 or position > self.at:
            return None
        # As one piece: many values in a long command each ask for all that is before them.
        kept = "".join(self._pieces)
        self._pieces = [kept]
        return kept[begin : begin + min(most, self.at - position)]

    def near(self) -> int:
        """The position up to _NEAR characters before this one, in the same line."""
        return self.at - len(_LINE_ENDS.split(self._since(max(0, self.at - _NEAR)) or "")[-1])

    def past_lead(self, position: int) -> int:
        """A position, or where its line says something if it is before that."""
        if position < 0:
            return position
        begin = min(position, self._line_at)
        text = self._since(max(0, begin - 1), most=_LONGEST_LEAD) or ""
        if begin > 0 and not _LINE_ENDS.match(text):
            return position
        before = min(begin, 1)
        return min(self.at, max(position, begin + past_lead(text, before) - before))

    def sends(self) -> FetchExtent | None:
        """The command or call that the position is in."""
        if self._fetch is not None:
            return self._fetch
        in_span = self._span.runs and not self._fence.open
        if in_span or self._fence.sends or (self.in_code and PROGRAM.search(self._line)):
            return FetchExtent(self.at, "", command=True)
        return None

    @property
    def code(self) -> str:
        """Return "data" or "command" within inline code, by its beginning.

        "file" in a file or a command line, "" in other text.
        """
        if self.in_span:
            return "data" if self._span.named else "command"
        return "file" if self.in_code else ""

    @property
    def in_span(self) -> bool:
        """Whether it is between backticks of a text that is rendered."""
        return self._span.open and not self._fence.open and not self._for_program

    @property
    def prints(self) -> bool:
        """Whether the line prints what follows, so that a pipe may send it."""
        return self.in_code and PRINTS.search(self._line) is not None

    @property
    def in_code(self) -> bool:
        """Whether it is a file or a command line, which no renderer shows."""
        return self._for_program or (self._fence.open and not self._fence.data)

    def copied(self, text: str, end: int) -> None:
        """Note that the value after this position was the caller's, in a text up to a place."""
        self._copy = text, end, self.at

    def read(self, text: str) -> None:
        """Process the next piece of the text."""
        for decoded in (text,) if self._reader is None else self._reader.decode(text):
            for begin in range(0, len(decoded), KEPT_TEXT):
                part = decoded[begin : begin + KEPT_TEXT]
                self._keep(part)
                self._decoded(part)

    def read_value(self, source: str, sent: str) -> None:
        """Process a value that was restored for ``sent``, a placeholder as it was decoded."""
        before = self.at
        for decoded in (source,) if self._reader is None else self._reader.decode(source):
            self._decoded(decoded)
        if self.at - before != len(sent):
            self._exact = self._line_exact = False
        self._keep(sent)
        self.at = before + len(sent)
        self._word_at = min(self._word_at, self.at)

    def _keep(self, sent: str) -> None:
        self._pieces.append(sent)
        self._kept += len(sent)
        self._sent += len(sent)
        if self._kept > 2 * KEPT_TEXT:
            tail = "".join(self._pieces)[-KEPT_TEXT:]
            self._pieces, self._kept = [tail], len(tail)

    def _decoded(self, decoded: str) -> None:
        if self._reader is None:
            self._take(decoded)
        elif decoded == "\0":
            self._in_string = not self._in_string
            self._carried = self._fetch is not None
            self.at += 1
            self._reset(self._fetch.carried() if self._fetch else None)
        else:
            # The words of a command may be the strings of an array, so only its end ends it.
            if self._carried and not self._in_string and not _END_OF_ARRAY.isdisjoint(decoded):
                self._fetch, self._carried = None, False
                self._recent = "\0"
            self._take(decoded)

    def _take(self, text: str) -> None:
        for run in (text,) if text.isascii() else _RUNS.findall(text):
            read = as_read(run)
            if len(read) == len(run) and read == run.lower():
                for piece in _PIECES.findall(read):
                    self._piece(piece, len(piece))
            else:
                for character in run:
                    self._character(character)

    def _character(self, character: str) -> None:
        read = as_read(character)
        if len(read) != 1:
            self._exact = self._line_exact = False
        if not read:
            self.at += 1
        for number, piece in enumerate(_PIECES.findall(read)):
            self._piece(piece, 0 if number else 1)

    def _piece(self, piece: str, size: int) -> None:
        begin = self.at
        self.at += size
        if piece == "`" and not self._fence.open and not self._for_program:
            if self._span.open or not self._slashed:
                self._span.tick()
                self._span_at = self._span_at if self._span.open else begin
        elif self._span.read(piece):
            self._recent, self._span_at = "\0", begin - 1
        if not (self._for_program or self._fence.code):
            self._in_markup(piece, begin)
        self._in_word(piece)
        self._in_fetch(piece)
        if piece == "\n":
            self._end_line()
        elif len(self._line) < LINE:
            self._line = (self._line + piece)[:LINE]
        self._slashed = piece == "\\" and not self._slashed
        self.last = piece[-1]

    def _in_markup(self, piece: str, begin: int) -> None:
        self._tags.read(piece)
        self._targets.read(piece, slashed=self._slashed)
        if not (self._tags.inside or self._targets.inside):
            self._markup_at = None
        elif self._markup_at is None:
            self._markup_at = begin - 1  # the sign before belongs to it

    def _in_fetch(self, piece: str) -> None:
        text = self._recent + piece
        self._recent = text[-LONGEST_WORD:]
        if self._fetch is not None:
            if self._fetch.ends(piece, slashed=self._slashed, code=self.in_code):
                self._forget_fetch()
                return
            if piece == "\n" and self.in_code and self._is_own(self._fetch):
                self._fetch.own, self._recent = True, "\n"
                return
            if not self._fetch.own:
                return
        in_span = self._span.open and not self._fence.open
        if piece in NO_FETCH_ENDS and not (in_span and piece in SPAN_ENDS):
            return
        words = FETCH_IN_SPAN if in_span else FETCH_IN_CODE if self.in_code else FETCH
        found = words.search(text)
        if found is not None:
            at = self.at - len(text) + found.start() + 1  # without the sign before it
            at = at if self._line_exact else self._line_at
            command = words is not FETCH_IN_CODE or found["command"] is not None
            quote = open_quote(self._line)
            self._fetch = FetchExtent(at, text[found.start() + 1 :], command=command, quote=quote)

    def _is_own(self, fetch: FetchExtent) -> bool:
        """Whether what fetches is the caller's up to the end of this line, and complete."""
        copy, self._copy = self._copy, None
        if copy is None or self.at - min(fetch.at, copy[2]) > LONGEST_READ:
            return False
        text, end, at = copy
        since, whole = self.since(at), self.since(fetch.at)
        if since is None or whole is None:
            return False
        line = since[past_lead(since) :]
        done, end = copied(text, end, line)
        if done == len(line):
            self._copy = text, end, self.at  # the next line is compared without what leads it in
        elif end < len(text) or line[done:] != "\n":
            return False
        return fetch.is_complete(whole)

    def _forget_fetch(self) -> None:
        self._fetch = None
        self._recent = "\n"

    def _in_word(self, piece: str) -> None:
        if self._behind_url:
            self._join(piece)
        if piece in _SPACE:
            soft = piece == "\n" and self._url_at is not None and self._word[-1] in "=\\"
            if not soft:
                self._end_word(self.at)
            return
        if piece not in _IS_SIGN and " " in piece:
            first, _, rest = piece.partition(" ")
            if first:
                self._grow(first)
            rest = rest.rpartition(" ")[2]
            self._end_word(self.at - len(rest))
            piece = rest
            if not piece:
                return
        self._grow(piece)

    def _end_word(self, at: int) -> None:
        self._word, self._word_at, self._exact = " ", at, True
        self._url_at = None
        self._sign = ""

    def _grow(self, piece: str) -> None:
        word = self._word + piece
        self._word = word[-LONGEST_URL:]
        if self._url_at is not None:
            self._in_url(piece)
            return
        before = self._sign
        if piece in _IS_SIGN:
            self._sign = piece
        if not may_end_url(word, piece, before):
            return
        in_code = self._for_program or self._fence.code
        found = (URL_IN_CODE if in_code else URL).search(word)
        if found is not None:
            begin = len(word[: found.start() + 1].rstrip(_OF_URL))
            self._url_at = self.at - len(word) + begin if self._exact else self._word_at
            self._url_at = max(self._url_at, self._word_at)
            before = word[begin - 1 : begin]
            self._url_quote = before if before in _QUOTES else ""

    def _in_url(self, piece: str) -> None:
        if not self._url_quote:
            return
        if piece == self._url_quote:
            self._behind_url, self._behind_at = piece, self._url_at or 0
        elif piece in "{$" or self._word.endswith(("%s", "%d")):
            self._join_to(
                self._url_at or 0, self._url_quote
            )  # a template: its values are elsewhere

    def _join_to(self, url_at: int, quote: str = "") -> None:
        if self._fetch is None or self._fetch.own:
            self._fetch = FetchExtent(url_at, "", command=False, quote=quote)

    def _join(self, piece: str) -> None:
        """Detect a string that is joined to a URL in quotes."""
        before, self._behind_url = self._behind_url, ""
        if piece in _QUOTES or piece in "+&%~" or before + piece in ("||", " ."):
            self._join_to(self._behind_at)
        elif piece.isspace():
            self._behind_url = "" if before in (".", "|") else " "
        elif piece in (".", "|"):
            self._behind_url = piece
        elif piece in ",}]:":
            self._end_word(self.at)

    def _end_line(self) -> None:
        line, self._line = self._line, ""
        begin, self._line_at, self._line_exact = self._line_at, self.at, True
        was_open = self._fence.open
        if not self._for_program and self._fence.end_line(line):
            self._forget()
            if was_open:
                self._targets.read("\n", slashed=False)
            else:
                self._fence_at = begin
        elif not line.strip(" >") and not self.in_code:
            self._forget()
            self._targets.end_paragraph()
            self._markup_at = self._markup_at if self._tags.inside else None

    def _forget(self) -> None:
        self._forget_fetch()
        self._span.close()
