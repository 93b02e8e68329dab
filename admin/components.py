"""Components that several pages draw: errors, confirmations, messages that survive a rerun."""

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


def attempt(localize: Localizer, ask: Callable[[], T]) -> T | None:
    """Return the response, or show the error and return None."""
    try:
        return ask()
    except ControlError as error:
        show_error(localize, error)
        return None


def show_error(localize: Localizer, error: ControlError) -> None:
    """Show a refusal in the user's language, with the server's sentence where that adds facts."""
    known = localize.name("error", error.code)
    headline = localize("error.other", code=error.code) if known == error.code else known
    with st.container(border=True):
        st.error(headline, icon=":material/error:")
        if error.detail and error.code not in _SELF_EXPLAINING:
            st.text(error.detail)


def flash(message: str) -> None:
    """Keep a message for the next rerun."""
    st.session_state[_FLASH] = message


def show_flash() -> None:
    """Show the kept message once.

    The empty container stays: without it, expanders below close when the message disappears.
    """
    container = st.container()
    message = st.session_state.pop(_FLASH, None)
    if message:
        container.success(message, icon=":material/check_circle:")


def confirm(
    context: PageContext,
    title: str,
    body: str,
    act: Callable[[str], object],
    *,
    done: str,
    reason: str | None = None,
) -> None:
    """Ask for confirmation, then call ``act`` with the reason.

    ``reason`` is the label of the field for it; without one there is no field.
    """

    def ask() -> None:
        st.markdown(body)
        entered = st.text_area(reason, max_chars=500) if reason else ""
        if st.button(context.localize("confirm.yes"), type="primary"):
            if reason and len(entered.strip()) < 3:
                st.warning(context.localize("confirm.reason_needed"))
            elif attempt(context.localize, lambda: (act(entered.strip()),)):
                flash(done)
                st.rerun()

    st.dialog(title)(ask)()


def heading(context: PageContext, name: str) -> None:
    """Draw the title of a page and its purpose."""
    st.title(context.localize(f"{name}.title"), anchor=False)
    st.caption(context.localize(f"{name}.about"))
    show_flash()


def bullets(lines: Sequence[str]) -> None:
    """Draw a list of sentences that are safe as Markdown."""
    st.markdown("\n".join(f"- {line}" for line in lines))


def non_empty_lines(text: str) -> list[str]:
    """The stripped lines of a text, without empty ones."""
    return [line.strip() for line in text.splitlines() if line.strip()]
