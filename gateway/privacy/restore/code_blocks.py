"""Code in Markdown: fences, and spans between backticks."""

import re

LINE = 120  # characters of a line that are analysed
_FENCE = re.compile(r"([ \t>\-*+0-9.)]*)(`{3,}|~{3,}|:{3,})[ \t]*([^\s{]*)(.*)", re.DOTALL)
_DATA = frozenset(("json", "yaml", "yml", "csv", "tsv", "toml"))
_PLAIN = _DATA | {"", "text", "txt", "plain", "log", "sql", "ini", "markdown", "md"}
_MARKUP = frozenset(("html", "xhtml", "xml", "svg", "vue", "jsx", "tsx"))
_SENT = frozenset(("mermaid", "raw", "svg", "plantuml", "graphviz", "script", "http"))
_DRAWN = _SENT | _MARKUP
_SIGNS = frozenset("=;($|<>")


class Fence:
    """The open fence, if any.

    ``plain``: it contains text; ``data``: only data, which never runs; ``sends``: a program draws
    or sends it.
    """

    def __init__(self) -> None:
        self.open = self.plain = self.data = self.sends = self._markup = False
        self._mark = ""
        self._size = self._indent = self._depth = 0

    @property
    def code(self) -> bool:
        """Whether its content is code, in which no markup is rendered."""
        return self.open and not self.plain and not self._markup

    def end_line(self, line: str) -> bool:
        """Process a line of at most LINE characters; return True if it was a fence."""
        depth = line[: len(line) - len(line.lstrip(" >"))].count(">")
        if self.open and self.plain and depth < self._depth:
            self.open = self.sends = False
        found = _FENCE.match(line)
        if found is None:
            return False
        lead, marks, info, rest = found.groups()
        info = info or rest.lstrip()[:1]
        if marks[0] == ":" and info not in _DRAWN and not self.open:
            return False
        if marks[0] == "`" and "`" in info + rest:
            return False
        if not self.open:
            self.open, self.plain, self.data = True, info in _PLAIN, info in _DATA
            self.sends, self._markup = marks[0] == ":" or info in _SENT, info in _DRAWN
            self._mark, self._size, self._indent, self._depth = (
                marks[0],
                len(marks),
                len(lead),
                depth,
            )
            return True
        if info:
            self.plain = self.plain and info in _PLAIN
            return False
        self.open = not self._closes(line, lead, marks, depth)
        self.sends = self.sends and self.open
        return not self.open

    def _closes(self, line: str, lead: str, marks: str, depth: int) -> bool:
        return (
            marks[0] == self._mark
            and len(marks) >= self._size
            and not lead.strip(" \t>")
            and depth == self._depth
            and len(lead) <= max(self._indent, 3)
            and len(line) < LINE
        )


class CodeSpan:
    """Code between backticks; ``signs``: it has more than words and data."""

    def __init__(self) -> None:
        self.close()

    def close(self) -> None:
        """Close the span."""
        self._opened = self._ticks = 0
        self._head = ""
        self.signs = False

    @property
    def open(self) -> bool:
        """Whether the next character is code unless it is a backtick."""
        if self._ticks:
            return self._opened == 0 or self._ticks != self._opened
        return self._opened > 0

    @property
    def named(self) -> bool:
        """Whether it begins like data, with nothing or a key, and not like a command."""
        head = self._head.lstrip() if not self._ticks or self._opened else ""
        return not head or ":" in head or head[0] in "\"'[{0123456789"

    @property
    def runs(self) -> bool:
        """Whether its content so far may be run."""
        return self.signs and self.open

    def tick(self) -> None:
        """Process a backtick."""
        self._ticks += 1

    def read(self, piece: str) -> bool:
        """Process any other piece; return True if code began right before it."""
        began = False
        if self._ticks:
            began = not self._opened
            if began:
                self._opened = self._ticks
            elif self._ticks == self._opened:
                self.close()
            self._ticks = 0
        if self._opened:
            self._head = (self._head + piece)[:24]
            self.signs = self.signs or piece in _SIGNS
        return began
