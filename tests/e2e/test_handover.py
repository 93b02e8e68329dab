"""A tag moves between versions of a worker under load: no request fails, and no stream is cut."""

import json
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.support.installation import ADMIN_KEY, OFFICER_KEY, Installation
from tests.support.tiny_model import make_tiny

pytestmark = [pytest.mark.e2e, pytest.mark.nightly, pytest.mark.timeout(300)]
EFFECTIVE_S = 5.0  # from ready to the first answer of the new version
CONFIG = """\
version: 1
providers: [{{name: house, kind: worker, base_url: "{worker}/v1", zone: internal}}]
deployments: [{{name: own, provider: house, model: tiny@production}}]
aliases: [{{name: inside, candidates: [own]}}]
teams: [{{name: support}}]
keys:
  - {{name: app, team: support, secret: "env:TEST_APP_KEY", clearance: restricted}}
  - {{name: admin, kind: admin, roles: [platform_admin, model_owner], secret: "env:TEST_ADMIN_KEY"}}
  - {{name: officer, kind: admin, roles: [policy_approver], secret: "env:TEST_OFFICER_KEY"}}
"""


@pytest.fixture
def sluis(tmp_path: Path) -> Iterator[Installation]:
    """An installation that serves version 1 of three."""
    place = Installation(tmp_path)
    place.apply(CONFIG.format(worker=place.worker))
    try:
        place.start("control")
        for seed, version in enumerate(("1", "2", "3"), start=7):
            register(place, version, make_tiny(place.folder / f"tiny-{version}", seed=seed))
        promote(place, "1")
        place.start("worker", "gateway")
        yield place
    finally:
        place.stop()


def register(sluis: Installation, version: str, directory: Path) -> None:
    sluis.sluis("models", "register", "tiny", version, "--base", str(directory))
    done = sluis.admin("POST", f"/models/tiny/{version}/approve", OFFICER_KEY)
    assert done.status_code == 200, done.text


def promote(sluis: Installation, version: str) -> None:
    body = {"tag": "production"}
    done = sluis.admin("POST", f"/models/tiny/{version}/promote", ADMIN_KEY, json=body)
    assert done.status_code == 200, done.text


@dataclass
class Load:
    """Requests one after another, and streams beside them, until they are stopped."""

    sluis: Installation
    model: str = "tiny"
    stream_tokens: int = 900
    statuses: Counter[int] = field(default_factory=Counter)
    versions: list[str] = field(default_factory=list)
    streams: list[tuple[float, float, str, str]] = field(default_factory=list)
    ended: threading.Event = field(default_factory=threading.Event)

    def ask(self) -> None:
        while not self.ended.is_set():
            answer = self.sluis.ask(body(max_tokens=2))
            self.statuses[answer.status_code] += 1
            self.versions.append(answer.headers.get("x-sluis-model-version", ""))

    def stream(self) -> None:
        while not self.ended.is_set():
            began = time.monotonic()
            answer = self.sluis.ask(body(max_tokens=self.stream_tokens, stream=True))
            self.statuses[answer.status_code] += 1
            version = answer.headers.get("x-sluis-model-version", "")
            self.streams.append((began, time.monotonic(), version, answer.text))

    def serves(self, version: str) -> bool:
        return self.versions[-1:] == [f"{self.model}@{version}"]


def body(**fields: Any) -> dict[str, Any]:
    said = [{"role": "user", "content": "Hallo"}]
    return {"model": "inside", "messages": said, "temperature": 0, **fields}


@contextmanager
def load_on(sluis: Installation, **options: Any) -> Iterator[Load]:
    load = Load(sluis, **options)
    with ThreadPoolExecutor(2) as pool:
        running = [pool.submit(load.ask), pool.submit(load.stream)]
        try:
            yield load
        finally:
            load.ended.set()
        for one in running:
            one.result(timeout=60)


def loaded(sluis: Installation, version: str) -> bool:
    models = httpx.get(f"{sluis.worker}/health/ready").json()["models"]
    return (models[0]["id"], models[0]["state"]) == (f"tiny@{version}", "ready")


