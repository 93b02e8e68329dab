"""The keys that verify an issuer's tokens, each with the algorithms that it may be used with."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

from joserfc.errors import JoseError
from joserfc.jwk import Key, import_key
from joserfc.jws import JWSRegistry

from gateway.core.objects.token_profiles import ALGORITHMS

_SIGNATURES = {name: JWSRegistry.algorithms[name] for name in ALGORITHMS}
_KEY_TYPES = ("RSA", "EC", "OKP")
_CURVES = (None, "P-256", "P-384", "P-521", "Ed25519", "Ed448")
_LEAST_RSA = 2048  # bits (RFC 7518, section 3.3)
_FAULTS = (JoseError, ValueError, TypeError, KeyError)


class VerificationKeys:
    """The usable keys of a JWK set; unknown kinds are ignored (RFC 7517, section 5)."""

    def __init__(self, published: Mapping[str, Any]) -> None:
        self._by_id: dict[str | None, list[tuple[Key, frozenset[str]]]] = defaultdict(list)
        listed = published.get("keys")
        for one in listed if isinstance(listed, list) else ():
            key = _usable(one)
            if key is not None:
                self._by_id[key.kid].append((key, _algorithms(key)))
        every = [pair for pairs in self._by_id.values() for pair in pairs]
        self._only = every if len(every) == 1 else []

    def named(self, kid: str | None) -> Sequence[tuple[Key, frozenset[str]]]:
        """The keys of that id, with their algorithms; without an id, the only key there is."""
        return self._only if kid is None else self._by_id.get(kid, ())


def is_signed(
    keys: Sequence[tuple[Key, frozenset[str]]], algorithm: str, signed: bytes, signature: bytes
) -> bool:
    """Whether one of the keys made the signature with this algorithm."""
    for key, algorithms in keys:
        if algorithm in algorithms:
            with suppress(*_FAULTS):
                if _SIGNATURES[algorithm].verify(signed, signature, key):
                    return True
    return False


def _usable(published: Any) -> Key | None:
    if not isinstance(published, dict) or published.get("kty") not in _KEY_TYPES:
        return None
    if published.get("crv") not in _CURVES or _is_short(published):
        return None
    with suppress(*_FAULTS):
        return import_key(published)
    return None


def _is_short(published: Mapping[str, Any]) -> bool:
    """Whether it is an RSA key that is too short; a base64url digit holds six bits."""
    modulus = published.get("n")
    return isinstance(modulus, str) and len(modulus.lstrip("A")) * 6 < _LEAST_RSA


def _algorithms(key: Key) -> frozenset[str]:
    found = set()
    for name, signature in _SIGNATURES.items():
        with suppress(*_FAULTS):
            signature.check_key(key)
            key.check_key_op("verify")
            found.add(name)
    return frozenset(found)
