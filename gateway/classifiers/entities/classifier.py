"""A small network for names, streets, cities, secrets and special categories in running text.

The model reads word pieces in lower case. The rest it gets as one number per piece (the
`token_type_ids`): the case of the word, whether it opens a line, and what the lexicon knows of it:
an ordinary word, a given name, a surname, part of the name of a city.
"""

import hashlib
import json
import re
import unicodedata
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import onnxruntime
from tokenizers import Tokenizer

from gateway.classifiers.entities import special_categories
from gateway.classifiers.entities.bundled_model import version_of
from gateway.classifiers.entities.linear_topic_model import LinearTopicModel
from gateway.classifiers.protocol import NO_NAME, Entity

TYPES = ("PERSON", "STREET_ADDRESS", "CITY", "SECRET")
WINDOW = 254  # word pieces, plus the two that stand for start and end
_OVERLAP = 24
_REACH = 45  # pieces before the end of a full window where it may be cut
_LONGEST = 40  # characters of a word that the lexicon uses
_BLOCK = 6000  # characters that are encoded at once
_LOWER, _TITLE, _UPPER, _MIXED, _INITIAL, _DIGIT, _ALL_LOWER, _ALL_UPPER = range(8)
CASES, LINES, LEXICAL = 8, 2, 54
ROWS = CASES * LINES * LEXICAL
_SENTENCE_ENDS = frozenset(".!?;:")
_JOINERS = " \u00a0\t\r\n-.'’\u2010\u2011\u00ad"
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


class Thresholds(NamedTuple):
    """Least probability of a word within an entity, of an entity, and of one in lower case."""

    word: float
    find: float
    lower: float


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


class Encoder:
    """Encodes text as blocks of word pieces; training uses the same encoder."""

    def __init__(self, tokenizer: Tokenizer, lexicon: WordLexicon) -> None:
        tokenizer.no_truncation()
        tokenizer.no_padding()
        self._tokenizer = tokenizer
        self._lexicon = lexicon
        self.opening, self.closing = _mark(tokenizer, "[CLS]"), _mark(tokenizer, "[SEP]")

    def blocks(self, text: str) -> Iterator[TokenBlock]:
        # A lone surrogate is no text to the tokenizer; the replacement has the same length.
        text = _SURROGATE.sub("\ufffd", text)
        for start, end in _pieces(text):
            yield self._block(text, start, end)

    def _block(self, text: str, start: int, end: int) -> TokenBlock:
        encoding = self._tokenizer.encode(text[start:end], add_special_tokens=False)
        places: dict[int | None, tuple[int, int]] = {}
        for word, (left, right) in zip(encoding.word_ids, encoding.offsets, strict=True):
            places[word] = (places.get(word, (start + left, 0))[0], start + right)
        words = [text[left:right] for left, right in places.values()]
        known = self._lexicon.codes([word[:_LONGEST] for word in words])
        block = TokenBlock(encoding.ids, [], [], [], [], [], [], [])
        before, number, last = start, -1, object()
        border = case = opens = 0
        for word, (left, right) in zip(encoding.word_ids, encoding.offsets, strict=True):
            fresh = word != last
            if fresh:
                number, last = number + 1, word
                border = _border(text, before, places[word][0])
                opens = int(border == 2 or places[word][0] == start)
                case, before = _case(words[number]), places[word][1]
            block.starts.append(start + left)
            block.ends.append(start + right)
            block.words.append(number)
            block.cases.append(case)
            block.lexical.append(known[number] if case != _DIGIT else 0)
            block.opens.append(opens)
            block.borders.append(border if fresh else -1)
        return block


def _case(word: str) -> int:
    if not any(map(str.isalpha, word)):
        return _DIGIT if any(map(str.isdigit, word)) else _LOWER
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
        raise ValueError(f"the tokenizer has no {name}")
    return number


