"""The end of a credential, and the form of a key."""

import base64
import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from streamlit.testing.v1 import AppTest

from admin.session import Credential, end_of, expiry_of, may_be_key

pytestmark = pytest.mark.unit


def token(claims: object) -> str:
    payload = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")
    return f"eyJ.{payload}.signature"


def test_a_credential_expires_with_its_token() -> None:
    assert expiry_of(token({"exp": 1000})) == 1000
    assert Credential("t", single_sign_on=True, expires=1000.0).has_expired(1000.0)
    assert not Credential("t", single_sign_on=True, expires=1000.0).has_expired(999.9)


@pytest.mark.parametrize("raw", ["opaque", "a.!!.c", token([]), token({}), token({"exp": "x"})])
def test_a_token_without_expiry_has_no_known_end(raw: str) -> None:
    assert expiry_of(raw) is None


@given(expiry=st.none() | st.integers(0, 2**40), signed_on=st.none() | st.integers(0, 2**40))
def test_a_session_outlives_neither_its_token_nor_eight_hours(
    expiry: int | None, signed_on: int | None
) -> None:
    end = end_of(token({} if expiry is None else {"exp": expiry}), signed_on)
    assert end <= (signed_on or 0) + 8 * 3600
    assert expiry is None or end <= expiry


def test_a_session_with_a_key_ends_after_eight_hours() -> None:
    for age, ended in ((8 * 3600 - 60, False), (8 * 3600 + 1, True)):
        app = AppTest.from_function(_credential)
        app.session_state["session.key"] = "sluis_key"
        app.session_state["session.since"] = time.time() - age
        app.run()
        assert ("session.key" not in app.session_state) is ended


def _credential() -> None:
    from admin import session

    session.current()


def test_a_key_is_one_printable_word() -> None:
    assert may_be_key("sluis_0badcafe_secret")
    assert not [text for text in ("", "two words", "line\nbreak", "café") if may_be_key(text)]
