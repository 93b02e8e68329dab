"""Targets of links and images in light markup: Markdown, wikis, reStructuredText."""

_QUOTES = ("'", '"')
_LIST_SIGNS = " >-*+0123456789.)"


class LinkTargets:
    """A scan of a text, once and in lower case, as signs and runs of other characters."""

    def __init__(self) -> None:
        self._last = "\n"
        self._depth = 0  # open parentheses of a target
        self._empty = self._angle = False
        self._title = ""
        self._wiki = self._attributes = False
        self._definition = ""  # "target" until there is one, "line" to its end, then "title"
        self._bracket = self._begun = self._first_bracket = False  # of this line
        self._lead = ""

    @property
    def inside(self) -> bool:
        """Whether the next text would be part of a target."""
        defined = self._definition in ("line", "target")
        return defined or self._depth > 0 or self._wiki or self._attributes

    def end_paragraph(self) -> None:
        """End all links: none continues after an empty line."""
        self._depth = 0
        self._attributes = self._wiki = False
        self._definition = ""

    def read(self, piece: str, *, slashed: bool) -> None:
        """Process a piece; ``slashed``: it begins with an escaped character."""
        if piece == "\n":
            self._end_line()
        else:
            self._in_line(piece)
        if self._depth:
            self._in_target(piece, slashed=slashed)
        elif piece == "(" and self._last == "]":
            self._depth, self._empty, self._angle, self._title = 1, True, False, ""
        elif piece == "{" and self._last in ("]", ")"):
            self._attributes = True
        elif piece == "}":
            self._attributes = False
        elif self._last == "[[" and piece[0].isalnum():
            self._wiki = True
        elif self._wiki and piece == "]" and self._last == "]":
            self._wiki = False
        self._last = "[[" if piece == self._last == "[" else piece[-1]

    def _in_target(self, piece: str, *, slashed: bool) -> None:
        if slashed:
            pass
        elif self._angle:
            self._angle = piece != ">"
        elif self._title:
            self._title = "" if piece == self._title else self._title
        elif piece == "<" and self._empty:
            self._angle = True
        elif piece in _QUOTES and self._last.isspace():
            self._title = piece
        elif piece == "(":
            self._depth += 1
        elif piece == ")":
            self._depth -= 1
        self._empty = self._empty and piece.isspace()

    def _in_line(self, piece: str) -> None:
        if self._definition == "target" and piece.strip(" >\t"):
            self._definition = "line"
        elif self._definition == "title" and piece.strip(" >\t"):
            self._definition = "line" if piece in ("'", '"', "(") else ""
        if not self._begun:
            self._begin_line(piece)
        # A label may have begun in a line before this one.
        if piece == ":" and self._last == "]" and (self._first_bracket or not self._bracket):
            self._definition = "target"
        self._bracket = self._bracket or piece == "["

    def _begin_line(self, piece: str) -> None:
        """Detect lines that are targets as a whole: ``[label]:`` and ``.. directive``."""
        if self._lead.strip(" >") == ".." and piece[0] == " ":
            self._definition, self._begun = "line", True
        elif piece.strip(_LIST_SIGNS):
            self._begun, self._first_bracket = True, piece == "["
        else:
            self._lead = (self._lead + piece)[-3:]

    def _end_line(self) -> None:
        # The target may be on the next line, and so may a title after it.
        if self._definition == "line":
            self._definition = "title"
        elif self._definition == "title":
            self._definition = ""
        self._wiki = False
        self._bracket = self._begun = self._first_bracket = False
        self._lead = ""
