"""Pieces that several pages draw: problems, confirmations, messages that survive a rerun."""

from collections.abc import Callable, Sequence
from typing import TypeVar

import streamlit as st

from admin.client import ControlError
from admin.i18n import Localizer
from admin.page_context import PageContext

T = TypeVar("T")
_FLASH = "parts.flash"
_SELF_EXPLAINING = ("invalid_api_key", "timeout", "unreachable", "unexpected")
LEVELS = ("public", "internal", "confidential", "restricted")


def attempt(say: Localizer, ask: Callable[[], T]) -> T | None:
    """The answer, or None after showing why there is none."""
    try:
        return ask()
    except ControlError as error:
        problem(say, error)
        return None


def problem(say: Localizer, error: ControlError) -> None:
    """A refusal in the user's words, with the server's sentence where it adds something."""
    known = say.name("error", error.code)
    headline = say("error.other", code=error.code) if known == error.code else known
    with st.container(border=True):
        st.error(headline, icon=":material/error:")
        if error.detail and error.code not in _SELF_EXPLAINING:
            st.text(error.detail)


def flash(message: str) -> None:
    """A message for the next rerun."""
    st.session_state[_FLASH] = message


def show_flash() -> None:
    """Shows it, once. Its place stays, else what is open below it closes when it goes."""
    place = st.container()
    message = st.session_state.pop(_FLASH, None)
    if message:
        place.success(message, icon=":material/check_circle:")


def confirm(
    here: PageContext,
    title: str,
    body: str,
    act: Callable[[str], object],
    *,
    done: str,
    reason: str | None = None,
) -> None:
    """A dialog before something that matters; ``act`` gets the reason, ``reason`` is its label."""

    def ask() -> None:
        st.markdown(body)
        given = st.text_area(reason, max_chars=500) if reason else ""
        if st.button(here.say("confirm.yes"), type="primary"):
            if reason and len(given.strip()) < 3:
                st.warning(here.say("confirm.reason_needed"))
            elif attempt(here.say, lambda: (act(given.strip()),)):
                flash(done)
                st.rerun()

    st.dialog(title)(ask)()


def heading(here: PageContext, name: str) -> None:
    """A page's title and what the page is for."""
    st.title(here.say(f"{name}.title"), anchor=False)
    st.caption(here.say(f"{name}.about"))
    show_flash()


def bullets(lines: Sequence[str]) -> None:
    """A list of sentences that are safe as Markdown."""
    st.markdown("\n".join(f"- {line}" for line in lines))


def pick(say: Localizer, label: str, options: Sequence[str], *, group: str, key: str) -> str:
    """A choice of one, where the empty option means all."""

    def shown(value: str) -> str:
        return say.name(group, value) if value else say.bare("app.any")

    return str(
        st.selectbox(label, ["", *options], format_func=shown, key=key, persist_state="session")
        or ""
    )
