"""Every deployment serves a registered version, on real processes and both databases."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.support.cards import CARD
from tests.support.installation import APP_KEY, OFFICER_KEY, Installation
from tests.support.openai_api import OpenAIApi

pytestmark = [pytest.mark.e2e, pytest.mark.nightly]
THIRD_KEY = "sk-third-canary-000000000000000"
RESTRICTED = "Sleutel: AKIAIOSFODNN7EXAMPLE"
CONFIG = """\
version: 1
{models}
providers:
  - {{name: house, kind: vllm, base_url: "{house}", zone: internal}}
  - {{name: eu, kind: openai, base_url: "{eu}", zone: eu,
     contract: {{region: EU, transfer_basis: none-needed, review: 2099-12-31}}}}
deployments:
  - {{name: bare, provider: house, model: anything}}
  - {{name: bound, provider: house, version: chat@production}}
  - {{name: gpt, provider: eu, model: gpt, version: gpt@production}}
aliases:
  - {{name: assistant, candidates: [bare]}}
  - {{name: own, candidates: [bound]}}
teams: [{{name: support}}]
keys:
  - {{name: app, team: support, secret: "env:TEST_APP_KEY", clearance: restricted}}
  - {{name: admin, kind: admin, roles: [platform_admin, policy_author, model_owner,
     compliance_officer], secret: "env:TEST_ADMIN_KEY"}}
  - {{name: officer, kind: admin, roles: [compliance_officer, policy_approver],
     secret: "env:TEST_OFFICER_KEY"}}
  - {{name: third, kind: admin, roles: [policy_approver], secret: "env:TEST_THIRD_KEY"}}
