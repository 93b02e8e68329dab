"""The classifier removes names of rules where it is certain that there is no name."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.classifiers.entities.bundled_model import MODEL
from gateway.classifiers.entities.classifier import Classifier
from gateway.classifiers.protocol import NO_NAME, Entity
from gateway.core.snapshot import TermLists
from gateway.privacy import Terms, normalised
from gateway.privacy.postprocess.name_veto import drop
from gateway.privacy.text.normalized_text import NormalizedText, RuleMatch
from tests.support.detector import DETECTOR

TEXT = "Storm Corrie nam het dak mee."


@pytest.fixture(scope="module")
def classifier() -> Classifier:
    return Classifier(MODEL)


def people(text: str, *named: Entity, lists: Terms | None = None) -> list[str]:
    return [text[f.start : f.end] for f in DETECTOR.scan(text, named, lists)]


def test_a_name_is_dropped_only_if_all_of_it_is_nameless() -> None:
    assert people(TEXT) == ["Corrie"]
    assert people(TEXT, Entity(0, len(TEXT), NO_NAME, 1.0)) == []
    assert people(TEXT, Entity(0, 8, NO_NAME, 1.0), Entity(13, 20, NO_NAME, 1.0)) == ["Corrie"]


def test_terms_of_the_organisation_are_not_dropped() -> None:
    lists = Terms(TermLists(deny={"Storm Corrie": "PERSON"}, allow=[]))
    assert people(TEXT, Entity(0, len(TEXT), NO_NAME, 1.0), lists=lists) == ["Storm Corrie"]


def test_greeted_persons_and_signatures_are_not_dropped() -> None:
    text = "Cześć Grzesiek,\nhala jest wolna.\nPozdrawiam\nBartek Nowak"
    assert people(text, Entity(0, len(text), NO_NAME, 1.0)) == ["Grzesiek", "Bartek Nowak"]


def test_user_names_and_initials_in_columns_are_not_dropped() -> None:
    text = "auth ok user=tdewaard\n\nnr;voorletters;bedrag\n1;M.;12\n"
    assert people(text, Entity(0, len(text), NO_NAME, 1.0)) == ["tdewaard", "M."]


@pytest.mark.parametrize(
    "name",
    ["Sanne Bakker", "Poppy Ashcombe", "Willem de Zwart", "Mehmet Özkural", "SANNE BAKKER"],
)
@pytest.mark.parametrize(
    "sentence",
    ["Kun je {} bellen over de offerte?", "Ask {} for the figures.", "{} tekent morgen."],
)
def test_a_listed_first_name_with_a_surname_is_not_dropped(name: str, sentence: str) -> None:
    text = sentence.format(name)
    assert people(text, Entity(0, len(text), NO_NAME, 1.0)) == [name]


@pytest.mark.parametrize(
    "text",
    [
        "De Emma Brandtschool en de Willem Prinsenlaan gaan maandag open.",  # places
        "De klimroos 'Anna Bergeron' bloeit in juni.",  # a cultivar
        'Het schip heet "Maria Josephina" en vaart weer.',  # a ship
        "The Grace Darlington sails at noon.",  # a thing, by its article
        "Wij huren een Mercedes Kestrel voor de verhuizing.",  # a car
        "Bestel tien keer Henry Bosman200 bij de groothandel.",  # a model
        "De kinderen maken een werkstuk over George Stephens.",  # a public figure
        "The novels of Hannah Ashcombe are on the shelf by the door.",  # an author
    ],
)
def test_a_full_name_of_a_thing_can_be_dropped(text: str) -> None:
    assert people(text)
    assert people(text, Entity(0, len(text), NO_NAME, 1.0)) == []


def test_a_historical_figure_beside_a_person_can_be_dropped() -> None:
    text = "Sanne Bakker geeft les over Johan Rudolph Thorbecke."
    assert people(text) == ["Sanne Bakker", "Johan Rudolph Thorbecke"]
    assert people(text, Entity(12, len(text), NO_NAME, 1.0)) == ["Sanne Bakker"]


def test_only_names_can_be_dropped() -> None:
    text = "Mail naar corrie@example.nl of bel 06-12345678."
    assert len(people(text, Entity(0, len(text), NO_NAME, 1.0))) == 2


def test_a_certain_name_is_redacted_everywhere() -> None:
    text = "Anders belt morgen. Groet, Anders Kjær"
    surely = Entity(text.index("Anders Kjær"), len(text), "PERSON", 0.99)
    assert people(text, Entity(0, 19, NO_NAME, 1.0), surely) == ["Anders", "Anders Kjær"]


@given(
    st.lists(st.integers(0, 60), max_size=8, unique=True).map(sorted),
    st.lists(st.tuples(st.integers(0, 60), st.integers(1, 12)), max_size=6),
)
def test_a_dropped_name_lies_wholly_in_one_stretch(
    cuts: list[int], places: list[tuple[int, int]]
) -> None:
    quiet = [Entity(a, b, NO_NAME, 1.0) for a, b in zip(cuts[::2], cuts[1::2], strict=False)]
    hits = [RuleMatch("PERSON", start, start + size, "r") for start, size in places]
    left = drop(NormalizedText(" " * 80), hits, quiet)
    for hit in hits:
        inside = any(one.start <= hit.start and hit.end <= one.end for one in quiet)
        assert (hit in left) is not inside


@pytest.mark.parametrize("text", ["Anders valt de stroom uit.", "Storm Corrie nam het dak mee."])
def test_the_classifier_finds_stretches_without_names(classifier: Classifier, text: str) -> None:
    assert people(text)
    assert people(text, *classifier.find([normalised(text)])[0]) == []


@pytest.mark.parametrize(
    "text", ["Anders komt morgen langs met zijn vrouw.", "Gesproken met Jasmijn over de huur."]
)
def test_the_classifier_keeps_names_out_of_the_stretches(classifier: Classifier, text: str) -> None:
    assert people(text, *classifier.find([normalised(text)])[0])


def test_stretches_are_sorted_and_do_not_overlap(classifier: Classifier) -> None:
    text = "De pomp draait. Fatima el Amrani belt. " * 300
    quiet = [one for one in classifier.find([text])[0] if one.type == NO_NAME]
    assert len(quiet) > 250
    assert all(a.end <= b.start for a, b in pairwise(quiet))
    assert not any("Fatima" in text[one.start : one.end] for one in quiet)
