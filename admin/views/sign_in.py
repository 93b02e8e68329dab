"""The sign-in page: single sign-on where it is configured, or a personal key."""

import streamlit as st

from admin import session
from admin.client import ControlError
from admin.components import show_error
from admin.i18n import Localizer


def page(localize: Localizer, *, single_sign_on: bool, error: ControlError | None) -> None:
    """Draw the sign-in page, which replaces every page until the user signs in."""
    _, middle, _ = st.columns([1, 2, 1])
    with middle:
        st.title(localize("sign_in.title"), anchor=False)
        st.markdown(localize("sign_in.about"))
        reason = session.pop_notice()
        if reason:
            st.warning(localize(f"sign_in.{reason}"), icon=":material/lock_clock:")
        if error:
            show_error(localize, error)
        if single_sign_on:
            with st.container(border=True):
                st.button(
                    localize("sign_in.with_organisation"),
                    type="primary",
                    on_click=st.login,
                    args=["sluis"],
                    icon=":material/domain:",
                )
        _key_form(localize)


def _key_form(localize: Localizer) -> None:
    with st.form("sign_in.key", border=True):
        st.markdown(localize("sign_in.key"))
        st.caption(localize("sign_in.key_about"))
        entered = st.text_input(localize("sign_in.key_label"), type="password", autocomplete="off")
        if st.form_submit_button(localize("sign_in.with_key")):
            if session.may_be_key(entered.strip()):
                session.store_key(entered.strip())
                st.rerun()
            st.error(localize("sign_in.not_a_key"))
