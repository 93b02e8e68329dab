"""Decode parts of a text: base64, hex, percent-encoding, entities, escapes, quoted-printable.

Time is linear in the text: at most four times its size is decoded.
"""

import html
import re
import string
from collections import deque
from collections.abc import Iterator

from gateway.core.text.patterns import Pattern, PatternSet
from gateway.privacy.detect import disguised_runs
from gateway.privacy.detect.decoded_text import DecodedText, decode_run

_DEPTH = 3
_MOST = 4  # times the size of the text
_SHORTEST_RUN = 24  # characters of base64 or hex
_CONTEXT = 120  # characters on each side of an escape that are decoded with it
_LONGEST_ENTITY = 32
_RUN = r"[A-Za-z0-9+/_\-]"
_LONG_RUN = re.compile(rf"{_RUN}{{{_SHORTEST_RUN},}}")
_NEXT_LINE = re.compile(rf"\r?\n{_RUN}+")
_FULL_LINE = 56  # characters; a run does not continue after a shorter line
_HEX = frozenset(string.hexdigits)
_SIMPLE_ESCAPES = {
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
_LEADS = "%&\\="
# A text without a match of one of these has no encoded part.
TRIGGERS = (
    Pattern("run", rf"{_RUN}{{{_SHORTEST_RUN}}}", once=True),
    Pattern(
        "escape",
        r"%[0-9A-Fa-f]{2}|&(?:#[0-9xX]|[A-Za-z]{2,8};)|\\(?:u[0-9A-Fa-f]{4}|x[0-9A-Fa-f]{2}|\""
        r"|U000)|=[0-9A-F]{2}|[=]\r?\n",
        once=True,
    ),
    *disguised_runs.TRIGGERS,
)
_TRIGGER_SET = PatternSet(TRIGGERS)


def decoded_parts(text: str) -> list[DecodedText]:
    """Return the decoded parts of a text, also of parts that are encoded more than once."""
    found: list[DecodedText] = []
    left = _MOST * len(text)
    queue: deque[tuple[str, DecodedText | None, int]] = deque([(text, None, 0)])
    while queue:
        source, parent, depth = queue.popleft()
        for part in _parts_of(source):
            size = len(part.text)
            if size > left:
                continue  # a smaller one may follow
            left -= size
            placed = part if parent is None else _placed_within(parent, part)
            found.append(placed)
            if depth + 1 < _DEPTH:
                queue.append((part.text, placed, depth + 1))
    return found


def _placed_within(parent: DecodedText, part: DecodedText) -> DecodedText:
    """Place a part of a decoded part in the text itself."""
    start, end = parent.original(part.start, part.end)
    if parent.places is None or part.places is None:
        return DecodedText(part.text, part.encoding, start, end)
    starts = [parent.places[0][place] for place in part.places[0]]
    ends = [parent.places[1][place - 1] for place in part.places[1]]
    return DecodedText(part.text, part.encoding, start, end, (starts, ends))


def _parts_of(text: str) -> Iterator[DecodedText]:
    triggers = _TRIGGER_SET.matching(text)
    if "run" in triggers:
        yield from _runs(text)
    if "escape" in triggers:
        yield from _escaped(text)
    yield from disguised_runs.parts(text, triggers)


def _runs(text: str) -> Iterator[DecodedText]:
    """Decode runs of base64 and hex, also over line breaks."""
    long = _LONG_RUN.search(text)
    while long is not None:
        begin, end = long.span()
        while end - begin >= _FULL_LINE and (line := _NEXT_LINE.match(text, end)) is not None:
            end = line.end()
        yield from _run(text, begin, end)
        long = _LONG_RUN.search(text, end)


def _run(text: str, start: int, end: int) -> Iterator[DecodedText]:
    body = text[start:end].replace("\n", "").replace("\r", "")
    stop = end
    while stop < len(text) and stop - end < 2 and text[stop] == "=":
        stop += 1
    decoded = decode_run(body)
    if decoded is not None:
        yield DecodedText(decoded[0], decoded[1], start, stop)
        return
    at = start  # a path or a name before it may be in the same run
    for part in text[start:end].split("/"):
        if _SHORTEST_RUN <= len(part) < end - start:
            decoded = decode_run(part)
            if decoded is not None:
                last = stop if at + len(part) == end else at + len(part)
                yield DecodedText(decoded[0], decoded[1], at, last)
        at += len(part) + 1


def _escaped(text: str) -> Iterator[DecodedText]:
    """Yield stretches around escapes, with the escapes decoded."""
    escapes = list(_escapes(text))
    group: list[tuple[int, int, str]] = []
    for escape in escapes:
        if group and escape[0] - group[-1][1] > 2 * _CONTEXT:
            yield _replaced(text, group)
            group = []
        group.append(escape)
    if group:
        yield _replaced(text, group)


def _replaced(text: str, escapes: list[tuple[int, int, str]]) -> DecodedText:
    begin = max(0, escapes[0][0] - _CONTEXT)
    end = min(len(text), escapes[-1][1] + _CONTEXT)
    parts: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    last = begin
    for start, stop, value in (*escapes, (end, end, "")):
        parts.append(text[last:start])
        starts.extend(range(last, start))
        ends.extend(range(last + 1, start + 1))
        parts.append(value)
        starts.extend([start] * len(value))
        ends.extend([stop] * len(value))
        last = stop
    return DecodedText("".join(parts), "escapes", begin, end, (starts, ends))


def _escapes(text: str) -> Iterator[tuple[int, int, str]]:
    """Yield start, end and value of each escape, in order."""
    upcoming = {lead: text.find(lead) for lead in _LEADS}
    at = 0
    while True:
        for lead, place in upcoming.items():
            if 0 <= place < at:
                upcoming[lead] = text.find(lead, at)
        open_signs = [(place, lead) for lead, place in upcoming.items() if place >= 0]
        if not open_signs:
            return
        start, lead = min(open_signs)
        end, value = _escape(text, start, lead)
        if end > start:
            yield start, end, value
        at = max(end, start + 1)


def _escape(text: str, start: int, lead: str) -> tuple[int, str]:
    """Return end and value of the escape at a place; its end is ``start`` where there is none."""
    if lead == "&":
        close = text.find(";", start, start + _LONGEST_ENTITY)
        value = html.unescape(text[start : close + 1]) if close > 0 else ""
        known = close > 0 and value and value != text[start : close + 1]
        return (close + 1, value) if known else (start, "")
    if lead == "\\":
        return _backslash(text, start)
    if lead == "=" and text.startswith(("=\n", "=\r\n"), start):
        return start + (2 if text[start + 1] == "\n" else 3), ""
    return _bytes(text, start, lead, 1)


def _bytes(text: str, start: int, prefix: str, skip: int) -> tuple[int, str]:
    """Decode bytes such as ``%C3%A9``: as many as make one character."""
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
    lead = text[start + 1 : start + 2]
    if lead in ("u", "U"):
        size = 4 if lead == "u" else 8
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
    if lead == "x":
        return _bytes(text, start, "\\x", 2)
    return (start + 2, _SIMPLE_ESCAPES[lead]) if lead in _SIMPLE_ESCAPES else (start, "")
