"""Links in a text that comes in pieces, as browsers and Markdown renderers would read them.

A reader looks for what begins a link and says what it is so far: at each sixteenth character, and
at its end. Where it looks depends on the text alone, so pieces give the same as the whole.
"""

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import unquote

_STEP = 16  # characters between two looks
_BEFORE = 256  # characters in which the markup of a link is looked for
_TRIGGER = re.compile(
    r"https?:|wss?:|ftp:|data:|:[\\/]|www\.|(?<=[\"'(<=])[\\/]{2}|\\u00(?:3a|2f|5c)"
    r"|&(?:colon|sol|#0{0,6}(?:58|47)|#x0{0,6}(?:3a|2f));",
    re.IGNORECASE,
)
_LONGEST_TRIGGER = 16
_SIGN = re.compile(r"[:/\\.;]")  # with which each ends, but an escape
_SCHEME = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+.-"
_WEB = ("http", "https", "ws", "wss", "ftp", "data", "www")
_LONGEST_HOST = 96  # a longer one counts as complete
_CLOSERS = {'"': '"', "'": "'", "`": "`", "(": ")", "[": "]", "<": ">", "{": "}"}
_OPENERS = {")": "(", "]": "["}
DATA = "data:"  # in place of the host, where the link is the data itself
_SHORTEST_CODE = 4  # characters of a word that is looked at
_LONGEST_NUMBER = 13  # digits: milliseconds since 1970
_LONGEST_MIXED = 16
_LONGEST_WORD = 24
_GOES_ON = re.compile(r"[\w=&%/?#+~@:-]")
_ATTRIBUTE = re.compile(r"=\s{0,4}[\"']?\Z")
_TAG = re.compile(r"<([A-Za-z]{1,16})\s[^<>]*\Z")
_IMAGE = re.compile(r"!\[[^\]]*\]\(\s{0,4}<?\Z")
_NO_LINK_TEXT = re.compile(r"\A[^\[]*\]\(\s{0,4}<?\Z")
_DEFINITION = re.compile(r"(?:\A|\n)[ >]{0,8}\[[^\]\n]{1,200}\]:\s{0,4}<?\Z")
_STYLE = re.compile(r"url\(\s{0,4}[\"']?\Z", re.IGNORECASE)
_ESCAPE = re.compile(r"\\u([0-9a-fA-F]{4})")
_BETWEEN = re.compile(r"[\\/]+")
_HOST_END = re.compile(r"[/?#]")
_WORD = re.compile(r"[A-Za-z0-9]+")
_CHANGES = re.compile(r"[a-z][A-Z]|[A-Za-z][0-9]|[0-9][A-Za-z]")


class LinkKind(StrEnum):
    """What makes a link be fetched."""

    IMAGE = "image"  # showing the text
    LINK = "link"  # a reader
    TOOL = "tool"  # the tool that it is an argument of


@dataclass(frozen=True, slots=True)
class Link:
    """A link so far. ``host`` is "" for one to no other machine; ``rest`` follows the host.

    ``whole``: it has ended. ``known``: its host is complete.
    """

    kind: LinkKind
    host: str
    rest: str
    known: bool
    whole: bool

    @property
    def address(self) -> str:
        """Host and rest."""
        return self.host + self.rest


@dataclass(frozen=True, slots=True)
class LinkSeen:
    """A link as it is after ``at`` characters of the text, and where it began in it."""

    link: Link
    start: int
    at: int


class LinkReader:
    """Reads one text. ``json``: it is JSON, the arguments of a tool.

    A link of no more than ``least`` characters is looked at when it has ended.
    """

    def __init__(self, *, json: bool = False, least: int = 0) -> None:
        self._json = json
        self._least = least
        self._size = 0  # of the text so far
        self._before = ""
        self._open: _OpenLink | None = None

    @property
    def start(self) -> int | None:
        """Where the link begins that has not ended and is looked at; None without one."""
        return None if self._open is None or self._open.spared else self._open.start

    def spare(self) -> None:
        """Look no more at the link that has not ended."""
        if self._open:
            self._open.spared = True

    def feed(self, text: str) -> Iterator[LinkSeen]:
        """What is seen in this piece, in order.

        Each is given before the text after it is read: the piece is read only as far as the
        iteration goes.
        """
        base, at, least = self._size, 0, self._least
        self._size += len(text)
        while True:
            if self._open is None:
                begun = self._begin(text, at)
                if begun is None:
                    break
                at, self._open = begun, _OpenLink(self._before, base + begun, json=self._json)
            link, ended = self._open, False
            while at < len(text) and not ended:
                ended = link.add(text[at])
                at += not ended
                size = len(link.raw)
                if (ended or (size > least and size % _STEP == 0)) and not link.spared:
                    yield LinkSeen(link.so_far(whole=ended), link.start, base + at + ended)
            if not ended:
                return
            self._open, self._before = None, (self._before + link.raw)[-_BEFORE:]
        self._before = (self._before + text[at:])[-_BEFORE:]

    def finish(self) -> LinkSeen | None:
        """The link with which the text ends."""
        link, self._open = self._open, None
        if link is None or link.spared:
            return None
        return LinkSeen(link.so_far(whole=True), link.start, self._size)

    def _begin(self, text: str, at: int) -> int | None:
        """The offset at which the address of a link begins; keeps what comes before it."""
        near = self._before[-_LONGEST_TRIGGER:]
        if not _SIGN.search(text, at) and "\\" not in near:
            return None
        for found in _TRIGGER.finditer(near + text[at:]):
            end = found.end() - len(near)
            before = (self._before + text[at : at + max(0, end)])[-_BEFORE:]
            if end > 0 and _is_of_the_web(before):
                self._before = before
                return at + end
        return None


