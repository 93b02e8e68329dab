"""Real coding agents finish a task through the gateway; a part of ``make campaign``."""

from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import pytest

from tests.support import coding_agents
from tests.support.installation import APP_KEY, Installation
from tests.support.refusing_proxy import RefusingProxy
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
    ("opencode", "openai", "/v1/chat/completions"),
    ("cline", "openai", "/v1/chat/completions"),
]
# Hosts that an agent asks for past the gateway, with the settings of docs/clients.md.
ELSEWHERE = {
    "claude": [],
    "codex": [],
    "opencode": ["registry.*"],
    "cline": ["data.cline.bot"],
}
FATAL = {"cline": ["die"]}  # faults at which an agent ends
# Turns, and the faults of the provider before them.
TASKS = [
    pytest.param(1, [], id="one-turn"),
    pytest.param(10, [], id="ten-turns"),
    pytest.param(10, ["429", "die", "503"], id="ten-turns-with-faults"),
]


@pytest.fixture(scope="module", autouse=True)
def _installed() -> None:
    coding_agents.install()


@pytest.mark.parametrize(("turns", "faults"), TASKS)
@pytest.mark.parametrize(("agent", "kind", "path"), PAIRS)
def test_a_task_is_finished_in_one_zone(
    tmp_path: Path, agent: str, kind: str, path: str, turns: int, faults: list[str]
) -> None:
    survived = [fault for fault in faults if fault not in FATAL.get(agent, [])]
    provider, proxy = ScriptedAgent(turns=turns, faults=survived), RefusingProxy()
    ran, entries = run(tmp_path, agent, kind, provider, proxy)
    assert ran.code == 0, ran.said
    assert DONE in ran.said
    assert set(provider.paths) == {path}
    assert not [one for one in proxy.hosts if not listed(one, ELSEWHERE[agent])]
    intents = [one for one in entries if one["event"] == "request:departure:intent"]
    assert len(intents) == len(provider.bodies) >= turns + 1
    assert {one["zone"] for one in intents} == {"internal" if kind == "vllm" else "eu"}
    assert not [one for one in entries if one["event"] == "request:refusal:record"]


def test_cline_ends_at_a_stream_that_breaks_and_says_why(tmp_path: Path) -> None:
    provider = ScriptedAgent(turns=1, faults=["die"])
    ran, entries = run(tmp_path, "cline", "openai", provider, RefusingProxy())
    assert (ran.code, DONE in ran.said) == (1, False)
    assert "stream ended before it was complete" in ran.said
    assert entries[-1]["outcome"] == "upstream_disconnected"


def run(
    folder: Path, agent: str, kind: str, provider: ScriptedAgent, proxy: RefusingProxy
) -> tuple[coding_agents.Ran, list[dict[str, Any]]]:
    """What an agent said at a task through a gateway, and the entries of the gateway."""
    if not coding_agents.binary(agent).exists():
        pytest.skip(f"{agent} has no package for this platform")
    base = provider.url if kind == "anthropic" else f"{provider.url}/v1"
    zone = "internal" if kind == "vllm" else "eu"
    sluis = Installation(folder / "sluis")
    sluis.apply(CONFIG.format(kind=kind, url=base, zone=zone))
    place: dict[str, Any] = {"url": sluis.url, "key": APP_KEY, "model": MODEL}
    with provider, proxy:
        try:
            sluis.start("control", "gateway")
            ran = coding_agents.run(agent, folder / "home", **place, proxy=proxy.url)
            return ran, sluis.entries()
        finally:
            sluis.stop()


def listed(host: str, patterns: list[str]) -> bool:
    return any(fnmatch(host, pattern) for pattern in patterns)