class Classifier:
    """Finds names, streets, cities and secrets with the model in a folder; one core, no network."""

    def __init__(self, folder: Path, *, category_threshold: float | None = None) -> None:
        """Load the model; ``category_threshold`` overrides the least probability of a category.

        Raises:
            ValueError: A file is not the one that model.json names by its SHA-256.
            OSError: A file cannot be read.
        """
        card = json.loads((folder / "model.json").read_text(encoding="utf-8"))
        files = {name: (folder / name).read_bytes() for name in card["files"]}
        for name, data in files.items():
            if hashlib.sha256(data).hexdigest() != card["files"][name]:
                message = f"{name} is not the file that model.json names"
                raise ValueError(message)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 3
        # Above this level the runtime fuses each sum and norm into a slower kernel.
        options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_BASIC
        self._session = onnxruntime.InferenceSession(
            files["names.int8.onnx"], options, providers=["CPUExecutionProvider"]
        )
        self.version = version_of(folder)  # part of every cache key for entities
        self._limits = {name: Thresholds(*card["limits"][name]) for name in TYPES}
        least = card["told"] if category_threshold is None else category_threshold
        self._category_limits = special_categories.CategoryLimits(float(least), card["doubt"])
        self._nameless_limit = float(card["nobody"])
        self._topic_model = LinearTopicModel(files["wording.bin"])
        tokenizer = Tokenizer.from_buffer(files["tokenizer.json"])
        self._encoder = Encoder(tokenizer, WordLexicon(files["lexicon.bin"]))

    def find(self, texts: Sequence[str]) -> list[list[Entity]]:
        """Return the entities of each text: names, streets, cities, secrets, without overlap.

        Special categories follow, each once, then the stretches almost certainly without a name.
        Time is linear in the length of the texts, memory bounded beyond the texts themselves.
        """
        return [self._find(text) for text in texts]

    def _find(self, text: str) -> list[Entity]:
        names: list[Entity] = []
        nameless: list[Entity] = []
        windows: list[special_categories.Window] = []
        for block in self._encoder.blocks(text):
            chances, read = self._score(block)
            names += decode(text, block, chances, self._limits)
            nameless += nameless_stretches(block, chances, self._nameless_limit)
            windows += read
        categories = special_categories.detect(
            text, names, windows, self._topic_model, self._category_limits, self._topics
        )
        return [*names, *categories, *nameless]

    def _topics(self, text: str) -> list[special_categories.Window]:
        """Return the second head of each window of a text."""
        return [one for block in self._encoder.blocks(text) for one in self._score(block)[1]]

    def chances(self, texts: Sequence[str]) -> list[list[tuple[TokenBlock, Any]]]:
        """Return per text the input of ``find``: blocks and arrays [pieces, labels]; for tuning."""
        return [
            [(block, self._score(block)[0]) for block in self._encoder.blocks(text)]
            for text in texts
        ]

    def _score(self, block: TokenBlock) -> tuple[Any, list[special_categories.Window]]:
        """Return an array [pieces, labels] of probabilities, and the second head of each window.

        Each piece takes the window with the most context around it. Windows run one by one: on one
        core a batch gains nothing, and the eight-bit scales of a batch would depend on its members.
        """
        chances = np.zeros((len(block.ids), 1 + 2 * len(TYPES)), np.float32)
        depth = np.full(len(block.ids), -1)
        windows: list[special_categories.Window] = []
        for first, last in block.windows():
            steps = np.arange(last - first)
            left = steps if first else steps + WINDOW
            right = steps[::-1] if last < len(block.ids) else steps[::-1] + WINDOW
            far = np.minimum(left, right)
            better = far > depth[first:last]
            names, topics = self._run(block, first, last)
            windows.append((block.starts[first:last], topics))
            chances[first:last][better] = names[better]
            depth[first:last][better] = far[better]
        return chances, windows

    def _run(self, block: TokenBlock, first: int, last: int) -> tuple[Any, Any]:
        ids = [self._encoder.opening, *block.ids[first:last], self._encoder.closing]
        feeds = {
            "input_ids": np.array([ids], np.int64),
            "token_type_ids": np.array([[0, *block.kinds(first, last), 0]], np.int64),
        }
        logits, topics = (
            found[0, 1:-1] for found in self._session.run(["logits", "topics"], feeds)
        )
        powers = np.exp(logits - logits.max(axis=-1, keepdims=True))
        return powers / powers.sum(axis=-1, keepdims=True), topics