def may_have_link(text: str) -> bool:
    """Whether a text has what begins a link."""
    return _TRIGGER.search(text) is not None


def _is_of_the_web(before: str) -> bool:
    """Whether what a text has up to the sign of a link names a scheme that browsers fetch."""
    scheme = before.rstrip(":\\/.")
    ahead = scheme.rstrip(_SCHEME)
    name = scheme[len(ahead) :].lower()
    # A scheme that is partly written with escapes may be any.
    return not name or name.endswith(_WEB) or ahead[-1:] in {"\\", ";"}


class _OpenLink:
    """A link that has not ended: ``raw`` is what follows the sign that began it."""

    def __init__(self, before: str, start: int, *, json: bool) -> None:
        scheme = before.rstrip(":\\/.")
        before = scheme.rstrip(_SCHEME)
        if before.endswith(";"):
            before = html.unescape(before).rstrip(":\\/").rstrip(_SCHEME)
        self.start, self.raw, self.spared = start, "", False
        self._kind = LinkKind.TOOL if json else _kind_after(before)
        self._data = scheme.lower().endswith("data")
        self._json = json
        self._closer = _CLOSERS.get(before[-1:], "")
        self._target = before.endswith("](")
        quoted = bool(_ATTRIBUTE.search(before)) and self._closer != ""
        self._spaces = quoted or before.endswith("(<")
        self._depth = {")": 0, "]": 0}
        self._doubtful = self._escaped = False
        self._host, self._ahead = "", 0  # the host, once it is complete, and where it ends

    def add(self, character: str) -> bool:
        """Adds a character, unless the link ends before it: then it returns True."""
        if self._doubtful:
            self._doubtful = False
            if not _GOES_ON.match(character):
                return True
        elif self._ends(character):
            return True
        self.raw += character
        return False

    def _ends(self, character: str) -> bool:
        if self._json:
            if self._escaped:
                self._escaped = False
                return character not in "/u\\"
            if character == "\\":
                self._escaped = True
                return False
        if character.isspace():
            return character in "\r\n" or not self._spaces
        if character == "<" or (character == self._closer and character not in _OPENERS):
            return True
        return character in "()[]" and self._unbalanced(character)

    def _unbalanced(self, character: str) -> bool:
        """Whether a bracket ends the link; it may be the last one of a sentence."""
        closing = character in _OPENERS
        kind = character if closing else _CLOSERS[character]
        self._depth[kind] += -1 if closing else 1
        if self._depth[kind] >= 0:
            return False
        if character == self._closer and (character == "]" or self._target):
            return True
        self._doubtful = True
        return False

    def so_far(self, *, whole: bool) -> Link:
        """The link, with its parts."""
        text = self.raw
        if self._host and "&" not in text and "\\" not in text:
            return Link(self._kind, self._host, text[self._ahead :], known=True, whole=whole)
        if self._json:
            text = _ESCAPE.sub(lambda found: chr(int(found[1], 16)), text).replace("\\/", "/")
        if "&" in text:
            text = html.unescape(text)
        if self._data:
            return Link(self._kind, DATA, text, known=True, whole=whole)
        text = _BETWEEN.sub("/", text).lstrip("/:")
        end = _HOST_END.search(text)
        host = text[: end.start()] if end else text
        rest = text[len(host) :]
        known = whole or end is not None or len(host) > _LONGEST_HOST
        user, sign, _ = host.rpartition("@")
        if sign:
            rest = f"/{user}{rest}"
        elif end and self.raw.endswith(rest):
            self._host, self._ahead = host_of(host), len(self.raw) - len(rest)
        return Link(self._kind, host_of(host), rest, known=known, whole=whole)


def host_of(authority: str) -> str:
    """The host of what may have a user and a port, as hosts are compared."""
    host = authority.rpartition("@")[2].partition(":")[0].lower()
    return host.rstrip(".,;!*_'\"()[]").removeprefix("www.")


def _kind_after(before: str) -> LinkKind:
    """What makes a link be fetched, by the markup before it."""
    tag = _TAG.search(before)
    if tag:
        return LinkKind.LINK if tag[1].lower() in {"a", "area"} else LinkKind.IMAGE
    marks = (_IMAGE, _NO_LINK_TEXT, _DEFINITION, _STYLE)
    shown = any(mark.search(before) for mark in marks)
    return LinkKind.IMAGE if shown else LinkKind.LINK


def encoded_length(text: str) -> int:
    """How many characters of a part of a link are in words that no person wrote."""
    return sum(len(word) for word in _WORD.findall(unquote(text)) if _reads_as_code(word))


def _reads_as_code(word: str) -> bool:
    """Whether a word looks like data in base64, hexadecimal or such."""
    size = len(word)
    if size < _SHORTEST_CODE:
        return False
    if word.isdigit():
        return size > _LONGEST_NUMBER
    letters = word.isalpha()
    if letters and (word.islower() or word[1:].islower() or word.isupper()):
        return size > _LONGEST_WORD
    changes = len(_CHANGES.findall(word))
    if letters:
        return size > 2 * _SHORTEST_CODE and changes * 4 >= size
    return changes > 1 or size > _LONGEST_MIXED
