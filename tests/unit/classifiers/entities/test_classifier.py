"""The classifier of names, streets and cities: results, refusals, hostile input."""

import json
import shutil
import sys
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.classifiers.entities.bundled_model import MODEL, version_of
from gateway.classifiers.entities.classifier import Classifier
from gateway.classifiers.entities.decoding import TYPES
from gateway.classifiers.entities.word_pieces import WINDOW, WordLexicon
from gateway.classifiers.protocol import NO_NAME, Entity
from gateway.core.finding import SPECIAL_CATEGORIES
from tests.support.effort import examples
from training.entities.augmentation import edit, number_in_words, recase
from training.entities.template_slots import Sample


@pytest.fixture(scope="module")
def classifier() -> Classifier:
    return Classifier(MODEL)


def found(classifier: Classifier, text: str) -> list[tuple[str, str]]:
    finds = classifier.find([text])[0]
    return [(one.type, text[one.start : one.end]) for one in finds if one.type in TYPES]


def told(classifier: Classifier, text: str) -> set[str]:
    return {one.type for one in classifier.find([text])[0] if one.type in SPECIAL_CATEGORIES}


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("Beste Willemijn, kun je dit nakijken?", [("PERSON", "Willemijn")]),
        ("Gesproken met mevrouw El Hamdaoui over de huur.", [("PERSON", "El Hamdaoui")]),
        ("ja met thijs van der heijden spreekt u", [("PERSON", "thijs van der heijden")]),
        ("Wouter-Jan van 't Hoff belde terug.", [("PERSON", "Wouter-Jan van 't Hoff")]),
        ("I spoke to Blessing Owusu yesterday.", [("PERSON", "Blessing Owusu")]),
        ("GESPROKEN MET JAN DE BOER OVER DE HUUR", [("PERSON", "JAN DE BOER")]),
        (
            "Zij woont op de Lindenstraat 12-2, 1234 AB Zwolle.",
            [("STREET_ADDRESS", "Lindenstraat 12-2"), ("CITY", "Zwolle")],
        ),
        (
            "He lives at 14 Maple Road in Leeds.",
            [("STREET_ADDRESS", "14 Maple Road"), ("CITY", "Leeds")],
        ),
        ('{"voornaam": "Aylin", "leeftijd": 34}', [("PERSON", "Aylin")]),
    ],
)
def test_finds_entities(classifier: Classifier, text: str, wanted: list[tuple[str, str]]) -> None:
    assert found(classifier, text) == wanted


@pytest.mark.parametrize(
    "text",
    [
        "De vergadering van dinsdag gaat niet door.",
        "De spaarrente stijgt per april naar 1,75 procent.",
        "Restart the Windows service and check the Event Viewer.",
        "nou dat weet ik eigenlijk niet maar ik kijk het even na",
        "De ziekte van Parkinson komt vaker voor bij ouderen.",
        "public class OrderService extends BaseService<Order> {}",
        "",
        " \n\t ",
    ],
)
def test_leaves_other_words(classifier: Classifier, text: str) -> None:
    assert found(classifier, text) == []


@pytest.mark.parametrize(
    ("text", "category"),
    [
        ("de poort herkent zijn gezicht niet meer sinds hij een baard heeft", "BIOMETRIC"),
        ("Onze nieuwe stagiair is van Surinaamse afkomst.", "ETHNICITY"),
        ("Mijn broer gaat met zijn vriend trouwen", "SEXUALITY"),
        ("Ze loopt zaterdag mee met de demonstratie van haar partij", "POLITICS"),
    ],
)
def test_finds_special_categories_of_a_person(
    classifier: Classifier, text: str, category: str
) -> None:
    assert category in told(classifier, text)


@pytest.mark.parametrize(
    ("text", "category"),
    [
        (
            "Sanne Lubberts en haar vriendin krijgen in mei een kindje; Sanne is de draagmoeder.",
            "SEXUALITY",
        ),
        ("de poort herkent zijn gezicht niet meer sinds hij een baard heeft.", "BIOMETRIC"),
    ],
)
@pytest.mark.parametrize("count", [3, 6, 12])
def test_finds_special_categories_among_other_sentences(
    classifier: Classifier, text: str, category: str, count: int
) -> None:
    others = (
        "De vergadering is om drie uur in zaal 2.",
        "De toon is vriendelijk maar zakelijk.",
        "Voeg een tabel toe met de kosten per maand.",
    )
    padding = " ".join(others[number % len(others)] for number in range(count))
    assert category in told(classifier, text)
    assert category in told(classifier, f"{text} {padding}")
    assert category in told(classifier, f"{padding} {text}")


@pytest.mark.parametrize(
    "text",
    [
        "De zorgverzekeraar stuurt de polis in november.",
        "Het overleg met Fatima gaat niet door, zij is op vakantie.",
        "The nurse ordered new gloves.",
        "De kerk verhuurt een zaal voor bedrijfsfeesten.",
        "The election results were published on Tuesday.",
        "",
    ],
)
def test_finds_no_category_without_a_person(classifier: Classifier, text: str) -> None:
    assert told(classifier, text) == set()


