"""CPU time of checking a credential: ``python -m tests.performance.credentials``.

Prints the median of nine runs in microseconds, by profile and algorithm.
"""

import hashlib
import hmac
import statistics
import time
from collections.abc import Callable

from gateway.core.errors import Unauthenticated
from gateway.core.snapshot import Issuer, Key, Snapshot
from gateway.identity import Authenticator
from tests.support.provider_tokens import NOW, SHAPES, key, published, signed

_RUNS, _CALLS = 9, 2000
_PEPPER = b"p" * 32
_PROFILES = ("rfc9068", "entra v2", "keycloak", "okta", "kubernetes", "github")


def _keys(count: int) -> list[Key]:
    secrets = (f"sluis_{number}_secret" for number in range(count))
    digests = (hmac.new(_PEPPER, one.encode(), hashlib.sha256).hexdigest() for one in secrets)
    return [Key(f"k_{number}", f"k{number}", digest) for number, digest in enumerate(digests)]


def _authenticator(*issuers: Issuer) -> Authenticator:
    snapshot = Snapshot(created=0.0, bundle={}, issuers=list(issuers), keys=_keys(1000))
    return Authenticator(snapshot, pepper=_PEPPER)


def _measure(label: str, call: Callable[[], object]) -> None:
    runs = []
    for _ in range(_RUNS):
        began = time.process_time()
        for _ in range(_CALLS):
            call()
        runs.append((time.process_time() - began) / _CALLS * 1e6)
    print(f"{label:<24}{statistics.median(runs):8.1f} us")


def _refused(authenticator: Authenticator, token: str) -> None:
    try:
        authenticator.authenticate(token, now=NOW)
    except Unauthenticated:
        return
    raise AssertionError("it must be refused")


def main() -> None:
    """Measure all."""
    by_key = _authenticator()
    _measure("key", lambda: by_key.authenticate("sluis_500_secret", now=NOW))
    for name in _PROFILES:
        shape = SHAPES[name]
        checks, token = _authenticator(shape.trusted()), shape.token()
        _measure(f"RS256 {name}", lambda c=checks, t=token: c.authenticate(t, now=NOW))  # type: ignore[misc]
    entra = SHAPES["entra v2"]
    checks = _authenticator(entra.trusted())
    groups = [f"00000000-0000-4000-8000-{number:012d}" for number in range(200)]
    large, unknown = entra.token(groups=groups), entra.token(header={"kid": "unknown"})
    _measure("RS256, 200 groups", lambda: checks.authenticate(large, now=NOW))
    _measure("unknown key", lambda: _refused(checks, unknown))
    for algorithm, kind in (("ES256", "P-256"), ("EdDSA", "Ed25519")):
        other = _authenticator(entra.trusted(published(key(kind))))
        token = signed(entra.claims, {**entra.header, "alg": algorithm}, key(kind))
        _measure(algorithm, lambda c=other, t=token: c.authenticate(t, now=NOW))  # type: ignore[misc]


if __name__ == "__main__":
    main()
