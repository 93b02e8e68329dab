"""Where in a text we are: inside something that a reader's program would fetch, or not.

It errs towards "inside": a placeholder that stays is a small loss, a value in a URL is a leak.
"""

import re

_WINDOW = 24
_NO_CHARACTER = "\ufffd"
_LIST_SIGNS = " >-*+0123456789.)"
_SPACE = frozenset(" \t\n\r\f\v")  # others do not end a link
_DATA_FENCES = frozenset(("json", "yaml", "yml", "csv", "tsv", "toml"))
_PLAIN_FENCES = _DATA_FENCES | {"", "text", "txt", "plain", "log", "sql", "ini", "markdown", "md"}
_FETCH = (
    "curl", "wget", "fetch(", "requests.get", "requests.post", "requests.put", "requests.request",
    "urlopen", "invoke-webrequest", "invoke-restmethod", "axios", "xmlhttprequest", "sendbeacon",
    "http.get", "http.post", "httpx.", "aiohttp", "new image", "window.open", "location.href",
    "window.location", "@import", "url(", "urllib", "httpclient", "websocket(", "eventsource(",
    "importscripts", "nslookup", "netcat", "webclient", "file_get_contents", "urlsession",
)  # fmt: skip
_FETCH_IN_CODE = ("ping ", "dig ", "nc ", "iwr ", "irm ", "ssh ", "scp ", "host ")
_FETCH_ENDS = frozenset(word[-1] for word in _FETCH + _FETCH_IN_CODE)
_URL_SIGNS = frozenset("/\\:.?#;")
_SCHEME = re.compile(
    r"(?:[a-z][a-z0-9+.\-]{1,20}:[/\\]|(?:https?|ftp|file|mailto|data|javascript|tel|sms|wss?|vbscript):"
    r"|(?:^|[^a-z0-9:])[/\\][/\\]\S|(?:^|[^a-z0-9])www\.|&(?:colon|sol|#x3a|#58|#x2f|#47);|%3a%2f)"
)
_HOST = re.compile(r"[a-z0-9\-]\.[a-z]{2,24}(?::\d{1,5})?[/?#]")
_TAG_START = re.compile(r"[a-z/!?]")
_RAW = re.compile(r"<(?:script|style|svg|iframe|object|template)\b")