def decode(
    text: str, block: TokenBlock, chances: Any, limits: Mapping[str, Thresholds]
) -> list[Entity]:
    """Return the entities of one block: whole words, parts of one name joined.

    Args:
        text: The whole text that the block is a part of.
        block: Its word pieces.
        chances: Per piece the probability of O, then of B and I for each type.
        limits: The thresholds of each type.
    """
    found: list[Entity] = []
    scores: list[float] = []
    run: tuple[int, int, str] | None = None
    for start, end, kind, score, begins in _words(block, chances, limits):
        if run is not None:
            if kind == run[2] and _joined(text[run[1] : start], kind, begins=begins):
                run = (run[0], end, kind)
                scores.append(score)
                continue
            found += _close(text, run, scores, limits[run[2]])
        run, scores = (start, end, kind), [score]
    if run is not None:
        found += _close(text, run, scores, limits[run[2]])
    return found


def nameless_stretches(block: TokenBlock, chances: Any, limit: float) -> list[Entity]:
    """Return stretches of words in which no piece reaches this probability of a name."""
    if not block.ids:
        return []
    firsts = _firsts(block)
    most = np.maximum.reduceat(chances[:, 1] + chances[:, 2], firsts)
    lasts = [*firsts[1:], len(block.ids)]
    found: list[Entity] = []
    for nameless, words in groupby(range(len(firsts)), key=lambda word: bool(most[word] < limit)):
        if nameless:
            first, *rest = words
            end = block.ends[lasts[rest[-1] if rest else first] - 1]
            found.append(Entity(block.starts[firsts[first]], end, NO_NAME, 1.0))
    return found


def _firsts(block: TokenBlock) -> list[int]:
    """Return the first piece of each word."""
    return [0] + [i for i, (a, b) in enumerate(pairwise(block.words), 1) if a != b]


def _joined(gap: str, kind: str, *, begins: bool) -> bool:
    """Whether two words of one type, with gap between them, are one entity."""
    rest = gap.strip(_JOINERS)
    if len(gap) > 4:
        return False
    if rest == ",":
        return kind == "STREET_ADDRESS" or not begins
    return not rest and not (begins and any(mark in gap for mark in "\n\r\t"))


def _words(
    block: TokenBlock, chances: Any, limits: Mapping[str, Thresholds]
) -> list[tuple[int, int, str, float, bool]]:
    """Return words of entities: start, end, type, probability, and whether an entity begins."""
    if not block.ids:
        return []
    firsts = _firsts(block)
    lasts = [*firsts[1:], len(block.ids)]
    sums = np.add.reduceat(chances, firsts, axis=0) / np.diff([*firsts, len(block.ids)])[:, None]
    typed = sums[:, 1::2] + sums[:, 2::2]
    best = typed.argmax(axis=1)
    least = np.array([limits[name].word for name in TYPES])
    found = []
    for word in np.flatnonzero(typed[np.arange(len(best)), best] >= least[best]):
        kind, first = int(best[word]), firsts[word]
        begins = bool(chances[first, 1 + 2 * kind] > chances[first, 2 + 2 * kind])
        place = (block.starts[first], block.ends[lasts[word] - 1])
        found.append((*place, TYPES[kind], float(typed[word, kind]), begins))
    return found


def _close(
    text: str, run: tuple[int, int, str], scores: Sequence[float], limits: Thresholds
) -> list[Entity]:
    """Return the entity of a run of words if it is certain enough; a name without outer signs."""
    start, end, kind = run
    if kind != "SECRET":
        start, end = _strip_signs(text, start, end)
    value = text[start:end]
    score = sum(scores) / len(scores)
    sure = score >= (limits.lower if value.islower() else limits.find)
    if not sure or len(value) < 2 or (kind != "SECRET" and not any(map(str.isalpha, value))):
        return []
    return [Entity(start, end, kind, round(score, 4))]


def _strip_signs(text: str, start: int, end: int) -> tuple[int, int]:
    while start < end and not text[start].isalnum() and text[start] not in "'’":
        start += 1
    while end > start and not text[end - 1].isalnum():
        end -= 1
    return start, end


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
