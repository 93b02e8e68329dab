"""The session: a personal key for as long as the tab is open, or single sign-on."""

import base64
import binascii
import contextlib
import json
import time
from collections.abc import Callable
from dataclasses import dataclass

import streamlit as st

from admin.control_http import ControlError

_KEY = "session.key"
_LANGUAGE = "language"
_NOTICE = "session.notice"
_SEEN = "session.seen"  # when the user last did something in this tab
_SINCE = "session.since"  # epoch seconds, when the user signed in with a key
LONGEST_S = 8 * 3600  # of a session, from its sign-on


@dataclass(frozen=True, slots=True)
class Credential:
    """The bearer for the control plane, until an epoch second."""

    bearer: str
    single_sign_on: bool
    expires: float

    def has_expired(self, now: float) -> bool:
        """Whether the credential has expired; Streamlit itself does not check."""
        return self.expires <= now


def expiry_of(token: str) -> float | None:
    """The ``exp`` of a JWT, unverified: the control plane verifies the token."""
    try:
        payload = token.split(".")[1]
        claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
        return float(claims["exp"])
    except (IndexError, KeyError, TypeError, ValueError, binascii.Error):
        return None


def end_of(token: str, signed_on: object) -> float:
    """When a session ends: with its token, and some hours after its sign-on at the latest.

    ``signed_on`` is the claim ``iat`` of the identity token; without it the session is over.
    """
    longest = (signed_on if isinstance(signed_on, (int, float)) else 0) + LONGEST_S
    expiry = expiry_of(token)
    return longest if expiry is None else min(longest, expiry)


def may_be_key(text: str) -> bool:
    """Whether a text has the form of a key: one printable ASCII word."""
    return bool(text) and text.isascii() and text.isprintable() and " " not in text


def current() -> Credential | None:
    """The credential of this rerun; None without one and once it has expired."""
    key = st.session_state.get(_KEY)
    since = st.session_state.get(_SINCE, 0.0)
    credential = Credential(key, False, since + LONGEST_S) if key else _from_sign_on()
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
    # The sign-on is in the signed cookie, so a copy of that cookie ends with the session.
    return Credential(token, True, end_of(token, st.user.get("iat"))) if token else None


def store_key(key: str) -> None:
    """Keep a personal key in this tab's memory on the server, and nowhere else."""
    st.session_state[_KEY] = key
    st.session_state[_SINCE] = time.time()


def clear() -> None:
    """Delete everything that this tab holds, so that the next user sees none of it."""
    for name in list(st.session_state):
        if name != _LANGUAGE:
            del st.session_state[name]


def sign_out(credential: Credential, end: Callable[[], None]) -> None:
    """End the session here and, with single sign-on, at the control plane and the provider.

    ``end`` ends the sign-on at the control plane.
    """
    clear()
    _leave(credential, end)
    st.rerun()


def _leave(credential: Credential, end: Callable[[], None]) -> None:
    if credential.single_sign_on:
        with contextlib.suppress(ControlError):  # then the provider ends it, or the token expires
            end()
        st.logout()
        st.stop()  # a rerun could drop the redirect before it reaches the browser


def note_activity() -> None:
    """Note that the user did something: the page, or a part of it that typing redraws, is drawn."""
    st.session_state[_SEEN] = time.monotonic()


def is_idle(limit_s: float) -> bool:
    """Whether the user of this tab has done nothing for so many seconds; 0: never."""
    seen = st.session_state.get(_SEEN)
    return bool(limit_s) and seen is not None and time.monotonic() - seen >= limit_s


def end_idle(credential: Credential, end: Callable[[], None]) -> None:
    """End a session without activity, and say so where the user signs in again."""
    clear()
    set_notice("idle")
    _leave(credential, end)


def set_notice(reason: str) -> None:
    """Keep the reason why the sign-in page is shown."""
    st.session_state[_NOTICE] = reason


def pop_notice() -> str | None:
    """Return the kept reason once."""
    reason = st.session_state.pop(_NOTICE, None)
    return str(reason) if reason else None
