"""The doctor asks guardrails, and names those that rules ask and nobody runs."""

import json
from collections.abc import Iterator

import pytest
import yaml

from gateway.core.level import Zone
from gateway.core.snapshot import Deployment, Provider, Snapshot, Stops
from gateway.governance.policies.bundle import read_bundle
from gateway.processes.doctor_guardrails import check_guardrails
from tests.support.wire_provider import Reply, WireProvider

pytestmark = pytest.mark.integration
RULE = {
    "id": "guarded",
    "stages": ["input"],
    "action": "refuse",
    "reason": {"en": "x", "nl": "x"},
    "guardrail": {"name": "safety", "on_failure": "refuse"},
}


class Server:
    """A guardrail that answers as a test says."""

    def __init__(self) -> None:
        self.reply = Reply([json.dumps({"flagged": False}).encode()])

    def __call__(self, _: object) -> Reply:
        return self.reply


@pytest.fixture
def script() -> Server:
    return Server()


@pytest.fixture
def server(script: Server) -> Iterator[WireProvider]:
    with WireProvider(script) as running:
        yield running


async def found(
    server: WireProvider, zone: Zone = Zone.INTERNAL, *, key: str | None = None, **fields: object
) -> dict[str, tuple[bool, str]]:
    files = {**read_bundle(), "content.yaml": yaml.safe_dump({"rules": [RULE]})}
    provider = Provider("guards", "guardrail", server.base("guard"), zone, api_key=key)
    stated = {"providers": [provider], "deployments": [Deployment("safety", "guards", "m")]}
    snapshot = Snapshot(created=0.0, bundle=files, **{**stated, **fields})  # type: ignore[arg-type]
    seen: dict[str, tuple[bool, str]] = {}

    def record(what: str, *, ok: bool, todo: str = "") -> None:
        seen[what] = (ok, todo)

    await check_guardrails(snapshot, record, secret=lambda _: None, everywhere=False)
    return seen


async def test_a_guardrail_that_answers_is_in_order(server: WireProvider) -> None:
    seen = await found(server)
    assert [(what, ok) for what, (ok, _) in seen.items()] == [("guardrail safety answers", True)]
    (question,) = server.arrived
    assert question.json()["texts"][0]["text"] == "Sluis asks whether this guardrail answers."


@pytest.mark.parametrize(
    "reply", [Reply([b"{}"]), Reply([b"{}"], status=500), Reply([b"x"], status=401)]
)
async def test_one_that_does_not_is_a_fault(
    server: WireProvider, script: Server, reply: Reply
) -> None:
    script.reply = reply
    ((ok, todo),) = (await found(server)).values()
    assert not ok
    assert "Check its address, certificate and key" in todo


async def test_what_is_not_asked_from_here_is_named_and_no_fault(server: WireProvider) -> None:
    ((what, (ok, _)),) = (await found(server, Zone.EU)).items()
    assert (what, ok) == ("guardrail safety: `sluis acceptance` asks it", True)
    ((what, (ok, _)),) = (await found(server, key="env:GUARD_KEY")).items()
    assert (what, ok) == ("guardrail safety: not asked without env:GUARD_KEY", True)
    assert not server.arrived


async def test_a_rule_without_its_guardrail_is_a_fault(server: WireProvider) -> None:
    ((ok, todo),) = (await found(server, deployments=[])).values()
    assert not ok
    assert "add the deployment safety" in todo
    stopped = Stops(deployments=["safety"])
    ((ok, _),) = (await found(server, stops=stopped)).values()
    assert not ok
