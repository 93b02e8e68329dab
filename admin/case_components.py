"""What the pages of incidents and of complaints both draw: texts for a reason, a deadline, lines."""

from collections.abc import Callable
from typing import Any, Literal

import streamlit as st

from admin.components import attempt
from admin.page_context import PageContext

STATES: dict[str, Literal["blue", "orange", "grey"]] = {
    "open": "blue",
    "overdue": "orange",
    "closed": "grey",
    "decided": "grey",
}
LONGEST = 10_000  # characters of a text
_SHORTEST_REASON = 10


def texts(here: PageContext, identity: str, ask: Callable[[str], dict[str, str]]) -> None:
    """What people wrote, once a reason is given; it is shown until the page is drawn again."""
    say = here.say
    with st.expander(say("cases.read")), st.form(f"cases.read.{identity}", border=False):
        st.caption(say("cases.read_about"))
        reason = st.text_input(say("reveal.reason"), max_chars=500)
        if not st.form_submit_button(say("reveal.show")):
            return
        if len(reason.strip()) < _SHORTEST_REASON:
            st.warning(say("reveal.too_short"))
            return
        for part, text in (attempt(say, lambda: ask(reason.strip())) or {}).items():
            st.caption(say("cases.part", name=say.name("case_part", part)))
            st.code(text, language=None, wrap_lines=True)


def deadline(here: PageContext, case: dict[str, Any]) -> None:
    """By when it must be done, in amber when that is past."""
    say = here.say
    when = say.moment(case["deadline"] / 1000)
    if case["state"] == "overdue":
        st.warning(say("cases.overdue", when=when), icon=":material/event_upcoming:")
    elif case["state"] == "open":
        st.caption(say("cases.until", when=when))


def lines(text: str) -> list[str]:
    """The lines of a text that say something."""
    return [line.strip() for line in text.splitlines() if line.strip()]
