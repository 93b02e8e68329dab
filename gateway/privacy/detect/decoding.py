"""Encoded parts of a text, read: base64, hex, percent-encoding, entities, escapes, quoted-printable.

Linear in the text, and never more than twice its size is read.
"""

import base64
import binascii
import html
import re
import string
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass

from gateway.core.text.patterns import Pattern, PatternSet

_DEPTH = 3
_LEAST = 24  # characters of base64 or hex
_AROUND = 120  # characters beside an escape that are read with it
_ENTITY = 32
_RUN = r"[A-Za-z0-9+/_\-]"
_LONG = re.compile(rf"{_RUN}{{{_LEAST},}}")
_NEXT_LINE = re.compile(rf"\r?\n{_RUN}+")
_FULL_LINE = 56  # characters: what goes on behind the end of a shorter one is something else
_HEX = frozenset(string.hexdigits)
_SHORT = {
    "n": "\n",
    "t": "\t",
    "r": "\r",
    '"': '"',
    "'": "'",
    "/": "/",
    "\\": "\\",
    "b": " ",
    "f": " ",
}
_SIGNS = "%&\\="
# Without a match of one of these a text has no reading.
TRIGGERS = (
    Pattern("run", rf"{_RUN}{{{_LEAST}}}", once=True),
    Pattern(
        "escape",
        r"%[0-9A-Fa-f]{2}|&(?:#[0-9xX]|[A-Za-z]{2,8};)|\\(?:u[0-9A-Fa-f]{4}|x[0-9A-Fa-f]{2}|\""
        r"|U000)"
        r"|=[0-9A-F]{2}|[=]\r?\n",
        once=True,
    ),
)
_SOME = PatternSet(TRIGGERS)


@dataclass(frozen=True, slots=True)
class DecodedText:
    """What an encoded part of a text, from ``start`` to ``end``, says; ``how`` names the encoding.

    ``places`` holds where each character of it begins and ends in the given text; without it the
    part is one encoded stretch, of which nothing stands for a part.
    """

    text: str
    how: str
    start: int
    end: int
    places: tuple[list[int], list[int]] | None = None

    def original(self, start: int, end: int) -> tuple[int, int]:
        """The place in the given text of a stretch of the reading."""
        if self.places is None:
            return self.start, self.end
        return self.places[0][start], self.places[1][end - 1]


def readings(text: str) -> list[DecodedText]:
    """What the encoded parts of a text say, also where they are encoded more than once."""
    found: list[DecodedText] = []
    left = 2 * len(text)
    queue: deque[tuple[str, DecodedText | None, int]] = deque([(text, None, 0)])
    while queue:
        source, parent, depth = queue.popleft()
        for reading in _once(source):
            size = len(reading.text)
            if size > left:
                return found
            left -= size
            placed = reading if parent is None else _within(parent, reading)
            found.append(placed)
            if depth + 1 < _DEPTH:
                queue.append((reading.text, placed, depth + 1))
    return found


def _within(parent: DecodedText, reading: DecodedText) -> DecodedText:
    """A reading of a reading, placed in the text itself."""
    start, end = parent.original(reading.start, reading.end)
    if parent.places is None or reading.places is None:
        return DecodedText(reading.text, reading.how, start, end)
    starts = [parent.places[0][place] for place in reading.places[0]]
    ends = [parent.places[1][place - 1] for place in reading.places[1]]
    return DecodedText(reading.text, reading.how, start, end, (starts, ends))


def _once(text: str) -> Iterator[DecodedText]:
    triggers = _SOME.matching(text)
    if "run" in triggers:
        yield from _runs(text)
    if "escape" in triggers:
        yield from _escaped(text)


def _runs(text: str) -> Iterator[DecodedText]:
    """Base64 and hex, also over lines."""
    long = _LONG.search(text)
    while long is not None:
        begin, end = long.span()
        while end - begin >= _FULL_LINE and (line := _NEXT_LINE.match(text, end)) is not None:
            end = line.end()
        yield from _run(text, begin, end)
        long = _LONG.search(text, end)


def _run(text: str, start: int, end: int) -> Iterator[DecodedText]:
    body = text[start:end].replace("\n", "").replace("\r", "")
    stop = end
    while stop < len(text) and stop - end < 2 and text[stop] == "=":
        stop += 1
    said = _said(body)
    if said is not None:
        yield DecodedText(said[0], said[1], start, stop)
        return
    at = start  # a path or a name before it may belong to the same run
    for part in text[start:end].split("/"):
        if _LEAST <= len(part) < end - start:
            said = _said(part)
            if said is not None:
                last = stop if at + len(part) == end else at + len(part)
                yield DecodedText(said[0], said[1], at, last)
        at += len(part) + 1


