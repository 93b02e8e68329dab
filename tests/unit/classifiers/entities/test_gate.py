"""The gate: what the network reads of long texts, and that nothing is lost by it."""

import json
import time
from collections.abc import Callable
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.classifiers.entities.bundled_model import MODEL
from gateway.classifiers.entities.classifier import Classifier
from gateway.classifiers.entities.decoding import TYPES
from gateway.classifiers.entities.doubt import DoubtLimits, PackedText, outside
from gateway.classifiers.entities.gate import LABELS, Gate
from gateway.classifiers.entities.word_features import BITS, FEATURES, WordReader, rows_of
from gateway.classifiers.entities.word_pieces import WordLexicon
from gateway.classifiers.protocol import NO_NAME, Entity
from gateway.core.finding import SPECIAL_CATEGORIES
from tests.support.effort import examples

LIMITS = DoubtLimits(**json.loads((MODEL / "model.json").read_text(encoding="utf-8"))["gate"])
NEUTRAL = (
    "De vergadering is om drie uur in zaal 2. ",
    "De begroting voor volgend jaar volgt in de bijlage. ",
    "The printer on the second floor is out of toner. ",
    "Elke vestiging levert de cijfers voor het eind van de maand aan. ",
    "Choose a table style and confirm with the button below. ",
)
CODE = (
    "def total(rows: list[int]) -> int:\n",
    "    for row in sorted(rows, key=lambda one: one):\n",
    "        result[row] = cache.get(row, default) or build(row)\n",
    "    return sum(result.values())\n",
    'logger.info("request_id=9f3ab2c47d10e5f8 took %d ms", elapsed)\n',
)
PLANTED = (
    ("Schrijf een brief aan Annemarie de Vries.", "Annemarie de Vries", "PERSON"),
    ("Please call Fatima El Amrani about the invoice.", "Fatima El Amrani", "PERSON"),
    ("Katarzyna Wiśniewska heeft de sleutel opgehaald.", "Katarzyna Wiśniewska", "PERSON"),
    ("Zij woont op de Lindenstraat 12-2.", "Lindenstraat 12-2", "STREET_ADDRESS"),
    ("Gesproken met Wouter de Vries, wonend in Zwolle.", "Zwolle", "CITY"),
    ("The wifi password is kestrel-Harbour-91, do not share it.", "kestrel-Harbour-91", "SECRET"),
)


@pytest.fixture(scope="module")
def classifier() -> Classifier:
    return Classifier(MODEL)


def around(lines: tuple[str, ...], planted: str, size: int, *, before: float) -> str:
    """The planted sentence in neutral text of this size, a share of which comes before it."""
    lead = ""
    while len(lead) < before * size:
        lead += lines[len(lead) % len(lines)]
    text = f"{lead}{planted}\n"
    while len(text) < size:
        text += lines[len(text) % len(lines)]
    return text


def masked(classifier: Classifier, text: str, value: str) -> bool:
    start = text.index(value)
    places = set(range(start, start + len(value)))
    for one in classifier.find([text])[0]:
        if one.type in TYPES:
            places -= set(range(one.start, one.end))
    return not places


@pytest.mark.parametrize("lines", [NEUTRAL, CODE], ids=["prose", "code"])
@pytest.mark.parametrize(("planted", "value", "kind"), PLANTED, ids=[p[1] for p in PLANTED])
def test_no_length_is_a_cliff(
    classifier: Classifier, lines: tuple[str, ...], planted: str, value: str, kind: str
) -> None:
    least = LIMITS.characters
    for size in (least - 100, least + 200, 2 * least):
        for before in (0.0, 0.5, 0.9):
            text = around(lines, planted, size, before=before)
            assert masked(classifier, text, value), (kind, len(text), before)


@pytest.mark.parametrize(
    ("stated", "category"),
    [
        ("My sister takes insulin for her diabetes.", "HEALTH"),
        ("Onze nieuwe stagiair is van Surinaamse afkomst.", "ETHNICITY"),
        ("Ze loopt zaterdag mee met de demonstratie van haar partij.", "POLITICS"),
    ],
)
def test_a_special_category_in_a_part_of_a_long_text_is_found(stated: str, category: str) -> None:
    sensitive = Classifier(MODEL, category_threshold=0.03)
    for before in (0.0, 0.9):
        text = around(NEUTRAL, stated, 300, before=before)
        assert category in {one.type for one in sensitive.find([text], partial=True)[0]}


def test_neutral_text_is_mostly_not_read(classifier: Classifier) -> None:
    def seconds(*, partial: bool, text: str) -> float:
        began = time.process_time()
        classifier.find([text] * 3, partial=partial)
        return time.process_time() - began

    text = around(CODE, "", LIMITS.characters - 100, before=0.5)
    assert len(text) <= LIMITS.characters
    seconds(partial=True, text=text)  # the first reading learns the words
    assert seconds(partial=True, text=text) < seconds(partial=False, text=text) / 2


