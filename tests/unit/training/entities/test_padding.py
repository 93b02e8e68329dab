"""Training texts among sentences without personal data keep their labels."""

from itertools import islice
from pathlib import Path
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from gateway.privacy.lexicons.names import GIVEN_NAMES, SURNAMES
from training.entities.corpora import Corpora
from training.entities.generator import Generator
from training.entities.names import NameSource
from training.entities.padding import COUNTS, padded
from training.entities.special_categories import CategoryTexts
from training.entities.template_slots import Sample

_PROSE = ("nl", "en", "de", "fr", "es")


def _corpora() -> Corpora:
    first = sorted(name for name in GIVEN_NAMES if name.isalpha())
    last = sorted(name.title() for name in SURNAMES if name.isalpha())
    return Corpora(
        base=Path(),
        sources={"gazetteer": NameSource(first, [1.0] * len(first), last, [1.0] * len(last))},
        towns=[f"{name}dorp" for name in last[:200]],
        prose={one: [f"U kunt de instelling {n} wijzigen." for n in range(200)] for one in _PROSE},
        ordinary={"wijzigen", "instelling", "molen", *(name.lower() for name in last[:50])},
        first_counts=dict.fromkeys(first, 20),
        last_counts=dict.fromkeys(last, 60),
    )


def _length(generator: Generator) -> float:
    texts = [text.sample.text for text in islice(generator.texts(3), 400)]
    return sum(map(len, texts)) / len(texts)


@given(st.integers(0, 1000))
def test_labels_lie_on_the_same_words(seed: int) -> None:
    sample = Sample("Bel Sanne Bakker in Ede.", [(4, 16, "PERSON"), (20, 23, "CITY")])
    whole = padded(sample, lambda: Sample("Het regent."), Random(seed))
    assert [(whole.text[a:b], kind) for a, b, kind in whole.spans] == [
        ("Sanne Bakker", "PERSON"),
        ("Ede", "CITY"),
    ]
    assert whole.text.count("Het regent.") in COUNTS
    assert sample.text in whole.text


def test_labels_of_the_other_sentences_stay() -> None:
    whole = padded(Sample("Aap."), lambda: Sample("Noot.", [(0, 4, "?")]), Random(1))
    assert {whole.text[a:b] for a, b, _ in whole.spans} == {"Noot"}


def test_a_share_of_the_texts_is_padded() -> None:
    corpora = _corpora()
    plain = Generator(corpora, evaluation=False)
    some, all_of_them = (
        Generator(corpora, evaluation=False, padding=share) for share in (0.5, 1.0)
    )
    assert _length(plain) < 0.8 * _length(some) < 0.8 * _length(all_of_them)


def test_texts_about_a_category_are_padded_too() -> None:
    lengths = []
    for share in (0.0, 1.0):
        source = CategoryTexts(
            Generator(_corpora(), evaluation=False, padding=share), evaluation=False
        )
        texts = list(islice(source.texts(4), 300))
        assert any(text.topic for text in texts)
        lengths.append(sum(len(text.sample.text) for text in texts))
    assert lengths[1] > 1.5 * lengths[0]
