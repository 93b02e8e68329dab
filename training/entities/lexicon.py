"""The lexicon that ships with the model: the class of each word, as one small number."""

import zlib
from collections import Counter
from pathlib import Path

import numpy as np

from gateway.classifiers.entities.word_pieces import plain
from training.entities.corpora import Corpora, word_counts

_COMMON = 6  # times in lower case in the prose
_FREQUENT_FIRST, _FREQUENT_LAST = 13, 50
_PARTICLES = frozenset([
    "van",
    "de",
    "den",
    "der",
    "het",
    "ter",
    "ten",
    "te",
    "in",
    "op",
    "aan",
    "uit",
    "von",
    "la",
    "le",
    "el",
    "al",
    "bin",
    "ben",
])


def write_lexicon(path: Path, corpora: Corpora) -> int:
    """Write the file that the classifier's WordLexicon reads; return its number of words."""
    levels: dict[str, list[int]] = {}

    def raise_to(word: str, column: int, level: int) -> None:
        entry = levels.setdefault(plain(word), [0, 0, 0, 0])
        entry[column] = max(entry[column], level)

    common = word_counts(corpora.prose)
    for word in corpora.ordinary:
        if len(word) <= 12 or common[word] >= _COMMON:
            raise_to(word, 0, 2 if common[word] >= _COMMON else 1)
    for word, count in common.items():
        if count >= _COMMON:
            raise_to(word, 0, 2)
    for name, count in _parts(corpora.first_counts).items():
        raise_to(name, 1, 2 if count >= _FREQUENT_FIRST else 1)
    for name, count in _parts(corpora.last_counts).items():
        if count:
            raise_to(name, 2, 2 if count >= _FREQUENT_LAST else 1)
    for name in _parts(dict.fromkeys(corpora.towns, 1)):
        raise_to(name, 3, 1)
    codes: dict[int, int] = {}
    for word, (ordinary, first, last, town) in levels.items():
        codes[zlib.crc32(word.encode())] = ordinary + 3 * first + 9 * last + 27 * town
    sums = np.array(sorted(codes), dtype="<u4")
    kinds = np.array([codes[int(total)] for total in sums], dtype=np.uint8)
    path.write_bytes(len(sums).to_bytes(4, "little") + sums.tobytes() + kinds.tobytes())
    return len(sums)


def _parts(names: dict[str, int]) -> Counter[str]:
    """Count the parts of names of several words, without particles."""
    parts: Counter[str] = Counter()
    for name, count in names.items():
        for part in name.replace("-", " ").replace("'", " ").split():
            if len(part) > 1 and part.casefold() not in _PARTICLES:
                parts[part] += count
    return parts
