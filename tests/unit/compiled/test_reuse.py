"""A snapshot takes over what has not changed from the one before it."""

import time
from typing import Any

import msgspec
import pytest

from gateway.compiled.snapshot import CompiledSnapshot, compile_snapshot
from gateway.core.level import Zone
from gateway.core.principal import Principal
from gateway.core.snapshot import (
    LOOPBACK,
    Alias,
    Deployment,
    Issuer,
    Key,
    ModelVersion,
    Provider,
    Snapshot,
    Team,
    TermLists,
)
from gateway.egress.upstream import material_of
from gateway.governance.policies.bundle import read_bundle

pytestmark = pytest.mark.unit
BUNDLE = read_bundle()
HOUSE = Provider("house", "openai", "http://127.0.0.1:1/v1", Zone.INTERNAL, api_key="env:KEY")
DETECTOR = ModelVersion(
    "names", "1", "sha256:0", "quarantined", "base", "sha256:0", kind="detector"
)


def snapshot(**changes: Any) -> Snapshot:
    plain: dict[str, Any] = {
        "created": 1.0,
        "bundle": BUNDLE,
        "providers": [HOUSE],
        "deployments": [Deployment("own", "house", "m")],
        "aliases": [Alias("inside", ["own"])],
        "keys": [Key("k_one", "one", "0" * 64)],
        "terms": TermLists(deny={"Project Zilvermeeuw": "PERSON"}),
    }
    return Snapshot(**{**plain, **changes})


def taken(
    given: Snapshot, before: CompiledSnapshot | None = None, key: str = "sk-1"
) -> CompiledSnapshot:
    return compile_snapshot(
        given,
        pepper=b"p" * 32,
        secret=lambda _: key,
        worker_token="w" * 32,
        formats={},
        before=before,
    )


@pytest.fixture(scope="module")
def first() -> CompiledSnapshot:
    return taken(snapshot())


def test_a_new_key_compiles_no_policy(first: CompiledSnapshot) -> None:
    keys = [*first.snapshot.keys, Key("k_two", "two", "1" * 64)]
    began = time.thread_time()
    second = taken(snapshot(created=2.0, keys=keys), first)
    assert time.thread_time() - began < 0.05  # compiling takes longer
    assert second.policy is first.policy
    assert second.catalogue is first.catalogue
    found = Principal("k_two", "", "app", None, frozenset(), frozenset(), (), *[None] * 4)  # type: ignore[arg-type]
    assert second.authenticator.is_still_valid(found, now=0.0)
    assert not first.authenticator.is_still_valid(found, now=0.0)


def test_what_authenticates_is_built_again_for_keys_teams_and_issuers(
    first: CompiledSnapshot,
) -> None:
    assert taken(snapshot(created=2.0), first).authenticator is first.authenticator
    changes: list[dict[str, Any]] = [
        {"keys": []},
        {"teams": [Team("one")]},
        {"issuers": [Issuer("id", "https://id.example.nl", "sluis")]},
    ]
    for change in changes:
        assert taken(snapshot(**change), first).authenticator is not first.authenticator


@pytest.mark.parametrize(
    "change",
    [
        {"bundle": {**BUNDLE, "content.yaml": BUNDLE["content.yaml"] + "\n# reviewed\n"}},
        {"terms": TermLists(deny={"Project Wulp": "PERSON"})},
        {"terms": TermLists()},
        {"models": [DETECTOR]},
    ],
    ids=["bundle", "terms", "no terms", "a withdrawn detector"],
)
def test_a_change_of_policy_is_compiled(first: CompiledSnapshot, change: dict[str, Any]) -> None:
    second = taken(snapshot(**change), first)
    assert second.policy is not first.policy
    whole = taken(snapshot(**change)).policy
    assert (second.policy.digest, second.policy.withdrawn) == (whole.digest, whole.withdrawn)
    assert (second.policy.terms is None) == (whole.terms is None)


def test_connections_go_on_to_providers_that_stay_the_same(first: CompiledSnapshot) -> None:
    def of(compiled: CompiledSnapshot, key: str = "sk-1") -> Any:
        return compiled.egress.same(material_of(HOUSE, LOOPBACK, lambda _: key, "w" * 32))

    assert of(first) is not None
    more = Provider("more", "openai", "http://127.0.0.1:2/v1", Zone.INTERNAL)
    assert of(taken(snapshot(providers=[HOUSE, more]), first)) is of(first)
    assert of(taken(snapshot(), first, key="sk-2"), "sk-2") is not of(first)
    moved = snapshot(providers=[msgspec.structs.replace(HOUSE, base_url="http://127.0.0.1:3/v1")])
    assert not taken(moved, first).egress.shares(of(first))
    narrower = snapshot(internal_networks=["127.0.0.0/8"])
    assert not taken(narrower, first).egress.shares(of(first))


def test_a_change_of_destinations_makes_a_catalogue(first: CompiledSnapshot) -> None:
    second = taken(snapshot(aliases=[Alias("other", ["own"])]), first)
    assert second.catalogue is not first.catalogue
    assert second.policy is first.policy
