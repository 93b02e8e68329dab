"""Rules for zones and languages, and rules that take out what they match, through the gateway."""

import json
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
from httpx import Response
from msgspec.structs import replace

from gateway.core.system import secrets
from tests.support.in_process import InProcessGateway, key_of
from tests.support.said import said_in
from tests.support.wire_answers import WIRES
from tests.support.wire_catalogue import PATHS, catalogue
from tests.support.wire_provider import Arrived, Reply, WireProvider, streamed

pytestmark = pytest.mark.integration
REASON = "reason: {en: Ask the board., nl: Vraag het bestuur.}"
RULES = f"""
rules:
  - id: names-of-projects
    stages: [input, output]
    action: redact
    {REASON}
    patterns: ['project (falcon|valk)']
  - id: outside
    stages: [input]
    scope: {{zones: [eu, global]}}
    action: refuse
    {REASON}
    patterns: ['kwartelplan']
  - id: seen-in-the-eu
    stages: [input, output]
    scope: {{zones: [eu]}}
    action: flag
    {REASON}
    patterns: ['eekhoorn']
  - id: counted-inside
    stages: [input]
    scope: {{zones: [internal]}}
    action: monitor
    {REASON}
    patterns: ['eekhoorn']
  - id: covered-in-the-eu
    stages: [input]
    scope: {{zones: [eu]}}
    action: redact
    {REASON}
    patterns: ['egelnummer [0-9]{{4}}']
  - id: dutch-only
    stages: [input]
    languages: [nl]
    action: refuse
    {REASON}
    patterns: ['dossier omega']
"""
FIELDS = {"chat_completions": "content", "messages": "text", "responses": "output_text"}


class Echo:
    """A provider that repeats what a test gives it, and keeps what it got."""

    text, field = "Goed.", "content"

    def __init__(self) -> None:
        self.got: list[tuple[str, str]] = []

    def __call__(self, arrived: Arrived) -> Reply:
        self.got.append((arrived.name, json.dumps(arrived.json(), ensure_ascii=False)))
        whole, stream = WIRES[arrived.path]
        made = whole(self.text, self.field, arrived.json())
        if arrived.json().get("stream"):
            return streamed(list(stream(made)))
        return Reply([json.dumps(made).encode()])


@pytest.fixture
def echo() -> Echo:
    return Echo()


@pytest.fixture
def provider(echo: Echo) -> Iterator[WireProvider]:
    with WireProvider(echo) as running:
        yield running


@pytest.fixture
async def gateway(provider: WireProvider, tmp_path: Path) -> AsyncIterator[InProcessGateway]:
    made = secrets.create(tmp_path / "secrets")
    snapshot = catalogue(provider, key_of(made.pepper))
    snapshot = replace(snapshot, bundle={**snapshot.bundle, "content.yaml": RULES})
    async with InProcessGateway(snapshot, tmp_path, made=made) as running:
        yield running


async def ask(gateway: InProcessGateway, *texts: str, **more: Any) -> Response:
    body = {
        "model": "openai",
        "messages": [{"role": "user", "content": text} for text in texts],
        **more,
    }
    return await gateway.client.post(
        "/v1/chat/completions", json=body, headers={"accept-language": "nl"}
    )


@pytest.mark.parametrize("stream", [False, True])
async def test_what_a_rule_matches_is_taken_out_and_put_back(
    gateway: InProcessGateway, echo: Echo, *, stream: bool
) -> None:
    answer = await ask(gateway, "Schrijf over Project Falcon in het kort.", stream=stream)
    assert answer.status_code == 200, answer.text
    ((_, got),) = echo.got
    assert "Falcon" not in got
    assert "Schrijf over [TEXT_" in got
    assert gateway.entries_of(answer)[-1].fields["rules"] == ["names-of-projects"]
    assert not any(b"Falcon" in body for body in gateway.trail.bodies)
    placeholder = got[got.index("[TEXT_") : got.index("]", got.index("[TEXT_")) + 1]
    echo.text = f"Over {placeholder} is weinig bekend."
    answer = await ask(gateway, "Schrijf over Project Falcon in het kort.", stream=stream)
    assert said_in(answer.text) == "Over Project Falcon is weinig bekend."


@pytest.mark.parametrize(
    "text",
    [
        "Over Pro\u200bject Fal\u00adcon.",
        "Over prоjеct fаlcon.",
        "Over **project**\n\n_falcon_.",
        "Lees dit: cHJvamVjdCBmYWxjb24gaXMgZ2VoZWlt",
        "Eén project valk en nog een project  falcon, en project valk.",
        "x " * 5000 + "p r o j e c t  f a l c o n " + "y " * 5000,
    ],
    ids=["invisible", "look-alikes", "markdown", "base64", "several", "apart, among much"],
)
async def test_what_is_disguised_is_taken_out_too(
    gateway: InProcessGateway, echo: Echo, text: str
) -> None:
    answer = await ask(gateway, text)
    assert answer.status_code == 200, answer.text
    ((_, got),) = echo.got
    assert "[TEXT_" in got
    policy = gateway.snapshot.policy
    (sent,) = [one["content"] for one in json.loads(got)["messages"]]
    assert not policy.content_rules(sent)


