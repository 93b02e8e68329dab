"""On behalf of a user, policy must allow both: the application hides nothing of its user."""

from dataclasses import replace

import pytest

from gateway.compiled.policy import compile_policy
from gateway.compiled.snapshot import CompiledSnapshot
from gateway.core.errors import Denied
from gateway.core.level import Level, Zone
from gateway.core.principal import Principal
from gateway.core.snapshot import Alias, Deployment, Limits, Provider, Snapshot
from gateway.dialects.base import RequestFacts
from gateway.dialects.openai_chat import OpenAIChat
from gateway.egress import UpstreamClient
from gateway.governance.policies.bundle import read_bundle
from gateway.identity import Authenticator, narrowed
from gateway.request.context import Candidate, ParsedRequest, RequestScan
from gateway.request.rule_zones import NO_BOUNDS
from gateway.request.steps import decide
from gateway.routing import ModelCatalogue

BUNDLE = {
    **read_bundle(),
    "authorisation/own.cedar": """
@id("press.not-far") @reason_en("x") @reason_nl("x")
forbid (principal, action, resource)
when { principal.team == "press" && resource.provider == "far" };
@id("persons.redacted") @reason_en("x") @reason_nl("x")
forbid (principal, action, resource)
when { principal.kind == "person" && resource.provider == "near" && !context.redacted };
""",
}
SNAPSHOT = Snapshot(
    created=0.0,
    bundle=BUNDLE,
    providers=[
        Provider(name, "openai", "http://127.0.0.1:1/v1", Zone.EU) for name in ("far", "near")
    ],
    deployments=[Deployment(name, name, "m") for name in ("far", "near")],
    aliases=[Alias("a", ["far", "near"])],
)
APP = Principal(
    id="k_app",
    name="app",
    kind="app",
    team="support",
    roles=frozenset(),
    models=frozenset(),
    purposes=(),
    clearance=Level.RESTRICTED,
    floor=Level.INTERNAL,
    strict=False,
    limits=Limits(),
)
USER = replace(APP, id="u_1", kind="person", team="support")


@pytest.fixture(scope="module")
def compiled() -> CompiledSnapshot:
    policy = compile_policy(BUNDLE, digest="sha256:own")
    client = UpstreamClient(SNAPSHOT, secret=lambda _: None, worker_token="", formats={})
    authenticator = Authenticator(SNAPSHOT, pepper=b"p" * 32)
    return CompiledSnapshot(SNAPSHOT, policy, authenticator, ModelCatalogue(SNAPSHOT), {}, client)


def allowed(
    compiled: CompiledSnapshot, principal: Principal, level: Level = Level.INTERNAL
) -> list[Candidate]:
    facts = RequestFacts("a", streams=False, wants_usage=False, most_output=1)
    request = ParsedRequest(OpenAIChat(), facts, {"model": "a"}, [], [], [], [])
    scan = RequestScan({}, "", (), (), level, ())
    found, _ = decide(
        compiled, principal, request, scan, NO_BOUNDS, level=level, case=None, now=0.0
    )
    return found


def forms(candidates: list[Candidate]) -> dict[str, bool]:
    """Whether each allowed deployment gets the request redacted."""
    return {one.target.name: one.decision.redact for one in candidates}


def test_what_policy_refuses_the_user_is_refused_the_application_too(
    compiled: CompiledSnapshot,
) -> None:
    press = replace(USER, team="press")
    assert forms(allowed(compiled, APP)) == {"far": False, "near": False}
    assert "far" not in forms(allowed(compiled, press))
    assert "far" not in forms(allowed(compiled, narrowed(APP, press)))
    assert "far" not in forms(allowed(compiled, narrowed(replace(APP, team="press"), USER)))


def test_a_request_is_redacted_when_policy_redacts_it_for_either(
    compiled: CompiledSnapshot,
) -> None:
    assert forms(allowed(compiled, narrowed(APP, USER))) == {"far": False, "near": True}


def test_a_refusal_names_the_policy_against_the_user(compiled: CompiledSnapshot) -> None:
    press = replace(USER, team="press", clearance=Level.PUBLIC)
    both = replace(narrowed(APP, press), clearance=Level.RESTRICTED)
    with pytest.raises(Denied) as refused:
        allowed(compiled, both)
    assert {"press.not-far", "key.clearance"} <= set(refused.value.rules)
