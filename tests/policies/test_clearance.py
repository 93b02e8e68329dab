"""Nothing leaves above its clearance: over the whole lattice, and over random catalogues."""

import copy
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import structs
from openai.types.chat import completion_create_params

from gateway.compiled.snapshot import CompiledSnapshot
from gateway.core.clearance import CEILING, Clearance, effective
from gateway.core.days import end_of_day
from gateway.core.errors import InvalidRequest, Refusal
from gateway.core.level import Level, Zone
from gateway.core.principal import Principal
from gateway.core.snapshot import (
    Alias,
    ClearanceSetting,
    Deployment,
    Limits,
    Provider,
    Snapshot,
    Stops,
)
from gateway.decisions import AuthorisationRequest, Authoriser, BundleError
from gateway.dialects.base import RequestFacts
from gateway.dialects.openai_chat import OpenAIChat
from gateway.dialects.openai_embeddings import OpenAIEmbeddings
from gateway.egress import UpstreamClient
from gateway.governance.policies.bundle import check, read_bundle
from gateway.governance.policies.cases import run_tests
from gateway.identity import Authenticator
from gateway.request.context import ParsedRequest, RequestScan
from gateway.request.rule_zones import NO_BOUNDS, zone_bounds
from gateway.request.services import SnapshotStatus
from gateway.request.steps import decide, internal_only_reason
from gateway.routing import ModelCatalogue
from tests.support.contracts import under_contract

BUNDLE = read_bundle()
POLICY = check(BUNDLE)
levels = st.sampled_from(list(Level))


@pytest.mark.parametrize("zone", list(Zone))
@pytest.mark.parametrize("level", list(Level))
@pytest.mark.parametrize("clearance", list(Level))
def test_invariants_over_the_lattice(zone: Zone, level: Level, clearance: Level) -> None:
    decision = POLICY.authoriser.decide(question(zone, level, clearance))
    if decision.allowed:
        assert level <= clearance
        assert zone is Zone.INTERNAL or level < Level.RESTRICTED
        assert zone is not Zone.GLOBAL or level is Level.PUBLIC
        assert zone is not Zone.EU or level < Level.CONFIDENTIAL or decision.redact
    assert decision.policies or not decision.allowed


def question(zone: Zone, level: Level, clearance: Level, **changes: object) -> AuthorisationRequest:
    values: dict[str, object] = {
        "principal_id": "k",
        "kind": "app",
        "team": "",
        "roles": frozenset(),
        "clearance": clearance,
        "level": level,
        "purpose": "",
        "risk": "none",
        "zones": ("internal", "eu", "global"),
        "deployment": "d",
        "provider": "p",
        "zone": zone,
        "cleared": effective(zone, None),
    }
    return AuthorisationRequest(**{**values, **changes})  # type: ignore[arg-type]


def test_no_bundle_can_widen_the_ceiling() -> None:
    """A policy that permits everything still sends nothing above the code's floor."""
    files = {
        **BUNDLE,
        "authorisation/default.cedar": '@id("all") permit (principal, action, resource);',
    }
    wide = Authoriser(files, bundle="wide")
    for zone in Zone:
        for level in Level:
            decision = wide.decide(question(zone, level, Level.RESTRICTED))
            if decision.allowed:
                assert CEILING[zone].allows(level, redacted=decision.redact)


def test_golden_cases_pass_and_each_policy_matters() -> None:
    assert all(case.passed for case in run_tests(BUNDLE))
    text = BUNDLE["authorisation/default.cedar"]
    parts = text.split("@id(")
    for index in range(1, len(parts)):
        mutant = copy.copy(BUNDLE)
        mutant["authorisation/default.cedar"] = "@id(".join(parts[:index] + parts[index + 1 :])
        assert not all(case.passed for case in run_tests(mutant)), parts[index][:30]


def test_an_erring_policy_refuses(tmp_path: Path) -> None:
    broken = {
        **BUNDLE,
        "authorisation/x.cedar": (
            '@id("x") forbid (principal, action, resource) when { context.nope };'
        ),
    }
    with pytest.raises(BundleError, match="nope"):
        check(broken)


END = end_of_day("2026-11-29")
contracts = st.sampled_from([None, "", "2026-11-29", "2027-11-29"])
moments = st.sampled_from([END - 0.001, END, END + 0.001])
providers = st.lists(st.sampled_from(list(Zone)), min_size=1, max_size=5)


@st.composite
def catalogues(draw: st.DrawFn) -> Snapshot:
    zones = draw(providers)
    names = [f"p{index}" for index in range(len(zones))]
    deployments = []
    for index, name in enumerate(names):
        clearance = None
        if draw(st.booleans()):
            clearance = ClearanceSetting(draw(levels).label, draw(levels).label)
        deployments.append(Deployment(f"d{index}", name, "m", clearance=clearance))
    order = draw(st.permutations([d.name for d in deployments]))
    return Snapshot(
        created=0.0,
        bundle=BUNDLE,
        providers=[
            under_contract(Provider(name, "openai", "http://127.0.0.1:1/v1", zone), draw(contracts))
            for name, zone in zip(names, zones, strict=True)
        ],
        deployments=deployments,
        aliases=[Alias("a", list(order))],
        stops=Stops(deployments=draw(st.lists(st.sampled_from(order), unique=True))),
    )


def compiled(snapshot: Snapshot) -> CompiledSnapshot:
    """With the policies of all others here, which take a fifth of a second to compile."""
    return CompiledSnapshot(
        snapshot,
        POLICY,
        Authenticator(snapshot, pepper=b"p" * 32),
        ModelCatalogue(snapshot),
        {},
        UpstreamClient(snapshot, secret=lambda _: None, worker_token="", formats={}),
    )


