"""Encoded parts that the search for long runs passes over.

Short base64, base64 in groups or short lines, bytes in hex one by one, and Unicode tags. Detection
cannot close deliberate exfiltration (docs/limitations.md); these forms cost a sender nothing.
"""

import re
from collections.abc import Iterator

from gateway.core.text.patterns import Pattern
from gateway.privacy.detect.decoded_text import DecodedText, base64_bytes, decode_run, text_of

# Four characters of base64 that encode three printable ASCII characters.
_FOUR = r"[I-Za-f][C-HS-Xi-nyz0-3][ABEFIJMNQRUVYZcdghklopstwx014589][A-Za-z0-9+/]"
_SIGN = r"[A-Za-z0-9+/]"
_LONGEST_SHORT = 23  # characters; a longer run is decoded anyway
_BYTE = r"(?:0x|\\x)?[2-7][0-9A-Fa-f]"
TRIGGERS = (
    Pattern("short", rf"\b(?:{_FOUR}){{2}}{_SIGN}{{3}}", once=True),
    Pattern(
        "groups", rf"\b(?:{_FOUR}){{1,16}}(?:[ \r\n]{{1,2}}(?:{_FOUR}){{1,16}}){{2}}", once=True
    ),
    Pattern("lines", rf"\b(?:{_FOUR}){{2,15}}{_SIGN}{{0,3}}\r?\n{_SIGN}{{8}}", once=True),
    Pattern("bytes", rf"\b{_BYTE}(?:[ ,:\-]{{0,2}}{_BYTE}){{8}}", once=True),
    Pattern("tags", "[\U000e0020-\U000e007e]{4}", once=True),
)
_SHORT = re.compile(
    rf"(?<![A-Za-z0-9+/_\-])(?:{_FOUR}){{2,5}}{_SIGN}{{0,3}}={{0,2}}(?![A-Za-z0-9+/_\-=])"
)
_FEWEST_SHORT = 11  # characters: eight of a text
_FIRST_PIECE = re.compile(
    rf"(?<![A-Za-z0-9+/_\-])(?:{_FOUR}){{1,16}}{_SIGN}{{0,3}}(?![A-Za-z0-9+/_\-=])"
)
_NEXT_PIECE = re.compile(rf"[ >]{{0,2}}[ \r\n][ >]{{0,2}}({_SIGN}{{1,67}})(?![A-Za-z0-9+/_\-])")
_FEWEST_SIGNS = 12
_BYTES = re.compile(rf"(?<![0-9A-Za-z]){_BYTE}(?:[ ,:\-]{{0,2}}{_BYTE}){{8,4095}}(?![0-9A-Za-z])")
_PREFIX = re.compile(r"0x|\\x|[ ,:\-]")
_TAG_RUN = re.compile("[\U000e0020-\U000e007e]{4,}")


def parts(text: str, triggers: set[str]) -> Iterator[DecodedText]:
    """Yield the parts of the forms whose triggers are in a text."""
    if "groups" in triggers or "lines" in triggers:
        yield from _wrapped(text)
    if "short" in triggers:
        yield from _short(text)
    if "bytes" in triggers:
        yield from _byte_by_byte(text)
    if "tags" in triggers:
        yield from _tagged(text)


def _short(text: str) -> Iterator[DecodedText]:
    """Decode runs that are too short to differ from a word, but are printable as a whole."""
    for match in _SHORT.finditer(text):
        body = match[0].rstrip("=")
        data = base64_bytes(body) if _FEWEST_SHORT <= len(body) <= _LONGEST_SHORT else None
        if data and data.isascii() and data.decode().isprintable():
            yield DecodedText(data.decode(), "base64", *match.span(), checked=True)


def _wrapped(text: str) -> Iterator[DecodedText]:
    """Decode base64 in groups or lines of one length; the last may be shorter."""
    at = 0
    while (first := _FIRST_PIECE.search(text, at)) is not None:
        pieces, at = [first[0]], first.end()
        while len(pieces[-1]) == len(first[0]) and (piece := _NEXT_PIECE.match(text, at)):
            if len(piece[1]) > len(first[0]):
                break
            pieces.append(piece[1])
            at = piece.end()
        body = "".join(pieces)
        decoded = decode_run(body) if len(body) >= _FEWEST_SIGNS and len(pieces) > 1 else None
        if decoded is not None:
            stop = at + (2 if text.startswith("==", at) else text.startswith("=", at))
            yield DecodedText(*decoded, first.start(), stop, checked=len(body) <= _LONGEST_SHORT)


def _byte_by_byte(text: str) -> Iterator[DecodedText]:
    """Decode hex with a space or a prefix for each byte, as ``31 31`` or ``0x31, 0x31``.

    Hex without either is decoded as a whole elsewhere, and all that it holds counts.
    """
    for match in _BYTES.finditer(text):
        digits = _PREFIX.sub("", match[0])
        readable = text_of(bytes.fromhex(digits)) if digits != match[0] else None
        if readable is not None:
            yield DecodedText(readable, "hex", *match.span(), checked=True)


def _tagged(text: str) -> Iterator[DecodedText]:
    """Decode tag characters, which no one sees: each means an ASCII character."""
    for match in _TAG_RUN.finditer(text):
        hidden = "".join(chr(ord(tag) - 0xE0000) for tag in match[0])
        places = list(range(match.start(), match.end()))
        ends = [place + 1 for place in places]
        yield DecodedText(hidden, "tags", *match.span(), (places, ends))
