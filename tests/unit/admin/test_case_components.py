"""Texts of cases as they are shown."""

import pytest

from admin.case_components import shown_order

pytestmark = pytest.mark.unit


def test_marks_of_direction_are_visible_and_other_text_stays() -> None:
    hostile = "aan \u202enegor\u202c \u2067x\u2069"
    assert shown_order(hostile) == "aan [U+202E]negor[U+202C] [U+2067]x[U+2069]"
    assert shown_order("مرحبا <b>é</b>\nnaar") == "مرحبا <b>é</b>\nnaar"