@settings(max_examples=60, deadline=None)
@given(catalogues(), levels, levels, *(st.booleans() for _ in range(4)), moments)
def test_every_way_of_a_random_catalogue_is_within_clearance(
    snapshot: Snapshot,
    level: Level,
    clearance: Level,
    inside_only: bool,
    stale: bool,
    failed: bool,
    spooled: bool,
    now: float,
) -> None:
    handles = compiled(snapshot)
    principal = Principal(
        "k",
        "k",
        "app",
        None,
        frozenset(),
        frozenset(),
        (),
        clearance,
        Level.INTERNAL,
        False,
        Limits(),
    )
    fields = ["messages[0]"] if inside_only else []
    facts = RequestFacts("a", streams=False, wants_usage=False, most_output=1)
    request = ParsedRequest(OpenAIChat(), facts, {"model": "a"}, [], [], fields, [])
    scan = RequestScan({}, "", ("names",) if failed else (), (), level, ())
    status = SnapshotStatus(internal_only=stale, too_old=False, spooled_internal_only=spooled)
    internal_only = internal_only_reason(handles, request, scan, level, status)
    try:
        ways, _ = decide(
            handles,
            principal,
            request,
            scan,
            zone_bounds(handles, request, scan, internal_only, {}),
            level=level,
            case=None,
            now=now,
        )
    except Refusal:
        return
    for way in ways:
        target = way.target
        assert target.name not in snapshot.stops.deployments
        assert (
            target.zone is Zone.INTERNAL or level <= Level.INTERNAL or target.provider.covered(now)
        )
        assert target.cleared.allows(level, redacted=way.decision.redact)
        assert CEILING[target.zone].allows(level, redacted=way.decision.redact)
        assert level <= clearance
        if inside_only or stale or failed or spooled:
            assert target.zone is Zone.INTERNAL


def ways_of(snapshot: Snapshot, level: Level, now: float) -> set[tuple[str, bool]]:
    """Each deployment that may get a text of this level, with whether it is redacted."""
    facts = RequestFacts("a", streams=False, wants_usage=False, most_output=1)
    request = ParsedRequest(OpenAIChat(), facts, {"model": "a"}, [], [], [], [])
    caller = Principal(
        *("k", "k", "app", None, frozenset(), frozenset(), ()), level, level, False, Limits()
    )
    try:
        found, _ = decide(
            compiled(snapshot),
            caller,
            request,
            RequestScan({}, "", (), (), level, ()),
            NO_BOUNDS,
            level=level,
            case=None,
            now=now,
        )
    except Refusal:
        return set()
    return {(way.target.name, way.decision.redact) for way in found}


@settings(max_examples=60, deadline=None)
@given(catalogues(), levels, moments)
def test_stops_and_contracts_only_narrow(snapshot: Snapshot, level: Level, now: float) -> None:
    free = structs.replace(
        snapshot,
        stops=Stops(),
        providers=[under_contract(one, None) for one in snapshot.providers],
    )
    assert ways_of(snapshot, level, now) <= ways_of(free, level, now)


@given(st.sampled_from(list(Zone)), levels, levels, levels, st.booleans())
def test_configuration_only_narrows(
    zone: Zone, clear: Level, redacted: Level, level: Level, form: bool
) -> None:
    if effective(zone, Clearance(clear, redacted)).allows(level, redacted=form):
        assert CEILING[zone].allows(level, redacted=form)


def test_every_field_of_the_openai_dialect_is_classed() -> None:
    table = yaml.safe_load(BUNDLE["egress.yaml"])["chat_completions"]
    known = set(completion_create_params.CompletionCreateParamsStreaming.__annotations__)
    known |= set(completion_create_params.CompletionCreateParamsNonStreaming.__annotations__)
    assert known <= set(table)


def test_the_policy_commands() -> None:
    for command in ("check", "test"):
        done = subprocess.run(
            [sys.executable, "-m", "gateway", "policy", command],
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr


def test_a_request_is_offered_only_to_deployments_that_can_answer_it() -> None:
    providers = [
        Provider("house", "vllm", "http://house", Zone.INTERNAL),
        Provider("translated", "anthropic", "https://away", Zone.EU),
    ]
    deployments = [
        Deployment("one", "house", "m"),
        Deployment("two", "house", "m"),
        Deployment("three", "translated", "m"),
    ]
    aliases = [Alias("a", ["three", "one", "two"]), Alias("b", ["three"])]
    handles = compiled(
        Snapshot(0.0, BUNDLE, providers=providers, deployments=deployments, aliases=aliases)
    )
    caller = Principal(
        *("k", "k", "app", None, frozenset(), frozenset(), ()),
        *(Level.PUBLIC, Level.PUBLIC, False, Limits()),
    )

    def offered(model: str) -> list[str]:
        dialect = OpenAIEmbeddings()
        facts = dialect.facts({"model": model, "input": "x"})
        request = ParsedRequest(dialect, facts, {"model": model}, [], [], [], [])
        found, rerouted = decide(
            handles,
            caller,
            request,
            RequestScan({}, "", (), (), Level.PUBLIC, ()),
            NO_BOUNDS,
            level=Level.PUBLIC,
            case=None,
            now=0.0,
        )
        assert rerouted is None
        return [way.target.name for way in found]

    assert offered("a") == ["one", "two"]
    assert offered("two") == ["two"]  # vectors of another model are worthless
    for model in ("b", "three"):
        with pytest.raises(InvalidRequest, match="answers POST /v1/embeddings"):
            offered(model)