def move(sluis: Installation, load: Load, version: str) -> float:
    """Moves the tag; returns when requests went to the version, which is soon after it is ready."""
    promote(sluis, version)
    sluis.until(lambda: loaded(sluis, version), "the worker has loaded it")
    ready = time.monotonic()
    sluis.until(lambda: load.serves(version), "requests go to it")
    effective = time.monotonic()
    assert effective - ready < EFFECTIVE_S
    return effective


def test_promote_and_roll_back_under_load(sluis: Installation) -> None:
    with load_on(sluis) as load:
        sluis.until(lambda: load.serves("1"), "requests are answered")
        first = move(sluis, load, "2")
        second = move(sluis, load, "1")
    assert set(load.statuses) == {200}
    assert set(load.versions) == {"tiny@1", "tiny@2"}
    for _, _, _, text in load.streams:
        assert text.endswith("data: [DONE]\n\n")
        assert '"error"' not in text
    across = {
        (version, at)
        for began, end, version, _ in load.streams
        for at in (first, second)
        if began < at < end
    }
    assert across
    moves = [("tiny@1", "tiny@2"), ("tiny@2", "tiny@1")]
    sluis.until(lambda: switches(sluis)[-2:] == moves, "both moves are on record")
    closed = [one for one in sluis.entries() if one["event"] == "request:answer:close"]
    assert {one["outcome"] for one in closed} == {"ok"}


def switches(sluis: Installation) -> list[tuple[str, str]]:
    found = [one for one in sluis.entries() if one["event"] == "gateway:model:switch"]
    return [(one["before"], one["model_version"]) for one in found]


def spoil(sluis: Installation, version: str) -> None:
    """Changes a byte of a version's files."""
    weights = sluis.folder / f"tiny-{version}" / "model.safetensors"
    whole = weights.read_bytes()
    weights.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))


def answers(sluis: Installation) -> str | None:
    """The version that answers now; None when the request is refused."""
    version: str | None = sluis.ask(body(max_tokens=2)).headers.get("x-sluis-model-version")
    return version


def held(sluis: Installation) -> list[dict[str, Any]]:
    return [one for one in sluis.entries() if one["event"] == "gateway:model:hold"]


def test_a_version_that_cannot_be_loaded_leaves_the_one_before_in_place(
    sluis: Installation,
) -> None:
    spoil(sluis, "3")
    with load_on(sluis) as load:
        sluis.until(lambda: load.serves("1"), "requests are answered")
        promote(sluis, "3")
        sluis.until(lambda: held(sluis), "the refusal is on record")
        count = len(load.versions)
        sluis.until(lambda: len(load.versions) > count + 5, "requests go on")
    assert set(load.statuses) == {200}
    assert set(load.versions) == {"tiny@1"}
    [entry] = held(sluis)
    assert (entry["model_version"], entry["before"]) == ("tiny@3", "tiny@1")
    assert entry["load_failure"] == "files_changed"
    checked = json.loads(sluis.sluis("doctor", "--json", check=False).stdout)["checks"]
    [todo] = [one["todo"] for one in checked if "has loaded" in one["check"] and not one["ok"]]
    assert "tiny@3 (tiny@1 goes on; restore the approved files" in todo
    assert httpx.get(f"{sluis.worker}/health/ready").status_code == 200
    sluis.kill("worker")
    sluis.start("worker")
    sluis.until(lambda: answers(sluis) == "tiny@1", "it serves the one before after a start too")


def test_a_quarantined_version_never_stands_in(sluis: Installation) -> None:
    for version in ("2", "1"):
        promote(sluis, version)
        wanted = f"tiny@{version}"
        sluis.until(lambda wanted=wanted: answers(sluis) == wanted, f"{wanted} serves")
    spoil(sluis, "3")
    promote(sluis, "3")
    sluis.until(lambda: held(sluis), "the refusal is on record")
    assert answers(sluis) == "tiny@1"
    done = sluis.admin("POST", "/models/tiny/1/quarantine", ADMIN_KEY, json={"reason": "wrong"})
    assert done.status_code == 200, done.text
    sluis.until(lambda: answers(sluis) != "tiny@1", "it is out of use")
    sluis.until(lambda: answers(sluis) == "tiny@2", "the one before it stands in")
