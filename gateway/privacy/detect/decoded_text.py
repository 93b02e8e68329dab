"""The content of an encoded part of a text, and how bytes become text."""

import base64
import binascii
import string
import zlib
from dataclasses import dataclass

_HEX = frozenset(string.hexdigits)
_COMPRESSED = (b"\x1f\x8b\x08", b"\x78\x01", b"\x78\x5e", b"\x78\x9c", b"\x78\xda")
_ANY_HEADER = 47  # zlib: gzip or zlib, with the largest window
_LOOKED_AT = 4096  # characters that show whether something is text


@dataclass(frozen=True, slots=True)
class DecodedText:
    """The content of an encoded part that lies at ``start`` to ``end`` of a text.

    ``checked``: so short, or of so common a form, that only findings with a form of their own
    count.
    ``places`` holds where each of its characters begins and ends in that text. Without ``places``
    only the part as a whole has a place.
    """

    text: str
    encoding: str
    start: int
    end: int
    places: tuple[list[int], list[int]] | None = None
    checked: bool = False

    def original(self, start: int, end: int) -> tuple[int, int]:
        """Return start and end in the given text of a stretch of the decoded text."""
        if self.places is None:
            return self.start, self.end
        return self.places[0][start], self.places[1][end - 1]


def decode_run(body: str) -> tuple[str, str] | None:
    """Return the content of a run of hex or base64, and which of them it is."""
    if len(body) % 2 == 0 and _HEX.issuperset(body):
        readable = text_of(bytes.fromhex(body))
        return None if readable is None else (readable, "hex")
    if not any(map(str.isupper, body)) or (body.isalpha() and body.islower()):
        return None
    data = base64_bytes(body)
    readable = None if data is None else text_of(_inflated(data, 2 * len(body)))
    return None if readable is None else (readable, "base64")


def base64_bytes(body: str) -> bytes | None:
    """Return the bytes of base64, in its standard or its URL form, with or without padding."""
    standard = body.replace("-", "+").replace("_", "/")
    standard = standard[: len(standard) - (len(standard) % 4 == 1)]
    try:
        return base64.b64decode(standard + "=" * (-len(standard) % 4))
    except (ValueError, binascii.Error):
        return None


def _inflated(data: bytes, limit: int) -> bytes:
    """Return what gzip or zlib packed, up to a limit; other data as it is."""
    if not data.startswith(_COMPRESSED):
        return data
    try:
        return zlib.decompressobj(_ANY_HEADER).decompress(data, limit)
    except zlib.error:
        return data


def text_of(data: bytes) -> str | None:
    """Return bytes as text; None unless at least 95 % of it can be printed."""
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        if error.end == len(data) and error.reason == "unexpected end of data":
            text = data[: error.start].decode()  # inflated data ends at a limit
        else:
            text = _of_other_encoding(data)
    if "\0" in text[:_LOOKED_AT]:
        text = _of_other_encoding(data)
    seen = text[:_LOOKED_AT]
    unprintable = sum(not (character.isprintable() or character in "\r\n\t") for character in seen)
    return text if text and unprintable * 20 <= len(seen) else None


def _of_other_encoding(data: bytes) -> str:
    """Return UTF-16 of a European language, or Latin-1; "" for what is neither."""
    try:
        if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
            return data.decode("utf-16")
        half = len(data) // 2
        for zeros, encoding in ((data[1::2], "utf-16-le"), (data[::2], "utf-16-be")):
            if half and zeros.count(0) * 10 >= half * 9:
                return data[: 2 * half].decode(encoding)
    except UnicodeDecodeError:
        return ""
    ascii_text = sum(32 <= byte < 127 for byte in data[:_LOOKED_AT])
    return data.decode("latin-1") if ascii_text * 10 >= 8 * len(data[:_LOOKED_AT]) else ""