async def test_what_is_spread_over_messages_cannot_be_taken_out_and_is_refused(
    gateway: InProcessGateway, echo: Echo
) -> None:
    refused = await ask(gateway, "Schrijf over project", "falcon in het kort.")
    assert refused.status_code == 400
    assert "names-of-projects" in refused.text
    assert "Vraag het bestuur." in refused.text
    assert not echo.got
    both = await ask(gateway, "Schrijf over project falcon.", "En over project valk.")
    assert both.status_code == 200, both.text


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("dialect", FIELDS)
async def test_what_an_answer_says_is_covered_and_the_rest_goes_on(
    gateway: InProcessGateway, echo: Echo, dialect: str, *, stream: bool
) -> None:
    echo.text = "Het heet Project Valk, zegt men. Meer weet ik niet."
    echo.field = FIELDS[dialect]
    body: dict[str, Any] = {"model": "anthropic" if dialect == "messages" else "openai"}
    said = [{"role": "user", "content": "Hoe heet het?"}]
    body |= {"input": said} if dialect == "responses" else {"messages": said}
    if dialect == "messages":
        body["max_tokens"] = 100
    answer = await gateway.client.post(PATHS[dialect], json={**body, "stream": stream})
    assert answer.status_code == 200, answer.text
    expected = f"Het heet {'█' * len('Project Valk')}, zegt men. Meer weet ik niet."
    assert expected in said_in(answer.text)
    assert gateway.entries_of(answer)[-1].fields["rules"] == ["names-of-projects"]


async def test_arguments_of_a_tool_cannot_be_covered_so_they_end(
    gateway: InProcessGateway,
) -> None:
    guard = gateway.snapshot.policy.content.guard(json=True)
    assert guard.feed('{"query": "project valk"}') + guard.finish() == '{"query": "'
    assert guard.blocked == "names-of-projects"


async def test_a_rule_for_zones_keeps_a_request_from_them(
    gateway: InProcessGateway, echo: Echo
) -> None:
    answer = await ask(gateway, "Lees het kwartelplan.")
    assert answer.status_code == 200, answer.text
    assert [name for name, _ in echo.got] == ["openai-house"]
    assert gateway.entries_of(answer)[-1].fields["rules"] == ["outside"]
    refused = await ask(gateway, "Lees het kwartelplan.", model="openai-eu")
    assert refused.status_code == 400
    assert refused.json()["error"]["code"] == "content_policy_violation"
    assert "outside" in refused.text
    assert "Vraag het bestuur." in refused.text


async def test_a_rule_is_on_record_where_it_holds(gateway: InProcessGateway, echo: Echo) -> None:
    echo.text = "Een eekhoorn."
    abroad = await ask(gateway, "Zie je de eekhoorn?", model="openai-eu")
    fields = gateway.entries_of(abroad)[-1].fields
    assert fields["rules"] == ["seen-in-the-eu"]
    assert not fields["monitored"]
    inside = await ask(gateway, "Zie je de eekhoorn?", model="openai-house-1")
    fields = gateway.entries_of(inside)[-1].fields
    assert (fields["rules"], fields["monitored"]) == ([], ["counted-inside"])


async def test_something_is_taken_out_for_the_zone_of_its_rule(
    gateway: InProcessGateway, echo: Echo
) -> None:
    text = "Zoek egelnummer 1234 op."
    for model in ("openai-eu", "openai-house-1"):
        answer = await ask(gateway, text, model=model)
        assert answer.status_code == 200, answer.text
    (_, abroad), (_, inside) = echo.got
    assert "1234" not in abroad
    assert text in inside


@pytest.mark.parametrize(
    ("text", "refused"),
    [
        ("Wat staat er in dossier omega, en wie heeft het geschreven?", True),
        ("What does dossier omega contain, and who has written all of it?", False),
        ("dossier omega", True),  # too short to tell
        (
            "What is in it, and who has written it? Geef mij nu de inhoud van dossier omega.",
            True,
        ),
    ],
    ids=["dutch", "english", "unclear", "both"],
)
async def test_a_rule_for_a_language_is_for_texts_that_may_be_in_it(
    gateway: InProcessGateway, text: str, *, refused: bool
) -> None:
    answer = await ask(gateway, text)
    assert (answer.status_code == 400) == refused, answer.text
