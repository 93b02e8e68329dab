"""A person leaves: tokens, running streams, sign-ons and owned keys end within seconds."""

import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.support.installation import OFFICER_KEY, Installation
from tests.support.issuer import AUDIENCE, TestIssuer
from tests.support.openai_api import OpenAIApi
from tests.support.persons import owned

pytestmark = [pytest.mark.e2e, pytest.mark.slow]
LIMIT_S = 5.0
IDENTITY = """\
identity:
  issuers:
    - name: staff
      issuer: "{issuer}"
      audience: {audience}
      roles_claim: groups
      roles: {{officers: compliance_officer}}
      groups:
        - {{group: staff, team: support, models: [outside, assistant]}}
      scim: {{subject: externalId}}
"""
REASON = {"reason": "left the company"}
STORY = "example: slow; " + "tell me a long story " * 40


@pytest.fixture(scope="module")
def issuer() -> Iterator[TestIssuer]:
    with TestIssuer() as running:
        yield running


@pytest.fixture(scope="module")
def leaving(
    tmp_path_factory: pytest.TempPathFactory, config: str, issuer: TestIssuer
) -> Iterator[Installation]:
    installation = Installation(tmp_path_factory.mktemp("leaving"))
    installation.apply(owned(config) + IDENTITY.format(issuer=issuer.url, audience=AUDIENCE))
    try:
        installation.start("control", "gateway")
        yield installation
    finally:
        installation.stop()


def streamed(leaving: Installation, credential: str, *, act: Any) -> tuple[str, float]:
    """All of a slow answer that came, and the seconds from ``act``, early in it, to its end."""
    body = {
        "model": "outside",
        "stream": True,
        "messages": [{"role": "user", "content": STORY}],
    }
    got, began = "", 0.0
    with httpx.stream(
        "POST",
        f"{leaving.url}/v1/chat/completions",
        json=body,
        headers={"authorization": f"Bearer {credential}"},
        timeout=60,
    ) as answer:
        assert answer.status_code == 200, answer.read()
        for line in answer.iter_lines():
            got += line
            if not began and "content" in line:
                act()
                began = time.monotonic()
    return got, time.monotonic() - began


def ended_early(got: str) -> bool:
    """Whether an answer ended with the refusal, without a reason of the model's own."""
    return "invalid_api_key" in got and '"finish_reason":"stop"' not in got


def deactivate(leaving: Installation, reference: str) -> httpx.Response:
    return leaving.admin("POST", f"/persons/{reference}/deactivate", OFFICER_KEY, json=REASON)


def until_refused(leaving: Installation, credential: str) -> httpx.Response:
    """The refusal, once the gateway has the snapshot."""
    ends = time.monotonic() + LIMIT_S
    while (answer := leaving.ask("hello", credential)).status_code != 401:
        assert time.monotonic() < ends
    return answer


def test_a_running_stream_ends_and_the_token_is_refused(
    leaving: Installation, issuer: TestIssuer, eu: OpenAIApi
) -> None:
    token = issuer.token(
        "carla", name="Carla", email="carla@example.nl", groups=["officers", "staff"]
    )
    assert leaving.admin("GET", "/me", token).status_code == 200  # the person is known now
    got, seconds = streamed(
        leaving, token, act=lambda: deactivate(leaving, "carla@example.nl").raise_for_status()
    )
    assert seconds < LIMIT_S
    assert ended_early(got)
    refused = until_refused(leaving, token)
    assert "deactivated" in refused.json()["error"]["message"]
    assert leaving.admin("GET", "/me", token).status_code == 401
    again = issuer.token("carla", groups=["staff"], iat=int(time.time()) + 20)  # of a later sign-on
    assert leaving.admin("GET", "/me", again).status_code == 401
    assert leaving.ask("hello", again).status_code == 401


def test_the_keys_of_a_leaver_are_blocked_and_can_be_handed_over(
    leaving: Installation, issuer: TestIssuer, eu: OpenAIApi
) -> None:
    for name in ("dirk", "els"):
        token = issuer.token(name, name=name.title(), email=f"{name}@example.nl", groups=["staff"])
        assert leaving.admin("GET", "/me", token).status_code == 200
    body = {"name": "dirks-bot", "team": "support", "owner": "Dirk@example.nl"}
    key = leaving.admin("POST", "/keys", json=body).json()

    def usable() -> bool:
        return leaving.ask("hello", key["secret"]).status_code == 200

    leaving.until(usable, "the new key is in force")
    done: list[httpx.Response] = []
    got, seconds = streamed(
        leaving, key["secret"], act=lambda: done.append(deactivate(leaving, "dirk@example.nl"))
    )
    assert done[0].json()["blocked_keys"] == [key["id"]]
    assert seconds < LIMIT_S
    assert ended_early(got)
    refused = until_refused(leaving, key["secret"])
    assert "its owner has left" in refused.json()["error"]["message"]
    listed = leaving.admin("GET", "/keys").json()["keys"]
    assert [one["blocked"] for one in listed if one["id"] == key["id"]] == [True]

    to = {"owner": "els@example.nl", **REASON}
    waiting = leaving.admin("POST", f"/keys/{key['id']}/hand-over", json=to)
    assert waiting.status_code == 202
    assert leaving.ask("hello", key["secret"]).status_code == 401  # nothing has changed yet
    path = f"/proposals/{waiting.json()['proposal']}/approve"
    assert leaving.admin("POST", path, OFFICER_KEY, json={}).is_success
    leaving.until(usable, "the key works for its new owner", limit=LIMIT_S)


def test_a_person_comes_back_when_another_person_approves(
    leaving: Installation, issuer: TestIssuer, eu: OpenAIApi
) -> None:
    token = issuer.token("femke", name="Femke", email="femke@example.nl", groups=["staff"])
    assert leaving.admin("GET", "/me", token).status_code == 200
    assert deactivate(leaving, "femke@example.nl").is_success
    until_refused(leaving, token)
    waiting = leaving.admin("POST", "/persons/femke@example.nl/reactivate", json=REASON)
    assert waiting.status_code == 202
    assert leaving.admin("GET", "/me", token).status_code == 401
    path = f"/proposals/{waiting.json()['proposal']}/approve"
    assert leaving.admin("POST", path, OFFICER_KEY, json={}).is_success
    assert leaving.admin("GET", "/me", token).status_code == 200
    leaving.until(lambda: leaving.ask("hello", token).status_code == 200, "back", limit=LIMIT_S)


def test_a_pseudonym_in_the_trail_is_enough_to_cut_somebody_off(
    leaving: Installation, issuer: TestIssuer, eu: OpenAIApi
) -> None:
    token = issuer.token("visitor", groups=["staff"])
    answer = leaving.ask("hello", token)
    principal = leaving.entries(answer.headers["x-sluis-audit-id"])[0]["principal"]
    assert deactivate(leaving, principal).is_success
    until_refused(leaving, token)
