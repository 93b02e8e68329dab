"""From a draft to production through the gate of evaluations, on real processes."""

import asyncio
import json
import subprocess
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.requests import Request

from tests.support.cards import CARD
from tests.support.evaluation_suites import description, items_text
from tests.support.installation import OFFICER_KEY, Installation
from tests.support.openai_api import OpenAIApi
from tests.support.own_suites import put_in_use

pytestmark = [pytest.mark.e2e, pytest.mark.slow, pytest.mark.nightly]
THIRD_KEY = "sk-third-canary-000000000000000"
CONFIG = """\
version: 1
providers:
  - {{name: house, kind: vllm, base_url: "{house}", zone: internal}}
deployments:
  - {{name: first, provider: house, version: "chat@1"}}
  - {{name: second, provider: house, version: "chat@2"}}
  - {{name: served, provider: house, version: "chat@production"}}
aliases:
  - {{name: own, candidates: [served, first]}}
keys:
  - {{name: app, secret: "env:TEST_APP_KEY", clearance: restricted}}
  - {{name: admin, kind: admin, owner: admin, roles: [platform_admin, policy_author, model_owner],
     secret: "env:TEST_ADMIN_KEY"}}
  - {{name: officer, kind: admin, owner: officer, roles: [compliance_officer, policy_approver],
     secret: "env:TEST_OFFICER_KEY"}}
  - {{name: third, kind: admin, owner: third, roles: [policy_approver],
     secret: "env:TEST_THIRD_KEY"}}
"""
POLICY = """\
version: 1
risks:
  high:
    blocks: true
    suites: [{suite: letters, min: 0.9, items: 40, not_worse_by: 0.1}]
"""
ITEMS, DELAY_S = 60, 0.03
_HELD_S = 60.0


@dataclass
class SlowApi(OpenAIApi):
    """An engine that takes a moment for each answer, and says what the message asks it to say.

    Answers wait until ``answering`` is set.
    """

    delay_s: float = DELAY_S
    answering: threading.Event = field(default_factory=threading.Event)
    served: list[str] = field(default_factory=list)

    async def _recorded(self, request: Request) -> dict[str, Any]:
        body = await super()._recorded(request)
        self.served.append(body["model"])
        await asyncio.sleep(self.delay_s)
        await asyncio.to_thread(self.answering.wait, _HELD_S)
        return body


