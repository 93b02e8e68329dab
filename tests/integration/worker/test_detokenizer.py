"""No half characters and no part of a stop string, wherever the pieces are cut."""

from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from transformers import AutoTokenizer

from gateway.worker.detokenizer import Detokenizer, StopScanner
from tests.support.tiny_model import make_tiny

pytestmark = [pytest.mark.integration, pytest.mark.filterwarnings("ignore")]

TEXT = "Eén twee STOP drie ST vier ST"


@pytest.fixture(scope="module")
def tokenizer(tmp_path_factory: pytest.TempPathFactory) -> Any:
    return AutoTokenizer.from_pretrained(make_tiny(tmp_path_factory.mktemp("tiny")))


def released(scanner: StopScanner, pieces: list[str]) -> list[str]:
    return [scanner.push(piece) for piece in pieces]


@pytest.mark.parametrize("at", range(len(TEXT) + 1))
def test_a_stop_string_cut_anywhere_is_never_shown(at: int) -> None:
    scanner = StopScanner(("STOP",))
    shown = released(scanner, [TEXT[:at], TEXT[at:]])
    assert "".join(shown) == "Eén twee "
    assert scanner.stopped
    assert scanner.flush() == ""


def test_single_letters_give_the_same() -> None:
    scanner = StopScanner(("twee S", "STOP"))
    assert "".join(released(scanner, list(TEXT))) == "Eén "


def test_text_that_only_resembles_a_stop_string_is_released() -> None:
    scanner = StopScanner(("STOP",))
    assert released(scanner, ["a ST", "x", "y ST"]) == ["a ", "STx", "y "]
    assert scanner.flush() == "ST"


@given(
    st.text(alphabet="ab", max_size=30),
    st.lists(st.text(alphabet="ab", min_size=1, max_size=4), max_size=3),
    st.lists(st.integers(0, 30), max_size=5),
)
def test_pieces_give_the_same_as_the_whole(text: str, stops: list[str], cuts: list[int]) -> None:
    edges = [0, *sorted(min(cut, len(text)) for cut in cuts), len(text)]
    pieces = [text[a:b] for a, b in pairwise(edges)]
    by_letter, by_piece = StopScanner(tuple(stops)), StopScanner(tuple(stops))
    letters = "".join(released(by_letter, list(text))) + by_letter.flush()
    whole = "".join(released(by_piece, pieces)) + by_piece.flush()
    assert by_letter.stopped == by_piece.stopped
    if not by_piece.stopped:
        assert whole == letters == text
    else:
        assert text.startswith(whole)
        assert not any(stop in whole for stop in stops)


@pytest.mark.parametrize("text", ["één voor één", "日本語のテキスト", "👩‍👩‍👧 en 🇳🇱", "naïef €5"])
def test_characters_of_many_tokens_come_whole(tokenizer: Any, text: str) -> None:
    ids = tokenizer(text)["input_ids"]
    detokenizer = Detokenizer(tokenizer, stops=())
    pieces = [detokenizer.push(token_id) for token_id in ids]
    assert "".join(pieces) + detokenizer.flush() == text
    assert not any("\ufffd" in piece for piece in pieces)


def test_a_stop_string_of_many_bytes_is_found(tokenizer: Any) -> None:
    detokenizer = Detokenizer(tokenizer, stops=("één",))
    shown = "".join(detokenizer.push(token) for token in tokenizer("nu één keer")["input_ids"])
    assert (shown, detokenizer.stopped) == ("nu ", True)
