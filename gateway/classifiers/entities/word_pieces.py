"""Word pieces: how the network reads a text, and what is known of each word.

The model reads word pieces in lower case. The rest it gets as one number per piece (the
`token_type_ids`): the case of the word, whether it opens a line, and what the lexicon knows of it:
an ordinary word, a given name, a surname, part of the name of a city.
"""

import re
import unicodedata
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from tokenizers import Tokenizer

WINDOW = 254  # word pieces, plus the two that stand for start and end
LONGEST = 40  # characters of a word that the lexicon uses
_OVERLAP = 24
_REACH = 45  # pieces before the end of a full window where it may be cut
_BLOCK = 6000  # characters that are encoded at once
_LOWER, _TITLE, _UPPER, _MIXED, _INITIAL, DIGIT, _ALL_LOWER, _ALL_UPPER = range(8)
CASES, LINES, LEXICAL = 8, 2, 54
ROWS = CASES * LINES * LEXICAL
_SENTENCE_ENDS = frozenset(".!?;:")
_SURROGATE = re.compile("[\ud800-\udfff]")


class WordLexicon:
    """Knowledge of a word as a number below LEXICAL; 0 for an unknown word.

    The file holds a little-endian count, that many sorted CRC-32 sums of words (lower case,
    without accents), then one byte per word. Two words with the same sum share their byte:
    one in seven thousand.
    """

    def __init__(self, data: bytes) -> None:
        count = int.from_bytes(data[:4], "little")
        self._sums = np.frombuffer(data, dtype="<u4", count=count, offset=4)
        self._codes = np.frombuffer(data, dtype=np.uint8, count=count, offset=4 + 4 * count)

    def codes(self, words: Sequence[str]) -> list[int]:
        """Return one number per word; the words are not stored."""
        wanted = np.array([zlib.crc32(plain(word).encode()) for word in words], np.uint32)
        places = np.minimum(np.searchsorted(self._sums, wanted), len(self._sums) - 1)
        known = self._sums[places] == wanted
        return [int(code) for code in np.where(known, self._codes[places], 0)]


def plain(word: str) -> str:
    """Return the word in lower case and without accents, like the tokenizer."""
    if word.isascii():
        return word.lower()
    decomposed = unicodedata.normalize("NFD", word.lower())
    return "".join(char for char in decomposed if unicodedata.category(char) != "Mn")


@dataclass(slots=True)
class TokenBlock:
    """A stretch of text in word pieces: piece i lies at starts[i]:ends[i] of the whole text."""

    ids: list[int]
    starts: list[int]
    ends: list[int]
    words: list[int]  # number of the word each piece belongs to
    cases: list[int]
    lexical: list[int]
    opens: list[int]  # 1 on pieces of a word that opens a line
    borders: list[int]  # 2: a line ends before this piece, 1: a sentence, 0: a word, -1: none

    def kinds(self, first: int, last: int) -> list[int]:
        """Return the token types of pieces first to last, as one window."""
        cases = self.cases[first:last]
        lower = sum(1 for case in cases if case == _LOWER)
        capital = sum(1 for case in cases if case in {_TITLE, _UPPER, _MIXED, _INITIAL})
        upper = sum(1 for case in cases if case == _UPPER)
        if not capital:
            cases = [_ALL_LOWER if case == _LOWER else case for case in cases]
        elif upper > 2 * (lower + capital - upper):
            cases = [_ALL_UPPER if case == _UPPER else case for case in cases]
        rest = zip(cases, self.opens[first:last], self.lexical[first:last], strict=True)
        return [(known * CASES + case) * LINES + opens for case, opens, known in rest]

    def windows(self) -> Iterator[tuple[int, int]]:
        """Yield windows over the pieces, cut at ends of lines, sentences or words, with overlap."""
        first, total = 0, len(self.ids)
        while total - first > WINDOW:
            reach = range(first + WINDOW, first + WINDOW - _REACH, -1)
            last = max(reach, key=lambda i: (self.borders[i], i))
            yield first, last
            start = max(last - _OVERLAP, first + 1)
            first = next((i for i in range(start, last) if self.borders[i] >= 0), last)
        if total:
            yield first, total


def without_surrogates(text: str) -> str:
    """Replace lone surrogates, which no encoding holds; the length stays the same."""
    return _SURROGATE.sub("\ufffd", text)


class Encoder:
    """Encodes text as blocks of word pieces; training uses the same encoder."""

    def __init__(self, tokenizer: Tokenizer, lexicon: WordLexicon) -> None:
        tokenizer.no_truncation()
        tokenizer.no_padding()
        self._tokenizer = tokenizer
        self._lexicon = lexicon
        self.opening, self.closing = _mark(tokenizer, "[CLS]"), _mark(tokenizer, "[SEP]")

    def blocks(self, text: str) -> Iterator[TokenBlock]:
        text = without_surrogates(text)
        for start, end in _pieces(text):
            yield self._block(text, start, end)

    def _block(self, text: str, start: int, end: int) -> TokenBlock:
        encoding = self._tokenizer.encode(text[start:end], add_special_tokens=False)
        places: dict[int | None, tuple[int, int]] = {}
        for word, (left, right) in zip(encoding.word_ids, encoding.offsets, strict=True):
            places[word] = (places.get(word, (start + left, 0))[0], start + right)
        words = [text[left:right] for left, right in places.values()]
        known = self._lexicon.codes([word[:LONGEST] for word in words])
        block = TokenBlock(encoding.ids, [], [], [], [], [], [], [])
        before, number, last = start, -1, object()
        border = case = opens = 0
        for word, (left, right) in zip(encoding.word_ids, encoding.offsets, strict=True):
            fresh = word != last
            if fresh:
                number, last = number + 1, word
                border = _border(text, before, places[word][0])
                opens = int(border == 2 or places[word][0] == start)
                case, before = case_of(words[number]), places[word][1]
            block.starts.append(start + left)
            block.ends.append(start + right)
            block.words.append(number)
            block.cases.append(case)
            block.lexical.append(known[number] if case != DIGIT else 0)
            block.opens.append(opens)
            block.borders.append(border if fresh else -1)
        return block


def case_of(word: str) -> int:
    """Return the case of a word, a number below CASES."""
    if not any(map(str.isalpha, word)):
        return DIGIT if any(map(str.isdigit, word)) else _LOWER
    if word.islower():
        return _LOWER
    if len(word) == 1:
        return _INITIAL if word.isupper() else _LOWER
    if word.isupper():
        return _UPPER
    return _TITLE if word[0].isupper() and word[1:].islower() else _MIXED


def _mark(tokenizer: Tokenizer, name: str) -> int:
    number = tokenizer.token_to_id(name)
    if number is None:
        message = f"the tokenizer has no {name}"
        raise ValueError(message)
    return number


def _border(text: str, before: int, after: int) -> int:
    gap = text[before:after]
    if "\n" in gap or "\r" in gap:
        return 2
    if not gap:
        return -1
    return int(before > 0 and text[before - 1] in _SENTENCE_ENDS)


def _pieces(text: str) -> Iterator[tuple[int, int]]:
    """Yield stretches of at most _BLOCK characters, cut after a line, a sentence or a word."""
    start = 0
    while len(text) - start > _BLOCK:
        half, limit = start + _BLOCK // 2, start + _BLOCK
        marks = (text.rfind(mark, half, limit) for mark in ("\n", ". ", " "))
        end = next((at + 1 for at in marks if at >= 0), limit)
        yield start, end
        start = end
    yield start, len(text)