@given(st.lists(st.text(alphabet=st.characters(), max_size=60), max_size=4))
@settings(max_examples=examples(150), deadline=None)
def test_any_part_gives_valid_offsets(classifier: Classifier, texts: list[str]) -> None:
    for text, found in zip(texts, classifier.find(texts, partial=True), strict=True):
        names = [one for one in found if one.type in TYPES]
        assert all(one.end <= other.start for one, other in pairwise(names))
        for one in found:
            assert 0 <= one.start < one.end <= len(text)
            assert 0 <= one.score <= 1
            assert one.type in (*TYPES, *SPECIAL_CATEGORIES, NO_NAME)


@pytest.mark.parametrize(
    "odd", ["\ud800", "\u200b", "e\u0301", "\U0001f469\u200d\U0001f4bb", "\u202e", "İ", "ﬁ"]
)
def test_odd_characters_shift_nothing(classifier: Classifier, odd: str) -> None:
    text = f"{odd} {odd}{odd} Gesproken met mevrouw Annemarie de Vries. {odd} {odd}"
    found = classifier.find([text], partial=True)[0]
    assert "Annemarie de Vries" in {text[one.start : one.end] for one in found}


@pytest.mark.parametrize(
    "text",
    ["a" * 300_000, "a." * examples(20_000), "\n" * 100_000, "1 2 3 " * examples(8_000)],
    ids=["one word", "dots", "lines", "digits"],
)
def test_hostile_texts_take_linear_time(classifier: Classifier, text: str) -> None:
    began = time.monotonic()
    classifier.find([text], partial=True)
    assert time.monotonic() - began < 50


def test_results_do_not_depend_on_other_texts(classifier: Classifier) -> None:
    texts = ["Groet, Sanne", "x" * 300, "Fatima El Amrani woont in Gouda.\n" * 40]
    alone = [classifier.find([text], partial=True)[0] for text in texts]
    assert classifier.find(texts, partial=True) == alone


STRETCHES = st.lists(st.integers(0, 60), min_size=2, max_size=8, unique=True).map(
    lambda places: [(a, b) for a, b in pairwise(sorted(places))][::2]
)


@given(st.text(min_size=60, max_size=60), STRETCHES)
def test_a_packed_text_leads_back_to_its_places(
    text: str, stretches: list[tuple[int, int]]
) -> None:
    packing = PackedText(text, stretches)
    whole = Entity(0, len(packing.text), "PERSON", 1.0)
    assert [(one.start, one.end) for one in packing.restored(whole)] == stretches
    for begin, end in stretches:
        for place in range(begin, end):
            assert place in packing.places(range(len(packing.text)))
    assert all(text[begin:end] in packing.text for begin, end in stretches)


@given(STRETCHES, st.integers(0, 59), st.integers(1, 60))
def test_what_lies_outside_of_the_stretches_is_kept(
    stretches: list[tuple[int, int]], start: int, length: int
) -> None:
    entity = Entity(start, start + length, "PERSON", 1.0)
    inside = {place for begin, end in stretches for place in range(begin, end)}
    parts = outside([entity], stretches)
    places = [place for one in parts for place in range(one.start, one.end)]
    assert places == [place for place in range(entity.start, entity.end) if place not in inside]


def test_a_long_text_is_read_like_its_parts() -> None:
    reader = WordReader(WordLexicon((MODEL / "lexicon.bin").read_bytes()))
    gate = Gate((MODEL / "gate.bin").read_bytes(), LIMITS)
    words = [f"Sanne Bakker{number} belde over item_{number}.\n" for number in range(700)]
    chances, topics = gate.read(reader.read("".join(words)))
    first, _ = gate.read(reader.read("".join(words[:300])))
    assert chances.shape == (len(topics), LABELS)
    assert np.allclose(chances[: len(first) - 8], first[:-8], atol=1e-5)
    assert np.allclose(chances.sum(axis=1), 1, atol=1e-5)


def test_codes_and_numbers_that_never_recur_are_one_word() -> None:
    reader = WordReader(WordLexicon((MODEL / "lexicon.bin").read_bytes()))
    rows = rows_of(reader.read("9f3ab2c47d10e5f8").numbers)
    assert np.array_equal(rows, rows_of(reader.read("1b88d0c5e2a4f67d").numbers))
    assert rows.shape == (1, FEATURES)
    assert rows.min() >= 0
    assert rows.max() < 1 << BITS


@pytest.mark.parametrize("change", [lambda d: d[:-1], lambda d: b"", lambda d: b"XXXX" + d[4:]])
def test_a_file_that_is_no_gate_is_refused(change: Callable[[bytes], bytes]) -> None:
    data = (MODEL / "gate.bin").read_bytes()
    with pytest.raises(ValueError, match="no weights of a gate"):
        Gate(change(data), LIMITS)
