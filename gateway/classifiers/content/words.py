"""The words of a text as the network reads them, and the numbers of the parts of a word."""

import re
from functools import lru_cache
from zlib import crc32

LONGEST = 40  # characters of a word that are used
PARTS = (3, 5)
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*|\d+|\n+|[^\w\s]|_+")
_NUMBER, _BREAK = "0", "\n"


def places(text: str) -> list[tuple[int, int]]:
    """Return start and end of each word, number, sign and line break of a text."""
    return [found.span() for found in _WORD.finditer(text)]


@lru_cache(16_384)
def normal(word: str) -> str:
    """Return the form of a word that has a vector: lower case, digits and breaks alike."""
    if word[0].isdigit():
        return _NUMBER
    if word[0] == _BREAK:
        return _BREAK
    return word[:LONGEST].lower().replace("’", "'")


def parts(word: str, buckets: int) -> list[int]:
    """Return the numbers of a word and of its parts, each below ``buckets``."""
    edged = f"<{word}>".encode()
    found = {crc32(b"1" + edged)}
    if len(word) > PARTS[0] - 1:
        found.update(
            crc32(edged[at : at + size]) for size in PARTS for at in range(len(edged) - size + 1)
        )
    return sorted({number % buckets for number in found})
