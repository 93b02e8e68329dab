"""The verifier's own check of identity tokens agrees with a library, for each algorithm."""

import base64
import warnings
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jwt
from joserfc.errors import SecurityWarning
from joserfc.jwk import ECKey, OKPKey, RSAKey

from gateway.evidence.verify import token_is_signed

RSA, EC, ED = (
    RSAKey.generate_key(2048),
    ECKey.generate_key("P-256"),
    OKPKey.generate_key("Ed25519"),
)
KEYS: dict[str, Any] = {
    **dict.fromkeys(("RS256", "RS384", "RS512", "PS256", "PS384", "PS512"), RSA),
    "ES256": EC,
    "EdDSA": ED,
}
CLAIMS = {"sub": "bert", "nonce": "0" * 64}


def made(algorithm: str) -> str:
    with warnings.catch_warnings(action="ignore", category=SecurityWarning):  # of EdDSA, RFC 9864
        return jwt.encode({"alg": algorithm}, CLAIMS, KEYS[algorithm], algorithms=[algorithm])


TOKENS = {algorithm: made(algorithm) for algorithm in KEYS}


def public(key: Any) -> dict[str, Any]:
    return dict(key.as_dict(private=False))


@pytest.mark.parametrize("algorithm", KEYS)
def test_a_token_counts_with_its_own_key_alone(algorithm: str) -> None:
    token = TOKENS[algorithm]
    assert token_is_signed(token, public(KEYS[algorithm]))
    for other in (RSAKey.generate_key(2048), ECKey.generate_key("P-256"), RSA, EC, ED):
        if other is not KEYS[algorithm]:
            assert not token_is_signed(token, public(other))


@given(st.sampled_from(sorted(KEYS)), st.data())
def test_a_changed_bit_ends_it(algorithm: str, data: st.DataObject) -> None:
    signed, _, last = TOKENS[algorithm].rpartition(".")
    signature = bytearray(base64.urlsafe_b64decode(last + "=" * (-len(last) % 4)))
    place = data.draw(st.integers(0, 8 * len(signature) - 1))
    signature[place // 8] ^= 1 << place % 8
    changed = base64.urlsafe_b64encode(bytes(signature)).rstrip(b"=").decode()
    assert not token_is_signed(f"{signed}.{changed}", public(KEYS[algorithm]))


@pytest.mark.parametrize("algorithm", ["none", "HS256", "RS256 ", "", None])
def test_other_algorithms_do_not_count(algorithm: Any) -> None:
    header = base64.urlsafe_b64encode(b'{"alg":"%s"}' % str(algorithm).encode()).rstrip(b"=")
    _, payload, signature = TOKENS["RS256"].split(".")
    assert not token_is_signed(f"{header.decode()}.{payload}.{signature}", public(RSA))
