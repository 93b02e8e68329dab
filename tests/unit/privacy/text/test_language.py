"""The language of a text: floors over marked texts, and texts without a clear language."""

import hashlib
import json
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.core.text.languages import LANGUAGES
from gateway.privacy.text.language import GRAMS, language_at, language_of, languages_of

pytestmark = pytest.mark.unit
ROOT = Path(__file__).resolve().parents[4]
DIGEST = "2a643d2ab7e3fcf382d8412d94391363143862569851ce65877fcda083069e5e"


def test_the_table_is_the_one_that_the_script_made() -> None:
    assert hashlib.sha256(GRAMS.read_bytes()).hexdigest() == DIGEST


def test_98_percent_of_marked_texts_get_their_language() -> None:
    right: Counter[str] = Counter()
    every: Counter[str] = Counter()
    for name in ("dev", "eval"):
        path = ROOT / "evaluation" / "datasets" / f"{name}.jsonl"
        for line in path.read_text(encoding="utf-8").splitlines():
            marked = json.loads(line)
            every[marked["lang"]] += 1
            right[marked["lang"]] += language_of(marked["text"]) == marked["lang"]
    del every["mixed"], right["mixed"]
    assert right.total() >= 0.98 * every.total()
    assert right["nl"] >= 0.99 * every["nl"]
    assert right["en"] >= 0.97 * every["en"]


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("What is a lock?", "en"),
        ("Kun je dit samenvatten?", "nl"),
        ("goedemorgen", "nl"),
        ("GEEN TOEGANG VOOR ONBEVOEGDEN", "nl"),
        ("ALL VISITORS MUST SIGN IN", "en"),
        ("merci beaucoup", "fr"),
        ("Czy możesz to streścić?", "pl"),
        ("Bunu özetleyebilir misin?", "tr"),
        ("Podes resumir isto, por favor?", "pt"),
        ("Puoi riassumere questo testo?", "it"),
    ],
)
def test_short_messages(text: str, language: str) -> None:
    assert language_of(text) == language


@pytest.mark.parametrize("text", ["", "  ", "12 345", "hello", "ok", "Привет, как дела?", "你好"])
def test_an_unclear_text_has_no_language(text: str) -> None:
    assert language_of(text) == "und"


def test_the_main_language_of_a_mixed_text() -> None:
    assert language_of("Kun je deze zin voor mij vertalen: the cat is on the mat") == "nl"


_LETTER = (
    "Kun je deze brief kort samenvatten voor mijn collega?\n\n"
    "Dear customer, your order has been delayed. It will be delivered next week.\n\n"
    "Alvast heel erg bedankt voor je hulp."
)


def test_a_mixed_message_has_all_its_languages_the_main_one_first() -> None:
    assert languages_of(_LETTER) == ("nl", "en")
    assert set(languages_of("The meeting is at ten. De vergadering is om tien uur.")) == {
        "nl",
        "en",
    }
    assert languages_of("Kun je dit voor mij samenvatten?") == ("nl",)
    assert languages_of("12 345") == ()


def test_a_place_has_the_language_of_its_sentence() -> None:
    assert language_at(_LETTER, _LETTER.index("order"), _LETTER.index("order") + 5) == "en"
    assert language_at(_LETTER, _LETTER.index("brief"), _LETTER.index("brief") + 5) == "nl"
    short = _LETTER + "\nPS: ok"
    assert language_at(short, len(short) - 2, len(short)) == "nl"  # as the whole text


def test_most_marked_texts_have_one_language() -> None:
    exact = every = 0
    for name in ("dev", "eval"):
        path = ROOT / "evaluation" / "datasets" / f"{name}.jsonl"
        for line in path.read_text(encoding="utf-8").splitlines():
            marked = json.loads(line)
            if marked["lang"] != "mixed":
                every += 1
                exact += languages_of(marked["text"]) == (marked["lang"],)
    assert exact >= 0.96 * every


@given(st.text(max_size=600), st.integers(0, 600), st.integers(0, 20))
def test_any_place_has_an_answer(text: str, start: int, size: int) -> None:
    start = min(start, len(text))
    known = {*LANGUAGES, "und"}
    assert language_at(text, start, min(start + size, len(text))) in known
    assert known.issuperset(languages_of(text))


@given(st.text(max_size=2000))
def test_any_text_has_an_answer(text: str) -> None:
    assert language_of(text) in {*LANGUAGES, "und"}


@given(st.sampled_from("\t\n "), st.integers(1, 5))
def test_white_space_makes_no_difference(space: str, count: int) -> None:
    text = "Graag ontvang ik een overzicht van de openstaande facturen"
    assert language_of(text.replace(" ", space * count)) == "nl"
