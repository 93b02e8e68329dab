"""Words in scripts that no detector of persons reads.

The script of a letter is what its name in the Unicode Character Database begins with; letters up to
U+024F are Latin. A single letter is a sign in a formula or a disguise in a Latin word, and so is a
word of nothing but look-alikes of Latin letters: detectors read it as Latin.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from functools import lru_cache

from gateway.core.text.look_alikes import LOOK_ALIKES

READ = frozenset({"LATIN"})  # by rules, lists of names and classifiers, all alike
_LETTERS_A_WORD = 3  # in scripts with upper and lower case
_SIGNS_A_WORD = 2  # in others, of which a sign can be a syllable or a word
_LATIN = re.compile(r"[0-9A-Za-z\xc0-\u024f]")
_BEYOND_LATIN = re.compile(r"[^\W\d_\x00-\u024f][^\s\x00-\u024f]+")


@lru_cache(maxsize=20_000)
def _is_read(letter: str) -> bool:
    """Compatibility forms, such as wide letters, count as what they stand for."""
    plain = unicodedata.normalize("NFKC", letter)[0]
    return unicodedata.name(plain, "").partition(" ")[0] in READ


def unread_words(text: str) -> Iterator[tuple[int, int]]:
    """Yield start and end of each word that no detector reads."""
    if text.isascii():
        return
    for word in _BEYOND_LATIN.finditer(text):
        letters = [one for one in word[0] if one.isalpha() and not _is_read(one)]
        if all(one in LOOK_ALIKES for one in letters):
            continue
        cased = any(one.lower() != one.upper() for one in letters)
        if len(letters) >= (_LETTERS_A_WORD if cased else _SIGNS_A_WORD):
            yield word.span()


def joined(text: str, words: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return words as stretches: one where nothing that is read stands between two words."""
    stretches: list[tuple[int, int]] = []
    for start, end in words:
        if stretches and not _LATIN.search(text, stretches[-1][1], start):
            stretches[-1] = stretches[-1][0], end
        else:
            stretches.append((start, end))
    return stretches


def read_part(text: str) -> str:
    """Return a text with a space for each stretch that no detector reads."""
    pieces, at = [], 0
    for start, end in joined(text, unread_words(text)):
        pieces += [text[at:start], " "]
        at = end
    return "".join(pieces) + text[at:]
