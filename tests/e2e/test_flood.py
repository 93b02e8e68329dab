"""A flood of bad keys: counted above a rate, without loss, and without effect on good requests."""

import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from gateway.evidence.refusal_counter import SINGLES_PER_SECOND
from tests.support.installation import OFFICER_KEY, Installation

pytestmark = pytest.mark.e2e
BAD, GOOD = 600, 25
RECORD, COUNT = "request:refusal:record", "request:refusal:count"


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory, config: str) -> Iterator[Installation]:
    """An installation of this file alone, so that its entries can be counted."""
    sluis = Installation(tmp_path_factory.mktemp("flood"))
    sluis.apply(config)
    sluis.start("control", "gateway")
    yield sluis
    sluis.stop()


def flood(url: str, bad: int, answers: Counter[int], ids: set[str]) -> None:
    with httpx.Client(headers={"authorization": "Bearer sk-wrong-0000000000000"}) as client:
        for number in range(bad):
            path = "/v1/nowhere" if number % 5 == 0 else "/v1/chat/completions"
            answer = client.post(f"{url}{path}", json={"model": "outside", "messages": []})
            answers[answer.status_code] += 1
            ids.add(answer.headers["x-sluis-audit-id"])


def test_a_flood_is_counted_and_good_requests_are_recorded_singly(own: Installation) -> None:
    answers: Counter[int] = Counter()
    ids: set[str] = set()
    began = time.monotonic()
    with ThreadPoolExecutor(5) as threads:
        attacks = [threads.submit(flood, own.url, BAD // 4, answers, ids) for _ in range(4)]
        good = [own.ask("Hello").headers["x-sluis-audit-id"] for _ in range(GOOD)]
        for attack in attacks:
            attack.result()
    lasted = time.monotonic() - began
    assert answers == {401: BAD * 4 // 5, 404: BAD // 5}
    since = own.admin("GET", "/overview?since=0", OFFICER_KEY).json()["by"]["outcome"]
    own.kill("control")
    own.stop()
    entries = own.entries()
    assert entries[-1]["event"] == "trail:log:close"  # who is told to stop puts things in order
    singles = [entry for entry in entries if entry["event"] == RECORD]
    counted = [entry for entry in entries if entry["event"] == COUNT]
    assert len(singles) + sum(entry["count"] for entry in counted) == BAD
    # At most the rate, and one of each reason, network and second.
    assert len(singles) <= SINGLES_PER_SECOND * (lasted + 2)
    assert len(counted) <= 2 * (lasted + 2)
    assert {entry["network"] for entry in singles + counted} == {counted[0]["network"]}
    assert "127.0.0" not in str(entries)
    by_reason: Counter[str] = Counter()
    for entry in singles + counted:
        by_reason[entry["outcome"]] += entry.get("count", 1)
    assert by_reason == {"invalid_api_key": BAD * 4 // 5, "not_found": BAD // 5}
    assert ids == {entry["request"] for entry in singles + counted}
    assert since["ok"] == GOOD
    recorded = Counter(entry["request"] for entry in entries if entry["request"] in set(good))
    assert recorded == dict.fromkeys(good, 2)  # the departure and the close of each
