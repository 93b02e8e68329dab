"""Real coding agents finish a task through the gateway; a part of ``make campaign``."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support import coding_agents
from tests.support.installation import APP_KEY, Installation
from tests.support.scripted_agent import DONE, ScriptedAgent

pytestmark = [pytest.mark.e2e, pytest.mark.slow, pytest.mark.timeout(900)]
MODEL = "claude-sonnet-4-5"
CONFIG = """\
version: 1
providers:
  - {{name: p, kind: {kind}, base_url: "{url}", zone: {zone}, api_key: "env:TEST_UPSTREAM_KEY",
     contract: {{region: EU, transfer_basis: none-needed, review: 2099-12-31}}}}
deployments: [{{name: d, provider: p, model: m}}]
aliases: [{{name: claude-sonnet-4-5, candidates: [d]}}]
teams: [{{name: support}}]
keys:
  - {{name: app, team: support, secret: "env:TEST_APP_KEY", clearance: restricted}}
"""
# Agent, kind of provider, and the path at which the provider is asked.
PAIRS = [
    ("codex", "openai", "/v1/responses"),
    ("codex", "vllm", "/v1/chat/completions"),
    ("claude", "anthropic", "/v1/messages"),
    ("claude", "vllm", "/v1/chat/completions"),
]


@pytest.fixture(scope="module")
def agents(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("agents")
    coding_agents.install(folder)
    return folder


@pytest.fixture
def provider() -> Iterator[ScriptedAgent]:
    with ScriptedAgent(turns=10) as running:
        yield running


@pytest.mark.parametrize("faults", [[], ["429", "die", "503"]], ids=["smooth", "faults"])
@pytest.mark.parametrize(("agent", "kind", "path"), PAIRS)
def test_ten_turns_are_finished_in_one_zone(
    tmp_path: Path,
    agents: Path,
    provider: ScriptedAgent,
    agent: str,
    kind: str,
    path: str,
    faults: list[str],
) -> None:
    provider.faults += faults
    base = provider.url if kind == "anthropic" else f"{provider.url}/v1"
    zone = "internal" if kind == "vllm" else "eu"
    sluis = Installation(tmp_path / "sluis")
    sluis.apply(CONFIG.format(kind=kind, url=base, zone=zone))
    try:
        sluis.start("control", "gateway")
        ran = coding_agents.run(
            agent, agents, tmp_path / "home", url=sluis.url, key=APP_KEY, model=MODEL
        )
        entries = sluis.entries()
    finally:
        sluis.stop()
    assert ran.code == 0, ran.said
    assert DONE in ran.said
    assert set(provider.paths) == {path}
    intents = [one for one in entries if one["event"] == "request:departure:intent"]
    assert len(intents) == len(provider.bodies) >= 11
    assert {one["zone"] for one in intents} == {zone}
    assert not [one for one in entries if one["event"] == "request:refusal:record"]
