"""Chunks cover a text, know what came before them, and fall in step again behind an edit."""

import random
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.classifiers.chunks import WHOLE, cut

_MOST, _CONTEXT = 1600, 120
_PARTS = st.sampled_from([
    "De vergadering begint om drie uur. ",
    "regel\n",
    "\n\n",
    '{"type": "string", "description": "x"}, ',
    "woord ",
    "é" * 30 + " ",
    "x" * 700,
    "}" * 300,
    " " * 900,
    "\ud800",
    "3.14",
])
_TEXTS = st.lists(st.tuples(_PARTS, st.integers(1, 60))).map(
    lambda parts: "".join(part * count for part, count in parts)
)


@given(_TEXTS)
def test_chunks_are_adjacent_bounded_and_cover_the_text(text: str) -> None:
    chunks = cut(text)
    assert "".join(text[start:end] for _, start, end in chunks) == text
    assert [start for _, start, _ in chunks[1:]] == [end for _, _, end in chunks[:-1]]
    most = WHOLE if len(text) <= WHOLE else _MOST
    assert all(0 < end - start <= most for _, start, end in chunks)
    assert all(0 <= start - context <= _CONTEXT for context, start, _ in chunks)


@given(st.text(max_size=WHOLE, min_size=1))
def test_a_short_text_is_one_chunk_without_context(text: str) -> None:
    assert cut(text) == [(0, 0, len(text))]


def _prose(rng: random.Random) -> str:
    words = ["de", "het", "een", "met", "over", "contract", "overleg", "vrijdag", "offerte"]
    sentences = (" ".join(rng.choices(words, k=rng.randint(3, 14))) for _ in range(900))
    return " ".join(
        f"{sentence.capitalize()}.{rng.choice(['', '', chr(10)])}" for sentence in sentences
    )


def _one_line(rng: random.Random) -> str:
    return " ".join(_prose(rng).replace("\n", " ").replace(".", "").split())


def _schema(rng: random.Random) -> str:
    fields = [
        f'"field_{rng.randint(0, 9999)}": {{"type": "string", "description": "Pick one of them"}},'
        for _ in range(600)
    ]
    return rng.choice(["\n", " "]).join(fields)


@pytest.mark.parametrize("kind", [_prose, _one_line, _schema])
@pytest.mark.parametrize("seed", range(8))
def test_an_edit_makes_only_a_few_chunks_new(
    kind: Callable[[random.Random], str], seed: int
) -> None:
    rng = random.Random(seed)
    text = kind(rng)
    at = rng.randrange(len(text))
    edited = f"{text[:at]} een nieuw woord {text[at + rng.randint(0, 9) :]}"
    before = {text[context:end] for context, _, end in cut(text)}
    new = [end - start for context, start, end in cut(edited) if edited[context:end] not in before]
    assert sum(new) <= 12_000
