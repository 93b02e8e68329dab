"""The control plane is killed while it activates a bundle: the bundle is the old or the new one.

Two files of each bundle name the same round, so that a mixture of two would be seen.
"""

import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.support.installation import OFFICER_KEY, Installation, config_for
from tests.support.openai_api import OpenAIApi

pytestmark = [pytest.mark.e2e, pytest.mark.slow, pytest.mark.nightly]
SHARES = (0.2, 0.6, 0.9, 1.0)  # of the time that an approval takes
EVER = ("--from", "2020-01-01", "--to", "2100-01-01")
RULE = """
  - id: round-{number}
    owner: security
    stages: [input]
    action: flag
    reason: {{en: A round., nl: Een ronde.}}
    patterns: [round-{number}]
"""
CASES = """
- name: round {number} is flagged
  what: {{level: internal, texts: ["A text about round-{number}."]}}
  where: {{zone: eu}}
  expect: {{decision: allow, rules: [round-{number}]}}
- name: another text is not
  what: {{level: internal, texts: ["A horse."]}}
  where: {{zone: eu}}
  expect: {{decision: allow, without: [round-{number}]}}
"""


@pytest.fixture(scope="module")
def governed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    folder = tmp_path_factory.mktemp("killed")
    with OpenAIApi() as api:
        sluis = Installation(folder)
        sluis.apply(config_for(eu=api.url, global_provider=api.url, internal_provider=api.url))
        sluis.start("control", "gateway")
        yield sluis
        sluis.stop()


def files_of(base: str, number: int) -> dict[str, str]:
    return {
        "content.yaml": base + RULE.format(number=number),
        "tests/rounds.yaml": CASES.format(number=number),
    }


def in_force(sluis: Installation) -> dict[str, str]:
    files: dict[str, str] = sluis.admin("GET", "/policies").json()["files"]
    return {name: files.get(name, "") for name in ("content.yaml", "tests/rounds.yaml")}


def proposed(sluis: Installation, files: dict[str, str]) -> str:
    answer = sluis.admin("POST", "/policies/proposals", json={"files": files})
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


def approve(sluis: Installation, proposal: str) -> httpx.Response:
    return sluis.admin("POST", f"/proposals/{proposal}/approve", OFFICER_KEY, json={})


def killed_in(sluis: Installation, proposal: str, after_s: float) -> None:
    """Approves a proposal, kills the control plane meanwhile, and starts it again."""
    answers: list[Any] = []

    def ask() -> None:
        with suppress(httpx.HTTPError):
            answers.append(approve(sluis, proposal))

    asking = threading.Thread(target=ask)
    asking.start()
    asking.join(timeout=after_s)
    sluis.kill("control")
    asking.join()
    sluis.start("control")


def test_a_bundle_is_activated_whole_or_not_at_all(governed: Installation) -> None:
    base = in_force(governed)["content.yaml"]
    first = files_of(base, 0)
    proposal = proposed(governed, first)
    began = time.monotonic()
    assert approve(governed, proposal).status_code == 200
    took = time.monotonic() - began
    before = first
    for number, share in enumerate(SHARES, start=1):
        files = files_of(base, number)
        proposal = proposed(governed, files)
        killed_in(governed, proposal, took * share)
        found = in_force(governed)
        assert found in (before, files)
        again = approve(governed, proposal)
        assert again.status_code == (404 if found == files else 200), again.text
        assert in_force(governed) == files
        answer = governed.ask("A text.")
        assert answer.status_code == 200, answer.text
        before = files

    def converged() -> bool:
        return bool(governed.admin("GET", "/policies/status").json()["converged"])

    governed.until(converged, "the gateway runs the last bundle")
    verified = governed.sluis("audit", "verify", str(exported(governed)), check=False)
    assert verified.returncode == 0, verified.stdout + verified.stderr


def exported(sluis: Installation) -> Path:
    package = sluis.folder / "trail.zip"
    sluis.sluis("audit", "export", *EVER, "--output", str(package))
    return package
