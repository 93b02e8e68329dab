"""Names in running text: found by the classifier, and kept internal when it is unavailable."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from tests.support.installation import APP_KEY, Installation
from tests.support.openai_api import OpenAIApi

pytestmark = pytest.mark.e2e
PLAIN = "Ik heb gisteren Fatima el Amrani gesproken; zij woont sinds mei in Meppel."


@contextmanager
def stopped(pids: list[int]) -> Iterator[None]:
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in pids:
            os.kill(pid, signal.SIGCONT)


def detectors(sluis: Installation) -> list[int]:
    """The detector processes of the gateway of this installation."""
    gateway = sluis._running["gateway"].pid
    listed = Path(f"/proc/{gateway}/task/{gateway}/children").read_text(encoding="utf-8")
    found = [int(pid) for pid in listed.split()]
    return [pid for pid in found if b"worker_process" in Path(f"/proc/{pid}/cmdline").read_bytes()]


def unread(sluis: Installation) -> float:
    """The requests that the gateway could not read in time until now."""
    name = 'sluis_gateway_unread_requests_total{sluis_reason="deadline"}'
    lines = httpx.get(f"{sluis.url}/metrics", timeout=10).text.splitlines()
    return sum(float(line.split()[-1]) for line in lines if line.startswith(name))


def test_names_without_cues_leave_redacted_and_come_back(
    sluis: Installation, eu: OpenAIApi
) -> None:
    answer = sluis.ask(PLAIN)
    sent = eu.bodies[-1].decode()
    assert "Fatima" not in sent
    assert "Meppel" not in sent
    assert PLAIN in answer.json()["choices"][0]["message"]["content"]
    assert answer.headers["x-sluis-sensitivity"] == "confidential"


def test_text_that_is_not_scanned_in_time_stays_internal(
    sluis: Installation, eu: OpenAIApi, global_provider: OpenAIApi
) -> None:
    before, unread_before = (len(eu.bodies), len(global_provider.bodies)), unread(sluis)
    with stopped(detectors(sluis)):
        inside = sluis.ask("Vraag over de heer Ten Brinke, die gisteren belde.")
        refused = sluis.ask({
            "model": "outside",
            "messages": [{"role": "user", "content": "Een vraag die nog niemand stelde."}],
        })
        detect = httpx.post(
            f"{sluis.url}/v1/privacy/detect",
            json={"text": "Nog een tekst van Ten Brinke."},
            headers={"authorization": f"Bearer {APP_KEY}"},
            timeout=30,
        )
    assert inside.headers["x-sluis-zone"] == "internal"
    assert inside.headers["x-sluis-unread"] == "deadline"
    assert inside.headers["x-sluis-rerouted"] == "unread"
    entry = sluis.entries(inside.headers["x-sluis-audit-id"])[0]
    assert (entry["failed"], entry["unread_reason"]) == (["names"], "deadline")
    assert unread(sluis) == unread_before + 3
    metrics = httpx.get(f"{sluis.url}/metrics").text
    assert "# TYPE sluis_gateway_detector_known_characters_total counter" in metrics
    assert "sluis_gateway_detector_waiting 0" in metrics
    assert refused.status_code == 403
    assert "control.names" in refused.json()["error"]["message"]
    assert (detect.status_code, detect.headers["x-sluis-unread"]) == (503, "deadline")
    assert (len(eu.bodies), len(global_provider.bodies)) == before
    assert (
        sluis.ask("Vraag over de heer Ten Brinke, die gisteren belde.").headers["x-sluis-zone"]
        == "eu"
    )  # an unread text is not remembered as read
