"""The session: a personal key for as long as the tab is open, or single sign-on."""

import base64
import binascii
import json
import time
from dataclasses import dataclass

import streamlit as st

_KEY = "session.key"
_LANGUAGE = "language"
_NOTICE = "session.notice"
_SEEN = "session.seen"  # when the user last did something in this tab


@dataclass(frozen=True, slots=True)
class Credential:
    """The bearer for the control plane; ``expires`` is in epoch seconds where it is known."""

    bearer: str
    single_sign_on: bool
    expires: float | None = None

    def has_expired(self, now: float) -> bool:
        """Whether the credential has expired; Streamlit itself does not check."""
        return self.expires is not None and self.expires <= now


def expiry_of(token: str) -> float | None:
    """The ``exp`` of a JWT, unverified: the control plane verifies the token."""
    try:
        payload = token.split(".")[1]
        claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
        return float(claims["exp"])
    except (IndexError, KeyError, TypeError, ValueError, binascii.Error):
        return None


def may_be_key(text: str) -> bool:
    """Whether a text has the form of a key: one printable ASCII word."""
    return bool(text) and text.isascii() and text.isprintable() and " " not in text


def current() -> Credential | None:
    """The credential of this rerun; None without one and once it has expired."""
    key = st.session_state.get(_KEY)
    if key:
        return Credential(key, single_sign_on=False)
    credential = _from_sign_on()
    if credential and credential.has_expired(time.time()):
        clear()
        set_notice("expired")
        return None
    return credential


def _from_sign_on() -> Credential | None:
    if not st.user.get("is_logged_in"):
        return None
    tokens = st.user.get("tokens")
    token = tokens.get("access") if tokens and not isinstance(tokens, (bool, str)) else None
    return Credential(token, single_sign_on=True, expires=expiry_of(token)) if token else None


def store_key(key: str) -> None:
    """Keep a personal key in this tab's memory on the server, and nowhere else."""
    st.session_state[_KEY] = key


def clear() -> None:
    """Delete everything that this tab holds, so that the next user sees none of it."""
    for name in list(st.session_state):
        if name != _LANGUAGE:
            del st.session_state[name]


def sign_out(credential: Credential) -> None:
    """End the session here and, with single sign-on, at the identity provider."""
    clear()
    if credential.single_sign_on:
        st.logout()
        st.stop()  # a rerun could drop the redirect before it reaches the browser
    st.rerun()


def note_activity() -> None:
    """Note that the user did something: the page, or a part of it that typing redraws, is drawn."""
    st.session_state[_SEEN] = time.monotonic()


def is_idle(limit_s: float) -> bool:
    """Whether the user of this tab has done nothing for so many seconds; 0: never."""
    seen = st.session_state.get(_SEEN)
    return bool(limit_s) and seen is not None and time.monotonic() - seen >= limit_s


def end_idle(credential: Credential) -> None:
    """End a session without activity, and say so where the user signs in again."""
    clear()
    set_notice("idle")
    if credential.single_sign_on:
        st.logout()
        st.stop()


def set_notice(reason: str) -> None:
    """Keep the reason why the sign-in page is shown."""
    st.session_state[_NOTICE] = reason


def pop_notice() -> str | None:
    """Return the kept reason once."""
    reason = st.session_state.pop(_NOTICE, None)
    return str(reason) if reason else None
