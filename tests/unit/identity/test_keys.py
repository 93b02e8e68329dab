"""Keys: found by their secret, for as long and from where they may be used."""

import hashlib
import hmac
from dataclasses import dataclass

import pytest

from gateway.core.errors import Denied, Unauthenticated
from gateway.core.snapshot import Budget, Key, Limits, Snapshot, Team
from gateway.identity import Authenticator

pytestmark = pytest.mark.unit
PEPPER = b"p" * 32
NOW = 1_800_000_000


def digest(secret: str) -> str:
    return hmac.new(PEPPER, secret.encode(), hashlib.sha256).hexdigest()


def gateway(*keys: Key) -> Authenticator:
    return Authenticator(Snapshot(0.0, {}, teams=[Team("one")], keys=[*keys]), pepper=PEPPER)


@dataclass
class Rotated:
    """A key with two secrets for an hour."""

    expires: int | None = None

    def at(self, now: int) -> set[str]:
        """The secrets that work then."""
        key = Key(
            "k_app",
            "app",
            digest("new"),
            former=digest("old"),
            former_until=NOW + 3600,
            expires=self.expires,
        )
        working = set()
        for secret in ("new", "old"):
            try:
                principal = gateway(key).authenticate(secret, now=now)
            except Unauthenticated:
                continue
            assert principal.id == "k_app"
            assert gateway(key).is_still_valid(principal, now=now)
            working.add(secret)
        return working


def test_after_a_rotation_both_secrets_work_until_the_overlap_ends() -> None:
    assert Rotated().at(NOW) == Rotated().at(NOW + 3599) == {"new", "old"}
    assert Rotated().at(NOW + 3600) == {"new"}


def test_an_overlap_outlives_no_key() -> None:
    assert Rotated(expires=NOW + 60).at(NOW + 59) == {"new", "old"}
    assert Rotated(expires=NOW + 60).at(NOW + 60) == set()


def test_the_refusal_says_that_the_secret_was_replaced() -> None:
    key = Key("k_app", "app", digest("new"), former=digest("old"), former_until=NOW)
    with pytest.raises(Unauthenticated, match="replaced"):
        gateway(key).authenticate("old", now=NOW)


def test_a_stream_under_the_old_secret_ends_with_the_overlap() -> None:
    key = Key("k_app", "app", digest("new"), former=digest("old"), former_until=NOW + 60)
    authenticator = gateway(key)
    principal = authenticator.authenticate("old", now=NOW)
    assert authenticator.is_still_valid(principal, now=NOW + 59)
    assert not authenticator.is_still_valid(principal, now=NOW + 60)


def test_a_key_carries_its_own_limits_and_budget() -> None:
    key = Key("k_app", "app", digest("s"), limits=Limits(concurrent=3), budget=Budget(7))
    principal = gateway(key).authenticate("s", now=NOW)
    assert (principal.key_limits.concurrent, principal.key_budget) == (3, Budget(7))


OFFICE = ["10.0.0.0/8", "2001:db8::/32"]


@pytest.mark.parametrize(
    "address", ["10.1.2.3", "2001:db8::7", "::ffff:10.1.2.3", "2001:db8::7%eth0"]
)
def test_a_key_works_from_its_networks(address: str) -> None:
    authenticator = gateway(Key("k_app", "app", digest("s"), networks=OFFICE))
    authenticator.check_network(authenticator.authenticate("s", now=NOW), address)


@pytest.mark.parametrize(
    "address", ["11.1.2.3", "2001:db9::7", "::ffff:11.1.2.3", "127.0.0.1", "", "office", None]
)
def test_a_key_works_from_nowhere_else(address: str | None) -> None:
    authenticator = gateway(Key("k_app", "app", digest("s"), networks=OFFICE))
    principal = authenticator.authenticate("s", now=NOW)
    with pytest.raises(Denied) as refused:
        authenticator.check_network(principal, address)
    assert "10." not in refused.value.message  # it does not say from where it would work


def test_a_key_without_networks_works_from_anywhere() -> None:
    authenticator = gateway(Key("k_app", "app", digest("s")))
    authenticator.check_network(authenticator.authenticate("s", now=NOW), None)


def test_a_key_whose_team_is_gone_is_not_without_bounds() -> None:
    """Its floor, limits and budget were those of the team."""
    key = Key("k_app", "app", digest("secret"), team="gone")
    with pytest.raises(Unauthenticated, match="team does not exist"):
        gateway(key).authenticate("secret", now=NOW)