def _said(body: str) -> tuple[str, str] | None:
    if len(body) % 2 == 0 and _HEX.issuperset(body):
        read = _readable(bytes.fromhex(body))
        return None if read is None else (read, "hex")
    if not any(map(str.isupper, body)) or (body.isalpha() and body.islower()):
        return None
    usual = body.replace("-", "+").replace("_", "/")
    usual = usual[: len(usual) - (len(usual) % 4 == 1)]
    try:
        data = base64.b64decode(usual + "=" * (-len(usual) % 4))
    except (ValueError, binascii.Error):
        return None
    read = _readable(data)
    return None if read is None else (read, "base64")


def _readable(data: bytes) -> str | None:
    """The text that bytes are, when nearly all of it can be printed."""
    try:
        text = data.decode()
    except UnicodeDecodeError:
        try:
            text = data.decode("utf-16") if data[:2] in (b"\xff\xfe", b"\xfe\xff") else ""
        except UnicodeDecodeError:
            return None
    strange = sum(
        not (character.isprintable() or character in "\r\n\t") for character in text[:4096]
    )
    return text if text and strange * 20 <= len(text[:4096]) else None


def _escaped(text: str) -> Iterator[DecodedText]:
    """Stretches around escapes, with these replaced by what they stand for."""
    marks = list(_escapes(text))
    group: list[tuple[int, int, str]] = []
    for mark in marks:
        if group and mark[0] - group[-1][1] > 2 * _AROUND:
            yield _joined(text, group)
            group = []
        group.append(mark)
    if group:
        yield _joined(text, group)


def _joined(text: str, marks: list[tuple[int, int, str]]) -> DecodedText:
    begin = max(0, marks[0][0] - _AROUND)
    end = min(len(text), marks[-1][1] + _AROUND)
    parts: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    last = begin
    for start, stop, value in (*marks, (end, end, "")):
        parts.append(text[last:start])
        starts.extend(range(last, start))
        ends.extend(range(last + 1, start + 1))
        parts.append(value)
        starts.extend([start] * len(value))
        ends.extend([stop] * len(value))
        last = stop
    return DecodedText("".join(parts), "escapes", begin, end, (starts, ends))


def _escapes(text: str) -> Iterator[tuple[int, int, str]]:
    """Start, end and meaning of each escape, in order."""
    nexts = {sign: text.find(sign) for sign in _SIGNS}
    at = 0
    while True:
        for sign, place in nexts.items():
            if 0 <= place < at:
                nexts[sign] = text.find(sign, at)
        open_signs = [(place, sign) for sign, place in nexts.items() if place >= 0]
        if not open_signs:
            return
        start, sign = min(open_signs)
        end, value = _escape(text, start, sign)
        if end > start:
            yield start, end, value
        at = max(end, start + 1)


def _escape(text: str, start: int, sign: str) -> tuple[int, str]:
    """Where the escape at a place ends, and what it says; ``start`` itself where there is none."""
    if sign == "&":
        close = text.find(";", start, start + _ENTITY)
        value = html.unescape(text[start : close + 1]) if close > 0 else ""
        known = close > 0 and value and value != text[start : close + 1]
        return (close + 1, value) if known else (start, "")
    if sign == "\\":
        return _backslash(text, start)
    if sign == "=" and text.startswith(("=\n", "=\r\n"), start):
        return start + (2 if text[start + 1] == "\n" else 3), ""
    return _bytes(text, start, sign, 1)


def _bytes(text: str, start: int, prefix: str, skip: int) -> tuple[int, str]:
    """Bytes such as ``%C3%A9``: one character, or as many as it takes to make one."""
    data, at = b"", start
    while len(data) < 4 and text.startswith(prefix, at):
        digits = text[at + skip : at + skip + 2]
        if len(digits) < 2 or not _HEX.issuperset(digits):
            break
        data += bytes.fromhex(digits)
        at += skip + 2
        if data[0] < 0x80:
            break
        try:
            return at, data.decode()
        except UnicodeDecodeError:
            continue
    if not data:
        return start, ""
    value = data[:1].decode("latin-1")
    return (start + skip + 2, value) if value.isprintable() or value in "\n\r\t" else (start, "")


def _backslash(text: str, start: int) -> tuple[int, str]:
    sign = text[start + 1 : start + 2]
    if sign in ("u", "U"):
        size = 4 if sign == "u" else 8
        digits = text[start + 2 : start + 2 + size]
        if len(digits) < size or not _HEX.issuperset(digits):
            return start, ""
        code, end = int(digits, 16), start + 2 + size
        if (
            0xD800 <= code < 0xDC00
            and text.startswith("\\u", end)
            and _HEX.issuperset(text[end + 2 : end + 6])
        ):
            low = int(text[end + 2 : end + 6] or "0", 16)
            if 0xDC00 <= low < 0xE000:
                return end + 6, chr(0x10000 + ((code - 0xD800) << 10) + low - 0xDC00)
        return (end, chr(code)) if code < 0x110000 and not 0xD800 <= code < 0xE000 else (start, "")
    if sign == "x":
        return _bytes(text, start, "\\x", 2)
    return (start + 2, _SHORT[sign]) if sign in _SHORT else (start, "")
