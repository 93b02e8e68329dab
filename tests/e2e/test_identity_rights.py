"""Tokens of an identity provider on the data plane: what groups and workloads may use."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.support.identity_provider import AUDIENCE, IdentityProvider
from tests.support.installation import APP_KEY, LOW_KEY, OFFICER_KEY, PUBLIC_KEY, Installation
from tests.support.openai_api import OpenAIApi

pytestmark = [pytest.mark.e2e, pytest.mark.slow, pytest.mark.nightly]
BOT = "system:serviceaccount:support:bot"
HEADER = "x-sluis-on-behalf-of"
EMAIL = "jan.kwijt@example.nl"
ISSUER = """\
identity:
  issuers:
    - name: staff
      issuer: "{url}"
      audience: "{audience}"
      roles_claim: groups
      roles: {{admins: platform_admin}}
"""
MAPPINGS = """\
      groups:
        - {group: agents, team: support, models: [outside, inside], purposes: [service]}
        - {group: trainees, team: support, models: [inside], clearance: internal}
        - {group: press, team: press, models: [assistant], purposes: [open], floor: public}
        - {when: {employee_type: intern}, models: [inside], clearance: internal}
      applications:
        "system:serviceaccount:support:bot": {team: support, models: [outside]}
"""


@pytest.fixture(scope="module")
def provider() -> Iterator[IdentityProvider]:
    with IdentityProvider() as made:
        yield made


@pytest.fixture(scope="module")
def governed(
    tmp_path_factory: pytest.TempPathFactory, config: str, provider: IdentityProvider
) -> Iterator[Installation]:
    installation = Installation(tmp_path_factory.mktemp("rights"))
    installation.apply(written(config, provider))
    try:
        installation.start("control", "gateway")
        yield installation
    finally:
        installation.stop()


def written(config: str, provider: IdentityProvider, mappings: str = MAPPINGS) -> str:
    return config + ISSUER.format(url=provider.url, audience=AUDIENCE) + mappings


def chat(model: str, text: str = "What is a lock?", **fields: Any) -> dict[str, Any]:
    return {"model": model, "messages": [{"role": "user", "content": text}], **fields}


def models_of(sluis: Installation, credential: str, **headers: str) -> list[str]:
    answer = httpx.get(
        f"{sluis.url}/v1/models",
        headers={"authorization": f"Bearer {credential}", **headers},
        timeout=30,
    )
    assert answer.status_code == 200, answer.text
    return [model["id"] for model in answer.json()["data"]]


def refused(answer: httpx.Response) -> tuple[int, str, str | None]:
    error = answer.json()["error"]
    return answer.status_code, error["code"], error["param"]


def entry_of(sluis: Installation, answer: httpx.Response) -> dict[str, Any]:
    return sluis.entries(answer.headers["x-sluis-audit-id"])[-1]


def logs_of(sluis: Installation) -> str:
    return "".join(path.read_text() for path in sluis.folder.glob("*.log"))


@pytest.mark.parametrize("groups", [(), ("secret-group-canary",), ("admins",)])
def test_who_is_mapped_nowhere_may_use_nothing_and_that_is_on_record(
    governed: Installation, eu: OpenAIApi, provider: IdentityProvider, groups: tuple[str, ...]
) -> None:
    token, sent = provider.token("nowhere", *groups), len(eu.bodies)
    authorization = {"authorization": f"Bearer {token}"}
    answers = [governed.ask(chat(name), token) for name in ("outside", "assistant", "gpt-eu", "?")]
    for path in ("/v1/models", "/v1/models/outside"):
        answers.append(httpx.get(f"{governed.url}{path}", headers=authorization, timeout=30))
    detect = f"{governed.url}/v1/privacy/detect"
    answers.append(httpx.post(detect, json={"text": "x"}, headers=authorization, timeout=30))
    for answer in answers:
        assert refused(answer) == (403, "access_denied", None)
        message = answer.json()["error"]["message"]
        assert "none of its groups is mapped" in message
        assert "identity.issuers.groups" in message
        assert "canary" not in answer.text
        entry = entry_of(governed, answer)
        assert entry["event"] == "request:refusal:record"
        assert entry["outcome"] == "access_denied"
        assert entry["principal"].startswith("u_")
        assert entry["principal_kind"] == "person"
    assert len({entry_of(governed, answer)["principal"] for answer in answers}) == 1
    assert len(eu.bodies) == sent
    assert "canary" not in json.dumps(governed.entries()) + logs_of(governed)


def test_a_group_gives_its_models_purposes_and_clearance(
    governed: Installation, provider: IdentityProvider
) -> None:
    agent = provider.token("anna", "strangers", "agents")
    assert models_of(governed, agent) == ["outside", "inside"]
    answer = governed.ask(chat("outside"), agent)
    assert answer.status_code == 200, answer.text
    entry = governed.entries(answer.headers["x-sluis-audit-id"])[0]
    assert (entry["team"], entry["purpose"]) == ("support", "service")
    assert entry["principal_kind"] == "person"
    assert refused(governed.ask(chat("assistant"), agent)) == (404, "model_not_found", "model")
    other = governed.ask(chat("outside"), agent, x_sluis_purpose="open")
    assert refused(other) == (403, "access_denied", "x-sluis-purpose")
    trainee = provider.token("tom", "trainees")
    assert governed.ask(chat("inside"), trainee).status_code == 200
    above = governed.ask(chat("inside", f"Schrijf naar {EMAIL}."), trainee)
    assert refused(above)[:2] == (403, "access_denied")


def test_the_declared_order_decides_and_teams_are_not_joined(
    governed: Installation, provider: IdentityProvider
) -> None:
    both = provider.token("bo", "press", "trainees", "agents")
    assert models_of(governed, both) == ["outside", "inside"]
    answer = governed.ask(chat("inside"), both)
    assert entry_of(governed, answer)["outcome"] == "ok"
    assert governed.entries(answer.headers["x-sluis-audit-id"])[0]["team"] == "support"
    assert models_of(governed, provider.token("bo", "press")) == ["assistant"]


def test_a_claim_can_give_rights_too(governed: Installation, provider: IdentityProvider) -> None:
    assert models_of(governed, provider.token("ida", employee_type="intern")) == ["inside"]
    refusal = governed.ask(chat("inside"), provider.token("ida", employee_type="staff"))
    assert refused(refusal)[:2] == (403, "access_denied")


@pytest.mark.parametrize(
    ("groups", "status"),
    [
        ("agents", 200),
        (["agents", 7, None, True, ["x"], {"y": "z"}], 200),
        (["agents"] * 300, 200),
        (["Agents", "agents\u200b", "agents ", "*", "agents,press", "", "\U0001f600"], 403),
        ([["agents"]], 403),
        ({"agents": True}, 403),
        ({"0": "agents"}, 403),
        (7, 403),
        (True, 403),
        (None, 403),
        ([f"6f2b3c1e-8a51-4a57-9e1e-{number:012x}" for number in range(100)], 403),
        ([f"group-{number}" for number in range(2_000)], 401),  # longer than a token may be
        ([f"group-{number}" for number in range(10_000)], 431),
    ],
)
def test_groups_of_any_shape_give_what_is_mapped_or_nothing(
    governed: Installation, provider: IdentityProvider, groups: Any, status: int
) -> None:
    answer = governed.ask(chat("inside"), provider.token("odd", groups=groups))
    assert answer.status_code == status, answer.text


def test_a_workload_has_the_rights_of_its_exact_subject(
    governed: Installation, provider: IdentityProvider
) -> None:
    bot = provider.token(BOT, "agents", client_id=BOT)
    assert models_of(governed, bot) == ["outside"]
    answer = governed.ask(chat("outside"), bot)
    entry = governed.entries(answer.headers["x-sluis-audit-id"])[0]
    assert (entry["principal_kind"], entry["team"]) == ("app", "support")
    for other in (BOT + "2", BOT[:-1], "*"):
        refusal = governed.ask(chat("outside"), provider.token(other, "agents", client_id=other))
        assert refused(refusal)[:2] == (403, "access_denied")
        assert "identity.issuers.applications" in refusal.json()["error"]["message"]
        assert entry_of(governed, refusal)["principal_kind"] == "app"


# On behalf of


def on_behalf(
    sluis: Installation, body: Any, user: str, credential: str = APP_KEY, **headers: str
) -> httpx.Response:
    return sluis.ask(body, credential, **{HEADER: user, **headers})


def test_both_are_on_record_and_the_token_goes_nowhere(
    governed: Installation, eu: OpenAIApi, provider: IdentityProvider
) -> None:
    anna = provider.token("anna", "agents")
    person = governed.entries(governed.ask(chat("outside"), anna).headers["x-sluis-audit-id"])[0]
    answer = on_behalf(governed, chat("outside"), anna)
    assert answer.status_code == 200, answer.text
    intent, close = governed.entries(answer.headers["x-sluis-audit-id"])
    assert (intent["principal"], intent["principal_kind"]) == ("k_app", "app")
    assert intent["on_behalf_of"] == person["principal"]  # the same person as with an own token
    assert intent["team"] == "support"
    assert close["request"] == intent["request"]
    query = f"/audit?on_behalf_of={person['principal']}"
    found = governed.admin("GET", query, OFFICER_KEY).json()["entries"]
    assert intent["request"] in {one["request"] for one in found}
    assert HEADER not in eu.headers[-1]
    seen = json.dumps([*eu.headers, *governed.entries()]) + logs_of(governed)
    assert anna not in seen
    assert anna.split(".")[2] not in seen
    denied = on_behalf(governed, chat("assistant"), anna)
    entry = entry_of(governed, denied)
    assert entry["event"] == "request:refusal:record"
    assert (entry["principal"], entry["on_behalf_of"]) == ("k_app", person["principal"])


def test_the_narrower_rights_of_both_hold(
    governed: Installation, provider: IdentityProvider
) -> None:
    anna, tom = provider.token("anna", "agents"), provider.token("tom", "trainees")
    assert models_of(governed, LOW_KEY) == ["outside"]
    assert models_of(governed, LOW_KEY, **{HEADER: anna}) == ["outside"]
    assert models_of(governed, APP_KEY, **{HEADER: tom}) == ["inside"]
    both = on_behalf(governed, chat("outside"), tom, LOW_KEY)
    assert refused(both) == (403, "access_denied", HEADER)  # no model in common
    assert "no model in common" in both.json()["error"]["message"]
    text = f"Schrijf naar {EMAIL}."
    assert governed.ask(chat("inside", text)).status_code == 200
    limited = on_behalf(governed, chat("inside", text), tom)
    assert refused(limited)[:2] == (403, "access_denied")
    other = on_behalf(governed, chat("outside"), anna, PUBLIC_KEY)
    assert refused(other) == (403, "access_denied", HEADER)  # no purpose in common
    press = on_behalf(governed, chat("assistant"), provider.token("piet", "press"), PUBLIC_KEY)
    assert press.headers["x-sluis-sensitivity"] == "public"


def test_stored_values_are_restored_for_the_proven_user_only(
    governed: Installation, eu: OpenAIApi, provider: IdentityProvider
) -> None:
    anna, bo = provider.token("anna", "agents"), provider.token("bo", "agents")
    named = {"x_sluis_conversation": "c-1"}
    told = on_behalf(governed, chat("outside", f"Schrijf naar {EMAIL}."), anna, **named)
    assert told.status_code == 200, told.text
    placeholder = eu.last()["messages"][0]["content"].removeprefix("Schrijf naar ")[:-1]
    assert placeholder.startswith("[EMAIL_")
    question = chat("outside", f"Wie is {placeholder}?")

    def said(answer: httpx.Response) -> str:
        assert answer.status_code == 200, answer.text
        return str(answer.json()["choices"][0]["message"]["content"])

    again = provider.token("anna", "agents", jti="another token")
    assert said(on_behalf(governed, question, again, **named)) == f"Echo: Wie is {EMAIL}?"
    kept = f"Echo: Wie is {placeholder}?"
    assert said(on_behalf(governed, question, bo, **named)) == kept
    assert said(governed.ask(question, **named)) == kept
    assert said(governed.ask(question, **named, x_sluis_user="anna")) == kept


def test_a_user_without_rights_is_refused_with_both_on_record(
    governed: Installation, provider: IdentityProvider
) -> None:
    answer = on_behalf(governed, chat("outside"), provider.token("nowhere", "canary-group"))
    assert refused(answer) == (403, "access_denied", HEADER)
    assert "canary" not in answer.text
    entry = entry_of(governed, answer)
    assert entry["principal"] == "k_app"
    assert entry["on_behalf_of"].startswith("u_")


def test_a_token_that_proves_no_user_is_refused(
    governed: Installation, provider: IdentityProvider
) -> None:
    with IdentityProvider() as stranger:
        foreign = stranger.token("anna", "agents")
    good = provider.token("anna", "agents")
    for wrong in (
        "",
        "anna",
        f"Bearer {good}",
        good[:-6] + "AAAAAA",
        foreign,
        provider.token("anna", "agents", seconds=-120),
        provider.token("anna", "agents", aud="urn:other"),
        provider.token(BOT, client_id=BOT),
        APP_KEY,
    ):
        answer = on_behalf(governed, chat("outside"), wrong)
        assert refused(answer) == (401, "invalid_api_key", HEADER), wrong
        assert len(wrong) < 5 or wrong not in answer.text
        entry = entry_of(governed, answer)
        assert (entry["principal"], entry["outcome"]) == ("k_app", "invalid_api_key")
        assert "on_behalf_of" not in entry


def test_conflicts_are_refused(governed: Installation, provider: IdentityProvider) -> None:
    anna = provider.token("anna", "agents")
    named = on_behalf(governed, chat("outside"), anna, x_sluis_user="anna")
    assert refused(named) == (400, "invalid_request", "x-sluis-user")
    assert entry_of(governed, named)["principal"] == "k_app"
    person = on_behalf(governed, chat("outside"), anna, provider.token("bo", "agents"))
    assert refused(person) == (403, "access_denied", HEADER)
    alone = on_behalf(governed, chat("outside"), anna, "sk-unknown-0000000000000000")
    assert refused(alone) == (401, "invalid_api_key", None)
    twice = httpx.post(
        f"{governed.url}/v1/chat/completions",
        json=chat("outside"),
        headers=[("authorization", f"Bearer {APP_KEY}"), (HEADER, anna), (HEADER, anna)],
        timeout=30,
    )
    assert refused(twice) == (400, "duplicate_header", HEADER)


# Changes while it runs


@pytest.mark.parametrize("delegated", [False, True], ids=["person", "application for a person"])
def test_removing_a_mapping_ends_streams_and_later_requests(
    tmp_path: Path, config: str, provider: IdentityProvider, *, delegated: bool
) -> None:
    token = provider.token("anna", "agents")
    key, headers = (APP_KEY, {HEADER: token}) if delegated else (token, {})
    own = Installation(tmp_path)
    own.apply(written(config, provider))
    try:
        own.start("control", "gateway")
        own.until(
            lambda: own.ask(chat("outside"), key, **headers).status_code == 200,
            "the mapping is in force",
        )
        body = chat("outside", "example: slow; " + "tell me a long story " * 200, stream=True)
        with httpx.stream(
            "POST",
            f"{own.url}/v1/chat/completions",
            json=body,
            timeout=60,
            headers={"authorization": f"Bearer {key}", **headers},
        ) as answer:
            lines = answer.iter_lines()
            next(lines)
            own.apply(written(config, provider, ""))
            rest = "\n".join(lines)
        assert "revoked, blocked or has expired" in rest
        assert entry_of(own, answer)["outcome"] == "invalid_api_key"
        own.until(
            lambda: own.ask(chat("outside"), key, **headers).status_code == 403,
            "nothing is mapped",
        )
        assert own.ask(chat("outside")).status_code == 200  # the key alone
    finally:
        own.stop()


def test_what_does_not_exist_is_refused_with_what_does(
    governed: Installation, config: str, provider: IdentityProvider
) -> None:
    for field, known in (
        ("team: gone", "poor, press, slow, support"),
        ("models: [gone]", "assistant, blind"),
        ("purposes: [gone]", "inside-only, open, service"),
    ):
        text = written(config, provider, f"      groups:\n        - {{group: a, {field}}}\n")
        answer = governed.admin("POST", "/apply", json={"text": text})
        assert refused(answer)[:2] == (400, "invalid_request")
        assert known in answer.json()["error"]["message"]
    for field, value, known in (
        ("roles", ["operator"], "platform_admin"),
        ("models", ["gone"], "assistant"),
        ("purposes", ["gone"], "service"),
        ("team", "gone", "press"),
    ):
        answer = governed.admin("POST", "/keys", json={"name": "key", field: value})
        assert refused(answer)[:2] == (400, "invalid_request")
        assert known in answer.json()["error"]["message"]
