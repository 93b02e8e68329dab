"""Texts of cases as they are shown, and the moments that a form asks for."""

from collections.abc import Iterator
from datetime import datetime, tzinfo

import pytest
from streamlit.testing.v1 import AppTest

from admin import case_components
from admin.case_components import shown_order

pytestmark = pytest.mark.unit


def test_marks_of_direction_are_visible_and_other_text_stays() -> None:
    hostile = "aan \u202enegor\u202c \u2067x\u2069"
    assert shown_order(hostile) == "aan [U+202E]negor[U+202C] [U+2067]x[U+2069]"
    assert shown_order("مرحبا <b>é</b>\nnaar") == "مرحبا <b>é</b>\nnaar"


class Minutes(datetime):
    """A clock of which each look is a minute later."""

    looks: Iterator[int]

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> "Minutes":
        return cls(2026, 1, 1, 12, next(cls.looks), tzinfo=tz)


def drawn() -> None:
    from admin.case_components import moment_field
    from admin.i18n import Localizer

    moment_field(Localizer("en"), "incidents.aware", "aware")


def test_a_moment_that_is_typed_is_kept_however_long_the_form_is_open(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    Minutes.looks = iter(range(60))
    monkeypatch.setattr(case_components, "datetime", Minutes)
    page = AppTest.from_function(drawn)
    fields = [page.run().get("date_time_input")[0] for _ in range(2)]
    assert fields[0].proto.id == fields[1].proto.id
    assert page.session_state["aware"].minute == 0
