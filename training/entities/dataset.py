"""Batches of texts: windows of the product's own encoder, with a label for each word piece."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from random import Random

import torch

from gateway.classifiers.entities.decoding import TYPES
from gateway.classifiers.entities.word_pieces import Encoder, TokenBlock
from gateway.core.finding import SPECIAL_CATEGORIES
from training.entities.generator import Generator
from training.entities.special_categories import CategoryTexts
from training.entities.template_slots import Sample

IGNORED = -100


@dataclass(frozen=True, slots=True)
class TrainingBatch:
    """Padded tensors of one step."""

    ids: torch.Tensor
    kinds: torch.Tensor
    mask: torch.Tensor
    labels: torch.Tensor


@dataclass(frozen=True, slots=True)
class CategoryBatch:
    """A batch of whole texts: the text of each window, and the topic of each text or -1."""

    windows: TrainingBatch
    owner: torch.Tensor
    topics: torch.Tensor


@dataclass(frozen=True, slots=True)
class _Window:
    ids: list[int]
    kinds: list[int]
    labels: list[int]


_Bag = tuple[list[_Window], str]


def labels_of(sample: Sample, block: TokenBlock) -> list[int]:
    """Return a label per piece: 0, or 1 and 2 for begin and inside of the first type, and so on."""
    labels = [0] * len(block.ids)
    at = 0
    for start, end, kind in sorted(sample.spans):
        while at < len(labels) and block.ends[at] <= start:
            at += 1
        first = True
        spot = at
        while spot < len(labels) and block.starts[spot] < end:
            if kind == "?":
                labels[spot] = IGNORED
            else:
                # A block that starts inside a span continues it.
                begins = first and block.ends[spot] > start >= block.starts[spot] - 1
                labels[spot] = 1 + 2 * TYPES.index(kind) + (0 if begins else 1)
            first = False
            spot += 1
    return labels


def batches(
    generator: Generator, encoder: Encoder, *, seed: int, tokens: int, forget: float, pool: int
) -> Iterator[TrainingBatch]:
    """Yield batches of at most `tokens` pieces, padding included, without end.

    Args:
        generator: Source of the texts.
        encoder: The product's encoder.
        seed: The same seed gives the same batches.
        tokens: Size of a batch.
        forget: Share of windows without lexicon features, so that the model also learns without
            them. In the other windows each word loses its features half as often.
        pool: Number of windows that are sorted by length together.
    """
    rng = Random(seed)  # noqa: S311  # texts, no secrets
    marks = (encoder.opening, encoder.closing)
    windows = _windows(generator, encoder, rng, seed, forget)
    while True:
        alike = sorted((next(windows) for _ in range(pool)), key=lambda w: len(w.ids))
        groups, group = [], list[_Window]()
        for window in alike:
            if group and (len(group) + 1) * (len(window.ids) + 2) > tokens:
                groups.append(group)
                group = []
            group.append(window)
        rng.shuffle(groups)
        for group in groups:
            yield _pad(group, marks)


def _windows(
    generator: Generator, encoder: Encoder, rng: Random, seed: int, forget: float
) -> Iterator[_Window]:
    for text in generator.texts(seed):
        yield from _windows_of(text.sample, encoder, rng, forget)


def _windows_of(sample: Sample, encoder: Encoder, rng: Random, forget: float) -> Iterator[_Window]:
    for block in encoder.blocks(sample.text):
        labels = labels_of(sample, block)
        for first, last in block.windows():
            _forget(block, first, last, rng, forget)
            yield _Window(block.ids[first:last], block.kinds(first, last), labels[first:last])


def category_batches(
    source: CategoryTexts, encoder: Encoder, *, seed: int, tokens: int, forget: float, pool: int
) -> Iterator[CategoryBatch]:
    """Yield batches of whole texts; each text has a topic or none."""
    rng = Random(seed)  # noqa: S311  # texts, no secrets
    marks = (encoder.opening, encoder.closing)
    texts = source.texts(seed)
    while True:
        bags = list[_Bag]()
        for text in islice(texts, pool // 4):
            windows = list(_windows_of(text.sample, encoder, rng, forget))
            if windows:
                bags.append((windows, text.topic))
        bags.sort(key=lambda one: max(len(window.ids) for window in one[0]))
        groups = list(_grouped(bags, tokens))
        rng.shuffle(groups)
        for group in groups:
            yield _category_batch(group, marks)


def _grouped(bags: list[_Bag], tokens: int) -> Iterator[list[_Bag]]:
    group, count = list[_Bag](), 0
    for windows, topic in bags:
        width = max(len(window.ids) for window in windows) + 2
        if group and (count + len(windows)) * width > tokens:
            yield group
            group, count = [], 0
        group.append((windows, topic))
        count += len(windows)
    if group:
        yield group


def _category_batch(group: list[_Bag], marks: tuple[int, int]) -> CategoryBatch:
    windows = [window for bag, _ in group for window in bag]
    owner = [number for number, (bag, _) in enumerate(group) for _ in bag]
    topics = [SPECIAL_CATEGORIES.index(topic) if topic else -1 for _, topic in group]
    return CategoryBatch(_pad(windows, marks), torch.tensor(owner), torch.tensor(topics))


def _forget(block: TokenBlock, first: int, last: int, rng: Random, share: float) -> None:
    whole, lost = rng.random() < share, -1
    for at in range(first, last):
        if whole:
            block.lexical[at] = 0
        elif block.lexical[at] and (
            block.words[at] == lost
            or (
                (at == first or block.words[at] != block.words[at - 1]) and rng.random() < share / 2
            )
        ):
            lost = block.words[at]
            block.lexical[at] = 0


def _pad(group: list[_Window], marks: tuple[int, int]) -> TrainingBatch:
    width = 2 + max(len(window.ids) for window in group)
    shape = (len(group), width)
    ids, kinds, mask = (torch.zeros(shape, dtype=torch.long) for _ in range(3))
    labels = torch.full(shape, IGNORED, dtype=torch.long)
    for row, window in enumerate(group):
        size = len(window.ids)
        ids[row, 0], ids[row, size + 1] = marks
        ids[row, 1 : size + 1] = torch.tensor(window.ids)
        kinds[row, 1 : size + 1] = torch.tensor(window.kinds)
        labels[row, 1 : size + 1] = torch.tensor(window.labels)
        mask[row, : size + 2] = 1
    return TrainingBatch(ids, kinds, mask, labels)
