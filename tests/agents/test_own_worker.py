"""Coding agents chat with the model worker, and do one turn with a tool; in ``make campaign``.

Their prompts are some 30,000 tokens, so the model is a tiny one with a long context. It calls the
shell of an agent once and then says a sentence: the worker reads the call from its text.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support import coding_agents
from tests.support.installation import ADMIN_KEY, APP_KEY, OFFICER_KEY, Installation
from tests.support.refusing_proxy import RefusingProxy
from tests.support.tiny_model import make_calling, make_speaking

pytestmark = [pytest.mark.e2e, pytest.mark.slow, pytest.mark.timeout(900)]
SENTENCE = "The lock is open."
TALKS, WORKS = "claude-sonnet-4-5", "claude-opus-4-5"
LISTED = "listed.txt"
SHELLS = {
    "Bash": {"command": f"ls > {LISTED}", "description": "list the folder"},
    "exec_command": {"cmd": f"ls > {LISTED}"},
    "shell": {"command": ["bash", "-c", f"ls > {LISTED}"]},
}
CONTEXT = 98_304
CONFIG = """\
version: 1
providers: [{{name: house, kind: worker, base_url: "{worker}/v1", zone: internal}}]
deployments:
  - name: own
    provider: house
    model: speaking@production
  - name: own-tools
    provider: house
    model: calling@production
aliases:
  - {{name: claude-sonnet-4-5, candidates: [own]}}
  - {{name: claude-opus-4-5, candidates: [own-tools]}}
teams: [{{name: support}}]
keys:
  - {{name: app, team: support, secret: "env:TEST_APP_KEY", clearance: restricted}}
  - {{name: admin, kind: admin, roles: [platform_admin, model_owner], secret: "env:TEST_ADMIN_KEY"}}
  - {{name: officer, kind: admin, roles: [policy_approver], secret: "env:TEST_OFFICER_KEY"}}
"""


@pytest.fixture(scope="module", autouse=True)
def _installed() -> None:
    coding_agents.install()


@pytest.fixture(scope="module")
def sluis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    folder = tmp_path_factory.mktemp("own-worker")
    pool = {"SLUIS_WORKER_POOL_TOKENS": str(CONTEXT), "SLUIS_WORKER_BATCH_TOKENS": "4096"}
    sluis = Installation(folder, settings=pool)
    sluis.apply(CONFIG.format(worker=sluis.worker))
    try:
        sluis.start("control", "gateway")
        _serve(sluis, "speaking", make_speaking(folder / "speaking", SENTENCE, context=CONTEXT))
        calling = make_calling(folder / "calling", SHELLS, SENTENCE, context=CONTEXT)
        _serve(sluis, "calling", calling)
        sluis.start("worker")
        yield sluis
    finally:
        sluis.stop()


def _serve(sluis: Installation, name: str, model: Path) -> None:
    sluis.sluis("models", "register", name, "1", "--base", str(model))
    for who, call, body in (
        (OFFICER_KEY, "approve", {}),
        (ADMIN_KEY, "promote", {"tag": "production"}),
    ):
        done = sluis.admin("POST", f"/models/{name}/1/{call}", who, json=body)
        assert done.is_success, done.text


@pytest.mark.parametrize("agent", ["claude", "codex"])
def test_an_agent_is_answered_by_the_worker(
    sluis: Installation, tmp_path: Path, agent: str
) -> None:
    entries = _run(sluis, tmp_path / "home", agent, TALKS)
    assert {(one["zone"], one["deployment"]) for one in entries} == {("internal", "own")}


@pytest.mark.parametrize("agent", ["claude", "codex"])
def test_an_agent_does_a_turn_with_a_tool_that_the_worker_asked_for(
    sluis: Installation, tmp_path: Path, agent: str
) -> None:
    entries = _run(sluis, tmp_path / "home", agent, WORKS)
    assert {(one["zone"], one["deployment"]) for one in entries} == {("internal", "own-tools")}
    assert len(entries) >= 2  # the call, and the answer after its result
    assert "README.md" in (tmp_path / "home" / "work" / LISTED).read_text(encoding="utf-8")


def _run(sluis: Installation, home: Path, agent: str, model: str) -> list[dict[str, Any]]:
    """The intents of a run that ended well, with the sentence and past no other host."""
    proxy = RefusingProxy()
    before = len(sluis.entries())
    with proxy:
        place: dict[str, Any] = {"url": sluis.url, "key": APP_KEY, "model": model}
        ran = coding_agents.run(agent, home, **place, proxy=proxy.url)
    assert ran.code == 0, ran.said
    assert SENTENCE in ran.said
    assert not proxy.hosts
    entries = sluis.entries()[before:]
    return [one for one in entries if one["event"] == "request:departure:intent"]
