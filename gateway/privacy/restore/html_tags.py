"""Whether a position is inside an HTML tag, or an element whose content is run or sent."""

import re

_START = re.compile(r"[a-z/!?]")
_NAME = re.compile(r"<([a-z]+)\b")
_READ_AS_TEXT = frozenset(("script", "style", "textarea", "title", "xmp", "iframe", "noembed"))
_RUN = frozenset(("svg", "math", "form", "object", "template", "applet", "portal", "marquee"))


class HtmlTags:
    """A scan of a text, once and in lower case.

    A tag within a quoted attribute or a comment may be a tag for a browser: after it, everything
    counts as inside.
    """

    def __init__(self) -> None:
        self._open = self._stuck = self._after_less = False
        self._text = self._last = self._quote = self._element = ""
        self._equals = False

    @property
    def inside(self) -> bool:
        """Whether the next text would be part of a tag or of such an element."""
        return self._open or self._stuck or bool(self._element)

    def read(self, piece: str) -> None:
        """Process a sign, or a run of letters, digits and spaces."""
        if self._after_less:
            self._begin(piece)
        elif self._open:
            self._go_on(piece)
        elif self._element:
            self._in_element(piece)
        self._after_less = piece == "<"

    def _begin(self, piece: str) -> None:
        if not _START.match(piece):
            if self._open:
                self._go_on(piece)
            return
        if self._open:
            self._stuck = self._stuck or bool(self._quote) or self._comment
            self._go_on(piece)
            return
        if not self._element:
            self._open, self._text, self._last = True, ("<" + piece)[:16], piece[-3:]
            self._quote, self._equals = "", False
            return
        self._in_element(piece)

    def _in_element(self, piece: str) -> None:
        text = self._last + piece
        self._last = text[-12:]
        if re.search(rf"</{self._element}[\s/>]", text):
            self._element = ""
            self._open, self._text, self._quote, self._equals = piece != ">", "</", "", False

    @property
    def _comment(self) -> bool:
        return self._text.startswith("<!--")

    def _go_on(self, piece: str) -> None:
        self._text = (self._text + piece)[:16]
        self._last = (self._last + piece)[-3:]
        if self._comment:
            if self._last == "-->":
                self._open = False
            return
        if self._quote:
            if piece == self._quote:
                self._quote = ""
        elif piece in ("'", '"') and self._equals:
            self._quote = piece
        elif piece == ">":
            self._close()
        if not piece.isspace():
            self._equals = piece == "="

    def _close(self) -> None:
        self._open = False
        name = _NAME.match(self._text)
        if name is None:
            return
        self._stuck = self._stuck or name[1] in _RUN
        self._element = name[1] if name[1] in _READ_AS_TEXT else ""
        self._last = ""
