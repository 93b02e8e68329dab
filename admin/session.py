"""Who is signed in: a personal key for as long as the tab is open, or single sign-on."""

import base64
import binascii
import json
import time
from dataclasses import dataclass

import streamlit as st

_KEY = "session.key"
_LANGUAGE = "language"
_NOTICE = "session.notice"


@dataclass(frozen=True, slots=True)
class Credential:
    """What is sent to the control plane; ``expires`` in epoch seconds where it is known."""

    bearer: str
    single_sign_on: bool
    expires: float | None = None

    def is_over(self, now: float) -> bool:
        """Whether its time has passed. Streamlit itself never looks."""
        return self.expires is not None and self.expires <= now


def expiry_of(token: str) -> float | None:
    """The ``exp`` of a JWT, unverified: the control plane verifies, this only asks when to stop."""
    try:
        middle = token.split(".")[1]
        claims = json.loads(base64.urlsafe_b64decode(middle + "=" * (-len(middle) % 4)))
        return float(claims["exp"])
    except (IndexError, KeyError, TypeError, ValueError, binascii.Error):
        return None


def is_key(text: str) -> bool:
    """Whether a typed text can be a key at all: one printable ASCII word."""
    return bool(text) and text.isascii() and text.isprintable() and " " not in text


def current() -> Credential | None:
    """The credential of this rerun, or None; one whose time has passed is none."""
    key = st.session_state.get(_KEY)
    if key:
        return Credential(key, single_sign_on=False)
    credential = _from_sign_on()
    if credential and credential.is_over(time.time()):
        forget()
        notice("expired")
        return None
    return credential


def _from_sign_on() -> Credential | None:
    if not st.user.get("is_logged_in"):
        return None
    tokens = st.user.get("tokens")
    token = tokens.get("access") if tokens and not isinstance(tokens, (bool, str)) else None
    return Credential(token, single_sign_on=True, expires=expiry_of(token)) if token else None


def use_key(key: str) -> None:
    """Keeps a personal key in this tab's memory on the server, and nowhere else."""
    st.session_state[_KEY] = key


def forget() -> None:
    """Drops all that this tab holds, so that the next user sees none of it."""
    for name in list(st.session_state):
        if name != _LANGUAGE:
            del st.session_state[name]


def sign_out(credential: Credential) -> None:
    """Ends the session here and, with single sign-on, at the identity provider."""
    forget()
    if credential.single_sign_on:
        st.logout()
        st.stop()  # a rerun here could drop the redirect that is on its way to the browser
    st.rerun()


def notice(reason: str) -> None:
    """Remembers why the sign-in page is shown."""
    st.session_state[_NOTICE] = reason


def taken_notice() -> str | None:
    """The reason, once."""
    reason = st.session_state.pop(_NOTICE, None)
    return str(reason) if reason else None
