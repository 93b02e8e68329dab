"""Coding agents have a short chat with the model worker; a part of ``make campaign``.

Their prompts are some 30,000 tokens, so the model is a tiny one with a long context.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support import coding_agents
from tests.support.installation import ADMIN_KEY, APP_KEY, OFFICER_KEY, Installation
from tests.support.refusing_proxy import RefusingProxy
from tests.support.tiny_model import make_speaking

pytestmark = [pytest.mark.e2e, pytest.mark.slow, pytest.mark.timeout(900)]
SENTENCE = "The lock is open."
CONTEXT = 98_304
CONFIG = """\
version: 1
providers: [{{name: house, kind: worker, base_url: "{worker}/v1", zone: internal}}]
deployments:
  - name: own
    provider: house
    model: speaking@production
aliases: [{{name: claude-sonnet-4-5, candidates: [own]}}]
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
        model = make_speaking(folder / "speaking", SENTENCE, context=CONTEXT)
        sluis.sluis("models", "register", "speaking", "1", "--base", str(model))
        for who, call, body in (
            (OFFICER_KEY, "approve", {}),
            (ADMIN_KEY, "promote", {"tag": "production"}),
        ):
            done = sluis.admin("POST", f"/models/speaking/1/{call}", who, json=body)
            assert done.is_success, done.text
        sluis.start("worker")
        yield sluis
    finally:
        sluis.stop()


@pytest.mark.parametrize("agent", ["claude", "codex"])
def test_an_agent_is_answered_by_the_worker(
    sluis: Installation, tmp_path: Path, agent: str
) -> None:
    proxy = RefusingProxy()
    before = len(sluis.entries())
    place = {"url": sluis.url, "key": APP_KEY, "model": "claude-sonnet-4-5"}
    with proxy:
        ran = coding_agents.run(agent, tmp_path / "home", **place, proxy=proxy.url)
    assert ran.code == 0, ran.said
    assert SENTENCE in ran.said
    assert not proxy.hosts
    entries = sluis.entries()[before:]
    intents = [one for one in entries if one["event"] == "request:departure:intent"]
    assert {(one["zone"], one["deployment"]) for one in intents} == {("internal", "own")}