def test_a_name_beyond_the_first_window_and_at_its_edge(classifier: Classifier) -> None:
    for count in range(WINDOW - 6, WINDOW + 6):
        text = "en dan " * (count // 2) + "belde Katarzyna Wiśniewska over de factuur."
        assert ("PERSON", "Katarzyna Wiśniewska") in found(classifier, text), count


def test_results_do_not_depend_on_other_texts(classifier: Classifier) -> None:
    texts = ["Groet, Sanne", "x" * 300, "Fatima El Amrani woont in Gouda.\n" * 40]
    alone = [classifier.find([text])[0] for text in texts]
    assert classifier.find(texts) == alone
    assert Classifier(MODEL).find(texts) == alone


def test_refuses_a_file_that_is_not_the_one_named(tmp_path: Path) -> None:
    for name in json.loads((MODEL / "model.json").read_text(encoding="utf-8"))["files"]:
        folder = tmp_path / name
        shutil.copytree(MODEL, folder)
        with (folder / name).open("ab") as file:
            file.write(b" ")
        with pytest.raises(ValueError, match="not the file"):
            Classifier(folder)


@pytest.mark.parametrize("part", ["files", "limits", "told", "doubt", "gate"])
def test_the_version_changes_with_the_thresholds(tmp_path: Path, part: str) -> None:
    card = json.loads((MODEL / "model.json").read_text(encoding="utf-8"))
    changed = card | {part: [card[part]]}
    (tmp_path / "model.json").write_text(json.dumps(changed), encoding="utf-8")
    assert version_of(tmp_path) != version_of(MODEL)
    noted = card | {"figures": {"other": "ones"}}
    (tmp_path / "model.json").write_text(json.dumps(noted), encoding="utf-8")
    assert version_of(tmp_path) == version_of(MODEL)


def check(text: str, finds: list[Entity]) -> None:
    at = 0
    for one in finds:
        assert 0 <= one.start < one.end <= len(text)
        assert 0 <= one.score <= 1
        if one.type in TYPES:
            assert at <= one.start
            at = one.end
        else:
            assert one.type in (*SPECIAL_CATEGORIES, NO_NAME)


@given(st.lists(st.text(alphabet=st.characters(), max_size=60), max_size=4))
@settings(max_examples=examples(150), deadline=None)
def test_any_text_gives_valid_offsets(classifier: Classifier, texts: list[str]) -> None:
    for text, finds in zip(texts, classifier.find(texts), strict=True):
        check(text, finds)


@pytest.mark.parametrize(
    "odd", ["\ud800", "\u200b", "e\u0301", "\U0001f469\u200d\U0001f4bb", "\u202e", "İ", "ﬁ"]
)
def test_odd_characters_shift_nothing(classifier: Classifier, odd: str) -> None:
    text = f"{odd} {odd}{odd} Gesproken met mevrouw Annemarie de Vries. {odd} {odd}"
    assert ("PERSON", "Annemarie de Vries") in found(classifier, text)


@pytest.mark.parametrize(
    "text",
    [
        "a" * 1_000_000,
        "a." * examples(25_000),
        "A" * 99 + " ",
        "\n" * 200_000,
        "-" * examples(40_000),
        "1 2 3 " * examples(8_000),
    ],
    ids=["one word", "dots", "full word", "lines", "dashes", "digits"],
)
def test_hostile_texts_take_linear_time(classifier: Classifier, text: str) -> None:
    begun = time.monotonic()
    check(text, classifier.find([text])[0])
    assert time.monotonic() - begun < 50


def test_needs_no_training_library() -> None:
    assert (
        sys
        .modules["gateway.classifiers.entities.classifier"]
        .__dict__.keys()
        .isdisjoint({"torch", "transformers"})
    )


def test_the_lexicon_knows_names_words_and_cities_in_any_case() -> None:
    lexicon = WordLexicon((MODEL / "lexicon.bin").read_bytes())
    name, shouted, word, town, unknown = lexicon.codes([
        "Sanne",
        "SANNE",
        "vergaderzaal",
        "Zwolle",
        "qzxwvk",
    ])
    assert name == shouted
    assert name // 3 % 3 == 2
    assert (word % 3, town // 27, unknown) == (1, 1, 0)


@given(
    st.text(max_size=30), st.text(min_size=1, max_size=8), st.text(max_size=30), st.text(max_size=5)
)
def test_labels_move_along_with_changes_around_them(
    left: str, name: str, right: str, inserted: str
) -> None:
    start, end = len(left), len(left) + len(name)
    sample = Sample(left + name + right, [(start, end, "PERSON")])
    for edits in (
        [(0, 0, inserted)] if left else [],
        [(0, start, inserted)],
        [(end, len(sample.text), inserted)],
        [(0, start, inserted), (end, len(sample.text), inserted)],
    ):
        changed = edit(sample, edits)
        ((a, b, _),) = changed.spans
        assert changed.text[a:b] == name
    assert len(recase(sample, "upper").text) == len(sample.text)


@pytest.mark.parametrize(
    ("number", "language", "words"),
    [(12, "nl", "twaalf"), (32, "nl", "tweeëndertig"), (41, "en", "forty one"), (120, "nl", "120")],
)
def test_spoken_numbers(number: int, language: str, words: str) -> None:
    assert number_in_words(number, language) == words