class JsonReader:
    """JSON source, a character at a time, as the characters that its reader will see."""

    __slots__ = ("_escape",)

    def __init__(self) -> None:
        self._escape = ""

    def read(self, character: str) -> str:
        """The decoded character, "" inside an escape, NUL for a quote that ends or opens a string."""
        if not self._escape:
            if character == "\\":
                self._escape = character
                return ""
            return "\0" if character == '"' else character.replace("\0", _NO_CHARACTER)
        self._escape += character
        if self._escape[1] != "u":
            self._escape = ""
            return {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f"}.get(character, character)
        if len(self._escape) < 6:
            return ""
        digits, self._escape = self._escape[2:], ""
        try:
            return chr(int(digits, 16)).replace("\0", _NO_CHARACTER)
        except ValueError:
            return _NO_CHARACTER


class Surroundings:
    """Reads a text once, in order; ``unsafe`` tells about the place after what was read."""

    def __init__(self, *, json: bool = False) -> None:
        self._reader = JsonReader() if json else None
        self._reset()

    def _reset(self) -> None:
        self._word = ""  # the characters since the last space, the last 64 of them
        self._url = False
        self._quoted_url = ""  # the quote before the URL that we are in
        self._quote_closed = False
        self._line = ""  # the first 80 characters of this line
        self._recent = ""  # the last characters in lower case, spaces kept
        self._fetch = False
        self._fence = ""  # the info string and marks of an open code fence
        self._plain_fence = self._data_fence = False
        self._tag = False
        self._tag_text = ""
        self._attribute_quote = ""
        self._equals = False
        self._raw_element = ""
        self._target = 0  # open parentheses of a Markdown target
        self._definition = False
        self._code = ""  # inside inline code: what it holds so far
        self._in_code = False

    @property
    def unsafe(self) -> bool:
        """Whether a value at this place could be part of something that is fetched."""
        return (
            self._url
            or self._tag
            or self._fetch
            or self._definition
            or self._target > 0
            or bool(self._raw_element)
            or (bool(self._fence) and not self._plain_fence)
            or (self._in_code and any(sign in self._code for sign in "=;($|"))
            or self._recent.endswith(("//", "\\\\"))
        )

    def read(self, text: str) -> None:
        """Go on over the next piece of the text."""
        reader = self._reader
        for character in text:
            if reader is None:
                self._step(character)
                continue
            decoded = reader.read(character)
            if decoded == "\0":
                self._reset()
            elif decoded:
                self._step(decoded)

    def _step(self, character: str) -> None:
        lower = character.lower()
        self._recent = (self._recent + lower)[-_WINDOW:]
        self._in_word(lower)
        self._in_tag(lower)
        self._in_target(lower)
        if lower == "\n":
            self._end_line()
        elif len(self._line) < 80:
            self._line += lower
            if (
                lower == ":"
                and self._line.lstrip(_LIST_SIGNS).startswith("[")
                and "]:" in self._line
            ):
                self._definition = True
        if lower == "`":
            self._in_code = not self._in_code
            self._code = ""
        elif self._in_code:
            self._code = (self._code + lower)[-200:]
        if lower in _FETCH_ENDS and self._ends_in(_FETCH + _FETCH_IN_CODE * self._in_code):
            self._fetch = True

    def _ends_in(self, words: tuple[str, ...]) -> bool:
        return any(
            self._recent.endswith(word) and not self._recent[: -len(word)][-1:].isalnum()
            for word in words
        )

    def _in_word(self, lower: str) -> None:
        if lower in _SPACE:
            self._word = ""
            self._url = self._quote_closed = False
            return
        if self._quote_closed and lower in ",}]:":
            self._word, self._url = "", False
        self._quote_closed = False
        self._word = (self._word + lower)[-64:]
        if self._url:
            self._quote_closed = lower == self._quoted_url
            return
        if lower not in _URL_SIGNS and self._word[-2:-1] not in "/\\" and self._word[-3:] != "%2f":
            return
        match = _SCHEME.search(self._word) or _HOST.search(self._word)
        if match is not None:
            self._url = True
            self._quoted_url = '"' if self._word[: match.start()].endswith('"') else "\0"
            self._plain_fence = self._data_fence

    def _in_tag(self, lower: str) -> None:
        if self._raw_element:
            if self._recent.endswith(f"</{self._raw_element}>"):
                self._raw_element = ""
            return
        if not self._tag:
            if self._recent[-2:-1] == "<" and _TAG_START.match(lower):
                self._tag, self._tag_text = True, "<" + lower
                self._attribute_quote, self._equals = "", False
            return
        self._tag_text = (self._tag_text + lower)[:16]
        if self._attribute_quote:
            if lower == self._attribute_quote:
                self._attribute_quote = ""
        elif lower in "\"'" and self._equals:
            self._attribute_quote = lower
        elif lower == ">":
            self._tag = False
            raw = _RAW.match(self._tag_text)
            self._raw_element = raw[0][1:] if raw else ""
        if not lower.isspace():
            self._equals = lower == "="

    def _in_target(self, lower: str) -> None:
        if self._target:
            if lower == "(":
                self._target += 1
            elif lower == ")":
                self._target -= 1
            elif self._recent.endswith("\n\n"):
                self._target = 0
        elif lower == "(" and self._recent.endswith("]("):
            self._target = 1

    def _end_line(self) -> None:
        line = self._line.strip(" >")
        self._line = ""
        self._definition = False
        marks = line.lstrip(_LIST_SIGNS)[:3]
        if marks in ("```", "~~~"):
            info = line.lstrip(_LIST_SIGNS + "`~").split(" ")[0]
            if not self._fence:
                self._fence = marks
                self._plain_fence = info in _PLAIN_FENCES
                self._data_fence = info in _DATA_FENCES
                self._fetch = False
            elif marks == self._fence and not info:
                self._fence = ""
                self._fetch = False
            self._in_code = False
        if not line and not self._fence:
            self._fetch = False
            self._in_code = False