"""
SERVING, REFUSING = "models: {unregistered: serve}", "models: {unregistered: refuse}"
ENGINE = {
    "served_name": "chat-v1",
    "engine": "vllm",
    "source": "example/chat",
    "revision": "9c1f2e0",
}


@dataclass
class Governed:
    """An installation with an engine inside and a provider outside."""

    sluis: Installation
    house: OpenAIApi
    eu: OpenAIApi

    def config(self, models: str = REFUSING) -> str:
        return CONFIG.format(models=models, house=self.house.url, eu=self.eu.url)

    def ask(self, model: str, text: str = "Wat is een sluis?") -> httpx.Response:
        return self.sluis.ask({"model": model, "messages": [{"role": "user", "content": text}]})

    def register(self, name: str, version: str, **body: Any) -> None:
        given = {"name": name, "version": version, "card": CARD, **body}
        answer = self.sluis.admin("POST", "/models", json=given)
        assert answer.status_code == 201, answer.text

    def approve(self, name: str, version: str) -> None:
        """By one other person in embedded mode, else by two."""
        for key in (OFFICER_KEY, THIRD_KEY) if self.sluis.database_url else (OFFICER_KEY,):
            answer = self.sluis.admin("POST", f"/models/{name}/{version}/approve", key)
            assert answer.status_code == 200, answer.text
        assert answer.json()["state"] == "approved"

    def promote(self, name: str, version: str) -> None:
        answer = self.sluis.admin("POST", f"/models/{name}/{version}/promote", json={})
        assert answer.status_code == 200, answer.text

    def entry(self, event: str, **fields: Any) -> dict[str, Any] | None:
        """The newest entry of an event that has these fields."""
        found = self.sluis.admin("GET", f"/audit?event={event}", OFFICER_KEY).json()["entries"]
        for one in found:
            path = f"/audit/entries/{one['seq']}?log={one['log']}"
            values = self.sluis.admin("GET", path, OFFICER_KEY).json()["fields"]
            if fields.items() <= values.items():
                return dict(values)
        return None


@pytest.fixture(params=["sqlite", "postgres"])
def governed(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Governed]:
    from tests.support.postgres import fresh_database
    from tests.support.schema import TEMPLATE

    folder = tmp_path / "models"
    with OpenAIApi(listed=[]) as house, OpenAIApi() as eu:
        if request.param == "sqlite":
            yield from _running(Governed(Installation(folder), house, eu))
            return
        with fresh_database(request.getfixturevalue("postgres"), TEMPLATE) as url:
            sluis = Installation(folder, url)
            sluis.sluis("secrets", "create")
            yield from _running(Governed(sluis, house, eu))


def _running(made: Governed) -> Iterator[Governed]:
    made.sluis.settings["TEST_THIRD_KEY"] = THIRD_KEY
    made.sluis.apply(made.config())
    try:
        made.sluis.start("control", "gateway")
        yield made
    finally:
        made.sluis.stop()


def test_restricted_text_is_not_answered_by_an_unregistered_model(governed: Governed) -> None:
    before = len(governed.house.bodies)
    answer = governed.ask("assistant", RESTRICTED)
    assert answer.status_code == 403
    assert "model.approval" in answer.json()["error"]["message"]
    assert len(governed.house.bodies) == before
    request = answer.headers["x-sluis-audit-id"]
    story = governed.sluis.admin("GET", f"/audit/{request}", OFFICER_KEY).json()
    (entry,) = story["entries"]
    assert entry["event"] == "request:refusal:record"
    assert entry["fields"]["refused_by"] == ["model.approval"]


def test_the_doctor_names_what_does_not_serve_and_why(governed: Governed) -> None:
    done = governed.sluis.sluis("doctor", "--json", check=False)
    checks = {one["check"]: one for one in json.loads(done.stdout)["checks"]}
    found = checks["each deployment serves an approved version"]
    assert not found["ok"]
    assert "bare (it states no version)" in found["todo"]


def test_an_approved_version_serves_under_the_name_that_the_engine_lists(
    governed: Governed,
) -> None:
    governed.register("chat", "1", engine=ENGINE)
    assert governed.ask("own").status_code == 403
    governed.approve("chat", "1")
    governed.promote("chat", "1")
    governed.sluis.until(lambda: governed.ask("own").status_code != 403, "the version is approved")
    missing = governed.ask("own")
    assert (missing.status_code, missing.json()["error"]["code"]) == (503, "no_upstream")
    assert "only an operator" in missing.json()["error"]["message"].lower()
    governed.house.listed = ["chat-v1"]
    governed.sluis.until(lambda: governed.ask("own", RESTRICTED).status_code == 200, "it is listed")
    answer = governed.ask("own", RESTRICTED)
    assert governed.house.last()["model"] == "chat-v1"
    assert answer.headers["x-sluis-model-version"] == "chat@1"
    assert "x-sluis-warning" not in answer.headers
    departed = governed.entry("request:departure:intent", model_version="chat@1")
    assert departed is not None
    assert departed["model_proof"] == "served_name"
    assert departed["model_digest"].startswith("sha256:")


def test_an_engine_without_a_list_is_said_to_be_unproven_on_record(governed: Governed) -> None:
    governed.register("quiet", "1", engine={**ENGINE, "served_name": "quiet"})
    governed.approve("quiet", "1")
    governed.house.listed = None
    text = governed.config().replace("chat@production", "quiet@1")
    applied(governed, text)
    governed.sluis.until(lambda: served_by(governed, "own") == "quiet@1", "it serves")
    assert governed.entry("request:departure:intent", model_version="quiet@1", model_proof="stated")
    applied(governed, governed.config())
    governed.house.listed = ["chat-v1"]


def test_policy_lets_unregistered_models_serve_with_a_warning_and_on_record(
    governed: Governed,
) -> None:
    applied(governed, governed.config(SERVING))
    governed.sluis.until(lambda: governed.ask("assistant").status_code == 200, "policy allows it")
    answer = governed.ask("assistant")
    assert answer.headers["x-sluis-warning"] == "model_unproven"
    name, _, version = answer.headers["x-sluis-model-version"].partition("@")
    assert (name, version.startswith("unproven-")) == ("bare", True)
    assert governed.entry("control:model:adopt", deployment="bare")
    departed = governed.entry("request:departure:intent", deployment="bare")
    assert departed is not None
    assert departed["model_proof"] == "none"
    assert "model_digest" not in departed
    path = f"/models/{name}/{version}/quarantine"
    stopped = governed.sluis.admin("POST", path, OFFICER_KEY, json={"reason": "nobody knows it"})
    assert stopped.status_code == 200, stopped.text
    governed.sluis.until(lambda: governed.ask("assistant").status_code == 403, "it is stopped")
    applied(governed, governed.config())


def test_another_name_in_the_answers_of_a_provider_is_on_record(governed: Governed) -> None:
    stated = {"provider": "eu", "model": "gpt", "region": "EU", "contract": "C-14"}
    governed.register("gpt", "1", external={**stated, "snapshot": "gpt-2026-01-01"})
    assert governed.ask("gpt").status_code == 403
    governed.approve("gpt", "1")
    governed.promote("gpt", "1")
    governed.sluis.until(lambda: governed.ask("gpt").status_code == 200, "it is approved")
    governed.eu.answers_as = "gpt-2026-01-01"
    assert governed.ask("gpt").headers["x-sluis-model-version"] == "gpt@1"
    assert governed.entry("gateway:model:drift") is None
    governed.eu.answers_as = "gpt-2026-09-09"
    assert governed.ask("gpt").status_code == 200
    drift = governed.entry("gateway:model:drift", deployment="gpt")
    assert drift is not None
    assert (drift["expected_model"], drift["reported_model"], drift["model_version"]) == (
        "gpt-2026-01-01",
        "gpt-2026-09-09",
        "gpt@1",
    )


def test_a_version_that_ends_says_when_and_then_is_gone(governed: Governed) -> None:
    stated = {"provider": "eu", "model": "gpt", "region": "EU", "contract": "C-14"}
    governed.register("ending", "1", external=stated)
    governed.approve("ending", "1")
    applied(governed, governed.config().replace("gpt@production", "ending@1"))
    governed.sluis.until(lambda: served_by(governed, "gpt") == "ending@1", "it serves")
    said = {"until": "2099-03-31", "reason": "another replaces it"}
    done = governed.sluis.admin("POST", "/models/ending/1/deprecate", json=said)
    assert done.json() == {"state": "deprecated"}
    governed.sluis.until(lambda: "sunset" in governed.ask("gpt").headers, "it says when it ends")
    answer = governed.ask("gpt")
    assert answer.headers["sunset"] == "Wed, 01 Apr 2099 00:00:00 GMT"
    assert answer.headers["x-sluis-warning"] == "model_deprecated"
    departed = governed.entry("request:departure:intent", model_version="ending@1")
    assert departed is not None
    assert departed["model_until"] == "2099-03-31"
    reason = {"reason": "another has replaced it"}
    governed.sluis.admin("POST", "/models/ending/1/retire", json=reason)
    governed.sluis.until(lambda: governed.ask("gpt").status_code == 410, "it is gone")
    gone = governed.ask("gpt")
    assert gone.json()["error"]["code"] == "model_retired"
    assert governed.entry("request:refusal:record", outcome="model_retired")
    assert "gpt" not in [one["id"] for one in models_of(governed)]
    applied(governed, governed.config())


def models_of(governed: Governed) -> list[dict[str, Any]]:
    """What the caller may ask for."""
    headers = {"authorization": f"Bearer {APP_KEY}"}
    answer = httpx.get(f"{governed.sluis.url}/v1/models", headers=headers, timeout=30)
    return list(answer.json()["data"])


def served_by(governed: Governed, model: str) -> str | None:
    """The version that has answered; None when none has."""
    answer = governed.ask(model)
    return answer.headers["x-sluis-model-version"] if answer.status_code == 200 else None


def applied(governed: Governed, config: str) -> None:
    """A file that is in force; what widens in it is approved by another person."""
    body = {"text": owned(governed, config), "source": "sluis.yaml"}
    answer = governed.sluis.admin("POST", "/apply", json=body)
    assert answer.status_code in (200, 202), answer.text
    if answer.status_code == 202:
        path = f"/proposals/{answer.json()['proposal']}/approve"
        done = governed.sluis.admin("POST", path, OFFICER_KEY, json={"comment": "agreed"})
        assert done.status_code == 200, done.text


def owned(governed: Governed, config: str) -> str:
    """Outside embedded mode every key of an administrator has an owner."""
    if not governed.sluis.database_url:
        return config
    return re.sub(r"name: (\w+), kind: admin,", r"name: \1, kind: admin, owner: \1,", config)