@dataclass
class Bench:
    """An installation with an engine, and a suite that both versions answer."""

    sluis: Installation
    house: SlowApi

    def set_up(self) -> None:
        self.house.answering.set()
        self.sluis.settings["TEST_THIRD_KEY"] = THIRD_KEY
        self.sluis.apply(CONFIG.format(house=self.house.url))
        self.sluis.start("control", "gateway")
        proposal = self.made("POST", "/policies/proposals", files={"evaluations.yaml": POLICY})
        self.made("POST", f"/proposals/{proposal['id']}/approve", key=OFFICER_KEY)
        suite = items_text(*(self.item(at) for at in range(ITEMS)))
        about = description("classification", name="letters", labels=["blij", "boos"])
        put_in_use(self.sluis, about, suite)
        for version in "12":
            self.register(version)

    @staticmethod
    def item(at: int) -> dict[str, Any]:
        label = ("blij", "boos")[at // 2 % 2]
        return {"expected": label, "ask": f"example: say {label}; welk gevoel? nummer {at}"}

    def register(self, version: str) -> None:
        engine = {
            "served_name": f"chat-v{version}",
            "engine": "vllm",
            "source": "example/chat",
            "revision": version,
        }
        card = CARD.replace("risk: minimal", "risk: high")
        self.made("POST", "/models", name="chat", version=version, card=card, engine=engine)

    def made(self, method: str, path: str, *, key: str = "", **body: Any) -> Any:
        options: dict[str, Any] = {"json": body} if method == "POST" else {}
        answer = self.sluis.admin(method, path, *([key] if key else []), **options)
        assert answer.is_success, answer.text
        return answer.json()

    def evaluate(self, version: str, *options: str) -> tuple[int, Any]:
        """The exit status and the runs of ``sluis models evaluate``."""
        command = ("models", "evaluate", "chat", version, "--suite", "letters", "--json")
        done = self.sluis.sluis(*command, *options, check=False)
        assert done.stdout, done.stderr
        assert f"letters: {ITEMS} of {ITEMS}" in done.stderr
        return done.returncode, json.loads(done.stdout)["runs"]

    def ask(self, model: str, **options: Any) -> httpx.Response:
        body = {"model": model, "messages": [{"role": "user", "content": "example: say ja;"}]}
        return self.sluis.ask(body, **options)

    def approve(self, version: str, key: str) -> httpx.Response:
        return self.sluis.admin("POST", f"/models/chat/{version}/approve", key)


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    with SlowApi(listed=["chat-v1", "chat-v2"]) as house:
        made = Bench(Installation(tmp_path / "models"), house)
        try:
            made.set_up()
            yield made
        finally:
            made.sluis.stop()


def test_a_version_goes_from_draft_to_production_through_the_gate(bench: Bench) -> None:
    assert bench.ask("first").status_code == 403  # a draft answers nobody
    refused = bench.approve("1", OFFICER_KEY)
    assert (refused.status_code, refused.json()["error"]["code"]) == (409, "evaluation_required")
    assert "letters: no run" in refused.json()["error"]["message"]

    status, (run,) = bench.evaluate("1")
    assert (status, run["state"], run["version_state"]) == (0, "passed", "evaluated")
    assert run["result"]["score"]["value"] == 1.0
    assert set(bench.house.served) == {"chat-v1"}
    assert bench.ask("first").status_code == 403  # evaluated is not approved
    assert bench.ask("own").status_code == 403

    for key in (OFFICER_KEY, THIRD_KEY):
        answer = bench.approve("1", key)
        assert answer.status_code == 200, answer.text
    assert answer.json()["state"] == "approved"
    bench.made("POST", "/models/chat/1/promote")
    bench.sluis.until(lambda: bench.ask("own").status_code == 200, "the version serves")
    assert bench.ask("own").headers["x-sluis-model-version"] == "chat@1"

    status, (second,) = bench.evaluate("2")
    assert (status, second["state"]) == (0, "passed")
    assert second["compared_with"] == run["run"]  # the one in production is not asked again
    assert second["result"]["compared"]["difference"] == 0.0
    status, runs = bench.evaluate("2", "--max-tokens", "64")
    assert [(one["version"], one["purpose"]) for one in runs] == [("1", "baseline"), ("2", "gate")]
    listed = json.loads(bench.sluis.sluis("models", "evaluations", "chat", "2", "--json").stdout)
    assert (listed["state"], listed["lacking"]) == ("evaluated", [])


def test_a_client_can_start_and_watch_and_nothing_else(bench: Bench) -> None:
    """Nobody can ask a draft until it is right, or say what it answered."""
    body: dict[str, Any] = {"suites": ["letters"]}
    begun = bench.made("POST", "/models/chat/1/evaluations/run", **body)
    bench.sluis.until(
        lambda: not bench.made("GET", "/models/chat/1/evaluations")["job"]["running"], "it ended"
    )
    found = bench.made("GET", "/models/chat/1/evaluations")
    assert [one["state"] for one in found["runs"]] == ["passed"]
    assert "secret" not in json.dumps([begun, found])
    run = begun["runs"][0]["run"]
    answers = {"answers": [{"item": "i-0", "outcome": "answered", "text": "blij"}]}
    for method, path, sent in (
        ("POST", "/models/chat/1/evaluations", body),
        ("GET", f"/evaluations/{run}/items", None),
        ("POST", f"/evaluations/{run}/answers", answers),
        ("POST", f"/evaluations/{run}/finish", None),
    ):
        assert bench.sluis.admin(method, path, json=sent).status_code in {404, 405}, path
    assert bench.ask("first").status_code == 403
    assert len(bench.house.served) == ITEMS  # each item is asked once


def test_the_control_plane_evaluates_by_itself_and_begins_anew_after_a_kill(bench: Bench) -> None:
    bench.house.delay_s = 0.3
    path = "/models/chat/1/evaluations"
    body: dict[str, Any] = {"suites": ["letters"], "concurrency": 4}
    begun = bench.made("POST", f"{path}/run", **body)
    assert [one["items"] for one in begun["runs"]] == [ITEMS]
    again = bench.sluis.admin("POST", f"{path}/run", json=body)
    assert (again.status_code, again.json()["error"]["code"]) == (409, "conflict")

    def seen() -> Any:
        found = bench.made("GET", path)
        return found["runs"][-1], found["job"]

    bench.sluis.until(lambda: len(bench.house.served) >= ITEMS // 2, "half is asked")
    bench.house.answering.clear()
    bench.sluis.until(lambda: seen()[0]["progress"]["answered"] >= ITEMS // 4, "progress shows")
    going = {"running": True, "problem": "", "available": True, "finished": []}
    assert seen()[1] == going
    counts = bench.made("GET", "/evaluations")["versions"]
    assert [(one["version"], one["running"]) for one in counts] == [("1", 1)]
    bench.sluis.kill("control")
    bench.house.answering.set()
    bench.sluis.start("control")
    run, job = seen()
    assert (run["state"], job["running"]) == ("running", False)
    bench.house.delay_s = 0.0
    bench.made("POST", f"{path}/run", **body)
    bench.sluis.until(lambda: seen()[0]["state"] == "passed", "the run has passed")
    found = bench.made("GET", path)
    assert [one["state"] for one in found["runs"]] == ["abandoned", "passed"]
    assert found["runs"][0]["run"] == run["run"]
    assert found["discarded"] == {"letters": 1}


def test_a_run_of_the_control_plane_says_why_it_broke_off(bench: Bench) -> None:
    bench.sluis.kill("gateway")
    path = "/models/chat/1/evaluations"
    bench.made("POST", f"{path}/run", suites=["letters"])
    bench.sluis.until(
        lambda: "does not answer" in bench.made("GET", path)["job"]["problem"], "the reason shows"
    )
    assert bench.made("GET", path)["job"]["running"] is False


def test_a_killed_evaluation_begins_anew(bench: Bench) -> None:
    bench.house.delay_s = 0.1
    command = ("models", "evaluate", "chat", "1", "--suite", "letters", "--concurrency", "4")
    runner = subprocess.Popen(
        bench.sluis.command(*command),
        env=bench.sluis.environment(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    bench.sluis.until(lambda: len(bench.house.served) >= ITEMS // 2, "half is asked", runner)
    runner.kill()
    runner.wait()
    (broken,) = bench.made("GET", "/models/chat/1/evaluations")["runs"]
    assert broken["state"] == "running"
    bench.house.delay_s = 0.0
    status, (run,) = bench.evaluate("1")
    assert (status, run["state"], run["run"] != broken["run"]) == (0, "passed", True)
    states = [one["state"] for one in bench.made("GET", "/models/chat/1/evaluations")["runs"]]
    assert states == ["abandoned", "passed"]
