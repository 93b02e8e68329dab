"""The statement about real processes: requests under way, a killed gateway, one person alone."""

import json
import threading
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.support.installation import APP_KEY, Installation
from tests.support.openai_api import OpenAIApi

pytestmark = [pytest.mark.e2e, pytest.mark.slow, pytest.mark.nightly]
_HEALTH = "Strikt vertrouwelijk: Jan de Vries, BSN 111222333, heeft suikerziekte."


@pytest.fixture(params=["sqlite", "postgres"])
def sluis(request: pytest.FixtureRequest, tmp_path: Path, config: str) -> Any:
    url = request.getfixturevalue("postgres_url") if request.param == "postgres" else None
    installation = Installation(tmp_path, database_url=url)
    installation.folder.mkdir(exist_ok=True)
    if url:
        installation.sluis("secrets", "create")
    installation.apply(config)
    try:
        installation.start("control", "gateway")
        yield installation
    finally:
        installation.stop()


def _asks(sluis: Installation, stop: threading.Event, answered: list[int]) -> None:
    body = {"model": "outside", "messages": [{"role": "user", "content": "hello"}]}
    with httpx.Client(timeout=10, headers={"authorization": f"Bearer {APP_KEY}"}) as client:
        while not stop.is_set():
            try:
                answered.append(
                    client.post(f"{sluis.url}/v1/chat/completions", json=body).status_code
                )
            except httpx.HTTPError:
                continue


def test_it_counts_what_left_and_names_what_is_not_proven(
    sluis: Installation, internal_provider: OpenAIApi, tmp_path: Path
) -> None:
    before = len(internal_provider.bodies)
    assert sluis.ask(_HEALTH).headers["x-sluis-zone"] == "internal"
    assert len(internal_provider.bodies) == before + 1
    stop, answered = threading.Event(), list[int]()
    load = threading.Thread(target=_asks, args=(sluis, stop, answered))
    load.start()
    try:
        sluis.until(lambda: len(answered) > 5, "answers")
        sluis.kill("gateway")
        sluis.start("gateway")
        again = len(answered)
        sluis.until(lambda: len(answered) > again + 3, "answers again")
    finally:
        stop.set()
        load.join()
    package = str(tmp_path / "p.zip")
    sluis.sluis(
        "audit", "export", "--from", "2020-01-01", "--to", "2100-01-01", "--output", package
    )
    said = sluis.sluis("audit", "verify", package, "--statement", "--json", "--language", "en")
    found = json.loads(said.stdout)["statement"]["sentences"]
    verdicts = {one["number"]: one["verdict"] for one in found}
    assert verdicts == {
        1: "proven",
        2: "proven",
        3: "not proven",
        4: "proven",
        5: "not proven",
    }, said.stdout
    reasons = {one["code"]: one for sentence in found for one in sentence["reasons"]}
    counted = reasons["s1_counts"]
    under_way = reasons.get("s1_under_way", {"count": 0})["count"]
    assert counted["requests"] == counted["closed"] + under_way
    assert counted["departures"] >= answered.count(200) + 1
    assert reasons["s2_counts"]["restricted"] == 1
    assert reasons["s2_rate"]["values"] > 0
    assert reasons["s4_release"]["count"] > 0  # the policies that ship
    dutch = sluis.sluis("audit", "verify", package, "--statement", "--language", "nl").stdout
    assert "3. NIET BEWEZEN: Elke zone" in dutch
