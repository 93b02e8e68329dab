"""The door: single sign-on where it is configured, or a personal key."""

import streamlit as st

from admin import session
from admin.client import ControlError
from admin.components import problem
from admin.i18n import Localizer


def page(say: Localizer, *, single_sign_on: bool, error: ControlError | None) -> None:
    """Shown instead of every page until someone is signed in."""
    _, middle, _ = st.columns([1, 2, 1])
    with middle:
        st.title(say("sign_in.title"), anchor=False)
        st.markdown(say("sign_in.about"))
        reason = session.taken_notice()
        if reason:
            st.warning(say(f"sign_in.{reason}"), icon=":material/lock_clock:")
        if error:
            problem(say, error)
        if single_sign_on:
            with st.container(border=True):
                st.button(
                    say("sign_in.with_organisation"),
                    type="primary",
                    on_click=st.login,
                    args=["sluis"],
                    icon=":material/domain:",
                )
        _key_form(say)


def _key_form(say: Localizer) -> None:
    with st.form("sign_in.key", border=True):
        st.markdown(say("sign_in.key"))
        st.caption(say("sign_in.key_about"))
        typed = st.text_input(say("sign_in.key_label"), type="password", autocomplete="off")
        if st.form_submit_button(say("sign_in.with_key")):
            if session.is_key(typed.strip()):
                session.use_key(typed.strip())
                st.rerun()
            st.error(say("sign_in.not_a_key"))
