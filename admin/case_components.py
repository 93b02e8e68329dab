"""Components that the incident and complaint pages share: encrypted texts and deadlines."""

import re
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any, Literal

import streamlit as st

from admin.components import attempt
from admin.i18n import Localizer
from admin.page_context import PageContext

STATES: dict[str, Literal["blue", "orange", "grey"]] = {
    "open": "blue",
    "overdue": "orange",
    "closed": "grey",
    "decided": "grey",
}
MAX_TEXT_CHARS = 10_000
_MIN_REASON_CHARS = 10
_MOMENT = "YYYY-MM-DD"
_MINUTE_S = 60
_DIRECTION_MARKS = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def incident_link(context: PageContext, requests: Iterable[str]) -> None:
    """Draw the way to a new incident about some requests, for who may open one."""
    if context.user.may("incidents:handle"):
        about = {"about": ",".join(dict.fromkeys(requests))}
        context.link("incidents", context.localize.raw("cases.incident"), about)


def texts(context: PageContext, identity: str, ask: Callable[[str], dict[str, str]]) -> None:
    """Draw the texts of a case once the user gave a reason; a redraw hides them again."""
    localize = context.localize
    with st.expander(localize("cases.read")), st.form(f"cases.read.{identity}", border=False):
        st.caption(localize("cases.read_about"))
        reason = st.text_input(localize("reveal.reason"), max_chars=500)
        if not st.form_submit_button(localize("reveal.show")):
            return
        if len(reason.strip()) < _MIN_REASON_CHARS:
            st.warning(localize("reveal.too_short"))
            return
        for part, text in (attempt(localize, lambda: ask(reason.strip())) or {}).items():
            kind, _, number = part.partition(".")
            name = f"{localize.name('case_part', kind)} {number}".strip()
            st.caption(localize("cases.part", name=name))
            st.code(shown_order(text), language=None, wrap_lines=True)


def moment_field(localize: Localizer, label: str, key: str) -> datetime | None:
    """Draw a moment that is now where nothing is typed.

    The first draw of a key fixes it. A default that goes on with the clock would be another field
    every minute, and what was typed into the one before would be lost.
    """
    now = datetime.now(localize.zone).replace(tzinfo=None, second=0, microsecond=0)
    st.session_state.setdefault(key, now)
    picked: datetime | None = st.datetime_input(
        localize(label), key=key, format=_MOMENT, step=_MINUTE_S
    )
    return picked


def shown_order(text: str) -> str:
    """A text with its marks of direction made visible, so that it reads as it was written."""
    return _DIRECTION_MARKS.sub(lambda mark: f"[U+{ord(mark[0]):04X}]", text)


def titled(localize: Localizer, row: dict[str, Any]) -> str:
    """A row of the calendar: its law, article and title."""
    language = localize.language
    law = f"{row['law'][language]} {row['article']}".strip()
    return f"{law}: {row['title'][language]}"


def left_of_texts(context: PageContext, case: dict[str, Any]) -> None:
    """Draw when the texts of a case go, and which went by what."""
    localize, left = context.localize, case["texts"]
    if left["until"]:
        day = localize.day(left["until"])
        st.caption(localize("cases.texts_until", day=day))
    for one in left["removed"]:
        day = localize.day(one["at"])
        st.caption(localize(f"cases.removed_{one['by']}", count=one["count"], day=day))


def deadline(context: PageContext, case: dict[str, Any]) -> None:
    """Draw the deadline of a case; in amber when it has passed."""
    localize = context.localize
    if case["deadline"] is None:
        return
    when = localize.moment(case["deadline"] / 1000)
    if case["state"] == "overdue":
        st.warning(localize("cases.overdue", when=when), icon=":material/event_upcoming:")
    elif case["state"] == "open":
        st.caption(localize("cases.until", when=when))
