"""The end of a credential, and the form of a key."""

import base64
import json

import pytest

from admin.session import Credential, expiry_of, may_be_key

pytestmark = pytest.mark.unit


def token(claims: object) -> str:
    payload = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")
    return f"eyJ.{payload}.signature"


def test_a_credential_expires_with_its_token() -> None:
    assert expiry_of(token({"exp": 1000})) == 1000
    assert Credential("t", single_sign_on=True, expires=1000.0).has_expired(1000.0)
    assert not Credential("t", single_sign_on=True, expires=1000.0).has_expired(999.9)
    assert not Credential("key", single_sign_on=False).has_expired(1e12)


@pytest.mark.parametrize("raw", ["opaque", "a.!!.c", token([]), token({}), token({"exp": "x"})])
def test_a_token_without_expiry_has_no_known_end(raw: str) -> None:
    assert expiry_of(raw) is None


def test_a_key_is_one_printable_word() -> None:
    assert may_be_key("sluis_0badcafe_secret")
    assert not [text for text in ("", "two words", "line\nbreak", "café") if may_be_key(text)]
