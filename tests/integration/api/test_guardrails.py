"""Content rules that ask a guardrail, through the HTTP application, over a real HTTP server."""

import hashlib
import json
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml
from msgspec.structs import replace

from gateway.core.level import Zone
from gateway.core.snapshot import Deployment, Provider, Snapshot
from gateway.core.system import secrets
from gateway.request import response
from tests.support.certificates import Certificate, certificate
from tests.support.coverage import DATA
from tests.support.in_process import InProcessGateway, key_of
from tests.support.said import said_in
from tests.support.wire_answers import WIRES
from tests.support.wire_catalogue import PATHS, catalogue
from tests.support.wire_provider import Arrived, Reply, WireProvider, streamed

pytestmark = pytest.mark.integration
REASON = {"en": "The guardrail says no.", "nl": "De bewaker zegt nee."}
PASSED, FLAGGED = {"flagged": False, "score": 0.2}, {"flagged": True, "score": 0.9}
FIELDS = {"/v1/messages": "text", "/responses": "output_text"}  # of the text of an answer
INTENT, CLOSE = "request:departure:intent", "request:answer:close"
SECRET = "Het wachtwoord is T9#kq2Lm-x1."
FLAGGING = {"public": "flag", "internal": "flag", "confidential": "flag", "restricted": "inside"}
Make = Callable[..., Any]


class Script:
    """A provider that answers, and a guardrail whose verdicts a test chooses."""

    def __init__(self) -> None:
        self.verdict: Any = PASSED
        self.reply: Reply | None = None
        self.text = "Goed."

    def __call__(self, arrived: Arrived) -> Reply:
        if arrived.name.startswith("guard"):
            verdict = self.verdict(arrived) if callable(self.verdict) else self.verdict
            return self.reply or Reply([json.dumps(verdict).encode()])
        whole, stream = WIRES[arrived.path]
        field = FIELDS.get(arrived.path, "content")
        made = whole(self.text, field, arrived.json())
        if arrived.json().get("stream"):
            return streamed(list(stream(made)))
        return Reply([json.dumps(made).encode()])


class SecureWire(WireProvider):
    """The same over TLS."""

    def __init__(self, script: Script, tls: Certificate) -> None:
        super().__init__(script)
        self.serve(self._answer, interface="asgi3", ssl_certfile=tls.path, ssl_keyfile=tls.key)

    @property
    def url(self) -> str:
        return f"https://127.0.0.1:{self.port}"


@pytest.fixture
def script() -> Script:
    return Script()


@pytest.fixture
def server(script: Script) -> Iterator[WireProvider]:
    with WireProvider(script) as running:
        yield running


def rule(**fields: Any) -> dict[str, Any]:
    guardrail = {"name": "guard", "on_failure": "refuse", **fields.pop("guardrail", {})}
    return {
        "id": "guarded",
        "owner": "security",
        "stages": ["input"],
        "action": "refuse",
        "reason": REASON,
        "guardrail": {key: value for key, value in guardrail.items() if value is not None},
        **fields,
    }


def guarded(
    snapshot: Snapshot,
    server: WireProvider,
    rules: list[Any],
    *,
    kind: str = "guardrail",
    zone: Zone = Zone.INTERNAL,
    address: str = "",
    ca: str | None = None,
    failures: dict[str, str] | None = FLAGGING,
) -> Snapshot:
    """The catalogue with a guardrail, and rules that ask it."""
    table = yaml.safe_load(snapshot.bundle["failures.yaml"])
    del table["controls"]["guardrails"]
    if failures:
        table["controls"]["guardrails"] = {"deadline_ms": 2000, "on_failure": failures}
    files = {"content.yaml": {"rules": rules}, "failures.yaml": table}
    return replace(
        snapshot,
        bundle={**snapshot.bundle, **{one: yaml.safe_dump(it) for one, it in files.items()}},
        providers=[
            *snapshot.providers,
            Provider("guards", kind, address or server.base("guard"), zone, "env:KEY", ca),
        ],
        deployments=[*snapshot.deployments, Deployment("guard", "guards", "judge-1")],
    )


@pytest.fixture
async def make(server: WireProvider, tmp_path: Path) -> AsyncIterator[Make]:
    async with AsyncExitStack() as stack:

        async def gateway(*rules: Any, **settings: Any) -> InProcessGateway:
            folder = tmp_path / str(len(list(tmp_path.iterdir())))
            folder.mkdir()
            made = secrets.create(folder / "secrets")
            snapshot = catalogue(server, key_of(made.pepper))
            snapshot = guarded(snapshot, server, list(rules), **settings)
            return await stack.enter_async_context(InProcessGateway(snapshot, folder, made=made))

        yield gateway


async def ask(
    gateway: InProcessGateway,
    text: str = "Wat is een sluis?",
    *,
    dialect: str = "chat_completions",
    model: str = "openai",
    stream: bool = False,
    language: str = "en",
) -> httpx.Response:
    way = {"messages": "anthropic"}.get(dialect, model)
    body: dict[str, Any] = {"model": way, "stream": stream, "max_tokens": 50}
    body["messages"] = [{"role": "user", "content": text}]
    return await gateway.client.post(
        PATHS[dialect], json=body, headers={"accept-language": language}
    )


def asked_of(server: WireProvider, name: str) -> list[Arrived]:
    return [one for one in server.arrived if one.name.startswith(name)]


def closing(gateway: InProcessGateway, answer: httpx.Response) -> dict[str, Any]:
    """What is on record of a request, but for the departures to guardrails."""
    facts: dict[str, Any] = {}
    for entry in gateway.entries_of(answer):
        if "guardrail" not in entry.fields:
            facts |= entry.fields
    return facts


@pytest.mark.parametrize("dialect", ["chat_completions", "messages"])
async def test_a_flagged_request_is_refused_and_nothing_goes_to_a_provider(
    make: Make, script: Script, server: WireProvider, dialect: str
) -> None:
    gateway = await make(rule())
    assert (await ask(gateway, dialect=dialect)).status_code == 200
    before = len(asked_of(server, "openai") + asked_of(server, "anthropic"))
    script.verdict = FLAGGED
    answer = await ask(gateway, dialect=dialect, language="nl")
    assert answer.status_code == 400
    error = answer.json()["error"]
    assert "guarded" in error["message"]
    assert REASON["nl"] in error["message"]
    assert len(asked_of(server, "openai") + asked_of(server, "anthropic")) == before
    entry = closing(gateway, answer)
    assert entry["outcome"] == "content_policy_violation"
    assert (entry["rules"], entry["refused_by"]) == (["guarded"], ["guarded"])
    assert entry["guardrail_outcomes"] == ["guard/input: flagged"]
    assert list(entry["guardrails"]) == ["guard/input"]


async def test_a_question_is_a_departure_with_an_intent_of_its_exact_body(
    make: Make, server: WireProvider
) -> None:
    gateway = await make(rule())
    answer = await ask(gateway)
    entries = gateway.entries_of(answer)
    first, second, _ = entries
    assert [one.event for one in entries] == [INTENT, INTENT, CLOSE]
    (question,) = asked_of(server, "guard")
    assert question.path == "/check"
    assert question.json() == {
        "request": answer.headers["x-sluis-audit-id"],
        "stage": "input",
        "language": "en",
        "model": "judge-1",
        "texts": [{"position": "newest", "text": "Wat is een sluis?"}],
    }
    assert first.fields["guardrail"] == "guard/input"
    assert (first.fields["deployment"], first.fields["zone"]) == ("guard", "internal")
    assert first.fields["body_sha256"] == hashlib.sha256(question.body).hexdigest()
    assert "guardrail" not in second.fields
    assert answer.headers["x-sluis-deployment"] == second.fields["deployment"]
    assert second.fields["deployment"] != "guard"


async def test_the_moderations_format_takes_the_worst_result(
    make: Make, script: Script, server: WireProvider
) -> None:
    def results(arrived: Arrived) -> Any:
        given = arrived.json()["input"]
        scores = [0.9 if "bom" in text else 0.1 for text in given]
        return {
            "id": "m",
            "results": [
                {"flagged": False, "categories": {"x": False}, "category_scores": {"x": score}}
                for score in scores
            ],
        }

    script.verdict = results
    limit = {"threshold": 0.5, "categories": ["x"]}
    gateway = await make(rule(guardrail=limit), kind="moderations")
    assert (await ask(gateway)).status_code == 200
    assert (await ask(gateway, "een bom")).status_code == 400
    question = asked_of(server, "guard")[-1]
    assert question.path == "/moderations"
    assert question.json() == {"model": "judge-1", "input": ["een bom"]}


async def test_a_threshold_decides_by_score_whatever_the_guardrail_flags(
    make: Make, script: Script
) -> None:
    gateway = await make(rule(guardrail={"threshold": 0.5}))
    script.verdict = {"flagged": True, "score": 0.4}
    assert (await ask(gateway)).status_code == 200
    script.verdict = {"flagged": False, "score": 0.5}
    assert (await ask(gateway)).status_code == 400


@pytest.mark.parametrize(("action", "field"), [("flag", "rules"), ("monitor", "monitored")])
async def test_flag_and_monitor_go_on(make: Make, script: Script, action: str, field: str) -> None:
    gateway = await make(rule(action=action, guardrail={"on_failure": "allow"}))
    script.verdict = FLAGGED
    answer = await ask(gateway)
    assert answer.status_code == 200
    assert closing(gateway, answer)[field] == ["guarded"]


async def test_a_guardrail_gets_text_in_the_form_that_its_zone_may_get(
    make: Make, server: WireProvider
) -> None:
    text = "Mail jan@devries.nl over de sluis."
    inside, outside = await make(rule()), await make(rule(), zone=Zone.EU)
    assert (await ask(inside, text)).status_code == 200
    assert (await ask(outside, text)).status_code == 200
    first, second = asked_of(server, "guard")
    assert first.json()["texts"][0]["text"] == text
    (given,) = second.json()["texts"]
    assert given["text"].startswith("Mail [EMAIL_")
    assert "jan@devries.nl" not in second.body.decode()


async def test_restricted_text_never_goes_to_a_guardrail_outside(
    make: Make, server: WireProvider
) -> None:
    gateway = await make(rule(), zone=Zone.EU)
    answer = await ask(gateway, SECRET)
    assert answer.status_code == 403
    assert "guarded" in answer.json()["error"]["message"]
    assert not asked_of(server, "guard")
    gateway = await make(rule(guardrail={"on_failure": "allow"}), zone=Zone.EU)
    answer = await ask(gateway, SECRET)
    assert answer.status_code == 200
    assert answer.headers["x-sluis-zone"] == "internal"
    assert closing(gateway, answer)["unchecked"] == ["guarded: clearance"]
    assert not asked_of(server, "guard")


FAILURES = {
    "hangs": (Reply([b'{"flagged'], ending="silent"), "timeout"),
    "cuts": (Reply([b'{"flagged'], ending="cut"), "unavailable"),
    "fails": (Reply([b"{}"], status=500), "unavailable"),
    "refuses": (Reply([b"{}"], status=400), "unavailable"),
    "locked": (Reply([b"{}"], status=401), "unavailable"),
    "empty": (Reply([b""]), "no_verdict"),
    "html": (Reply([b"<html>"], content_type="text/html"), "no_verdict"),
    "lacking": (Reply([b'{"score": 0.1}']), "no_verdict"),
    "words": (Reply([b'{"flagged": "no"}']), "no_verdict"),
    "range": (Reply([b'{"flagged": false, "score": 7}']), "no_verdict"),
    "deep": (Reply([b"[" * 100_000]), "no_verdict"),
    "huge": (Reply([b'{"flagged": false, "x": "' + b"x" * 2_000_000 + b'"}']), "no_verdict"),
}


@pytest.mark.parametrize("failure", FAILURES)
@pytest.mark.parametrize("mode", ["refuse", "allow"])
async def test_a_guardrail_that_breaks_acts_by_on_failure(
    make: Make, script: Script, server: WireProvider, failure: str, mode: str
) -> None:
    script.reply, reason = FAILURES[failure]
    gateway = await make(rule(guardrail={"on_failure": mode, "timeout_ms": 300}))
    answer = await ask(gateway)
    entry = closing(gateway, answer)
    assert entry["unchecked"] == [f"guarded: {reason}"]
    assert entry["guardrail_outcomes"] == [f"guard/input: {reason}"]
    assert len(asked_of(server, "guard")) == 1
    if mode == "refuse":
        assert answer.status_code == 503
        assert answer.headers["retry-after"] == "5"
        assert "guarded" in answer.json()["error"]["message"]
        assert not asked_of(server, "openai")
    else:
        assert answer.status_code == 200
        assert answer.headers["x-sluis-warning"] == "guardrail_unchecked"
        assert "rules" not in entry or not entry["rules"]


async def test_nobody_listens(make: Make) -> None:
    gateway = await make(rule(), address="http://127.0.0.1:9/guard")
    answer = await ask(gateway)
    assert (answer.status_code, closing(gateway, answer)["unchecked"]) == (
        503,
        ["guarded: unavailable"],
    )


async def test_a_wrong_certificate_is_no_guardrail(
    make: Make, script: Script, tmp_path: Path
) -> None:
    shown, other = certificate(tmp_path, "shown"), certificate(tmp_path, "other")
    script.verdict = FLAGGED
    with SecureWire(script, shown) as secure:
        address = secure.base("guard")
        gateway = await make(rule(), address=address, ca=str(other.path))
        answer = await ask(gateway)
        assert (answer.status_code, secure.arrived) == (503, [])
        assert closing(gateway, answer)["unchecked"] == ["guarded: unavailable"]
        gateway = await make(rule(), address=address, ca=str(shown.path))
        assert (await ask(gateway)).status_code == 400
        assert len(secure.arrived) == 1


async def test_the_failure_table_narrows_allow(make: Make, script: Script) -> None:
    script.reply = FAILURES["fails"][0]
    allowing = rule(guardrail={"on_failure": "allow"})
    gateway = await make(allowing, failures={"public": "flag", "internal": "refuse"})
    assert (await ask(gateway)).status_code == 503
    gateway = await make(allowing, failures={"public": "flag", "internal": "inside"})
    answer = await ask(gateway, model="openai")
    assert (answer.status_code, answer.headers["x-sluis-zone"]) == (200, "internal")
    assert (await ask(gateway, model="openai-eu")).status_code == 503
    gateway = await make(allowing, failures=None)
    assert (await ask(gateway)).status_code == 503


async def test_a_breaker_spares_a_guardrail_that_fails_again_and_again(
    make: Make, script: Script, server: WireProvider
) -> None:
    script.reply = FAILURES["fails"][0]
    gateway = await make(rule(guardrail={"on_failure": "allow"}))
    answers = [await ask(gateway) for _ in range(5)]
    assert len(asked_of(server, "guard")) == 3
    reasons = [closing(gateway, one)["unchecked"] for one in answers]
    assert reasons[-1] == ["guarded: breaker"]


async def test_a_request_that_a_guardrail_refuses_opens_no_breaker(
    make: Make, script: Script, server: WireProvider
) -> None:
    script.reply = FAILURES["refuses"][0]
    gateway = await make(rule(guardrail={"on_failure": "allow"}))
    for _ in range(5):
        await ask(gateway)
    assert len(asked_of(server, "guard")) == 5


async def test_a_rule_without_its_guardrail_fails(make: Make) -> None:
    gateway = await make(rule(guardrail={"name": "gone"}))
    answer = await ask(gateway)
    assert (answer.status_code, closing(gateway, answer)["unchecked"]) == (
        403,
        ["guarded: unknown"],
    )


async def test_a_guardrail_is_no_model(make: Make) -> None:
    gateway = await make(rule())
    assert (await ask(gateway, model="guard")).status_code == 404
    models = (await gateway.client.get("/v1/models")).json()["data"]
    assert "guard" not in {one["id"] for one in models}


async def test_only_texts_at_the_positions_are_sent(make: Make, server: WireProvider) -> None:
    gateway = await make(rule(positions=["newest"]))
    messages = [
        {"role": "system", "content": "Wees kort."},
        {"role": "user", "content": "Eerst."},
        {"role": "assistant", "content": "Ja."},
        {"role": "user", "content": "Nu."},
    ]
    body = {"model": "openai", "messages": messages}
    assert (await gateway.client.post(PATHS["chat_completions"], json=body)).status_code == 200
    (question,) = asked_of(server, "guard")
    assert question.json()["texts"] == [{"position": "newest", "text": "Nu."}]


async def test_rules_with_the_same_question_ask_once(make: Make, server: WireProvider) -> None:
    other = rule(id="other", action="flag", guardrail={"threshold": 0.1})
    gateway = await make(rule(), other)
    answer = await ask(gateway)
    assert closing(gateway, answer)["rules"] == ["other"]
    assert len(asked_of(server, "guard")) == 1


OUTPUT = {"stages": ["output"]}


@pytest.mark.parametrize("dialect", ["chat_completions", "messages"])
@pytest.mark.parametrize("stream", [False, True])
async def test_a_flagged_answer_is_withheld_as_a_whole(
    make: Make, script: Script, server: WireProvider, dialect: str, *, stream: bool
) -> None:
    gateway = await make(rule(**OUTPUT, guardrail={"streams": "hold"}))
    script.text = "Een lang antwoord over de sluis, en meer."
    answer = await ask(gateway, dialect=dialect, stream=stream)
    assert answer.status_code == 200
    assert script.text in said_in(answer.text)
    (question,) = asked_of(server, "guard")
    assert question.json()["texts"] == [{"position": "answer", "text": script.text}]
    script.verdict = FLAGGED
    answer = await ask(gateway, dialect=dialect, stream=stream)
    assert answer.status_code == 400
    assert "sluis, en meer" not in answer.text
    entry = closing(gateway, answer)
    assert (entry["rules"], entry["refused_by"]) == (["guarded"], ["guarded"])
    assert entry["outcome"] == "content_policy_violation"
    assert entry["output_tokens"] > 0  # what was used is billed
    assert [one.event for one in gateway.entries_of(answer)] == [INTENT, INTENT, CLOSE]


async def test_a_streamed_request_is_refused_where_the_rule_says_so(
    make: Make, server: WireProvider
) -> None:
    gateway = await make(rule(**OUTPUT, guardrail={"streams": "refuse"}))
    answer = await ask(gateway, stream=True)
    assert (answer.status_code, answer.json()["error"]["param"]) == (400, "stream")
    assert not server.arrived
    assert (await ask(gateway)).status_code == 200


async def test_an_answer_goes_to_a_guardrail_outside_without_personal_data(
    make: Make, script: Script, server: WireProvider
) -> None:
    gateway = await make(rule(**OUTPUT, guardrail={"streams": "hold"}), zone=Zone.EU)
    script.text = "Schrijf naar piet@acme.nl."
    answer = await ask(gateway)
    assert answer.status_code == 200
    assert script.text in said_in(answer.text)
    (question,) = asked_of(server, "guard")
    assert question.json()["texts"][0]["text"].startswith("Schrijf naar [EMAIL")
    script.text = SECRET
    before = len(asked_of(server, "guard"))
    answer = await ask(gateway)
    assert answer.status_code == 403
    assert closing(gateway, answer)["unchecked"] == ["guarded: clearance"]
    assert len(asked_of(server, "guard")) == before


@pytest.mark.parametrize("stream", [False, True])
async def test_a_guardrail_that_breaks_withholds_the_answer(
    make: Make, script: Script, *, stream: bool
) -> None:
    gateway = await make(rule(**OUTPUT, guardrail={"streams": "hold"}))
    script.reply = FAILURES["fails"][0]
    answer = await ask(gateway, stream=stream)
    assert (answer.status_code, answer.json()["error"]["code"]) == (503, "guardrail_unavailable")
    assert script.text not in answer.text


async def test_an_answer_that_cannot_be_read_goes_to_no_guardrail_outside(
    make: Make, server: WireProvider
) -> None:
    held = rule(**OUTPUT, guardrail={"streams": "hold"})
    outside, inside = await make(held, zone=Zone.EU), await make(held)
    for gateway in (outside, inside):
        gateway.classifier.fails = "Goed."
    answer = await ask(outside)
    assert (answer.status_code, closing(outside, answer)["unchecked"]) == (503, ["guarded: unread"])
    assert not asked_of(server, "guard")
    assert (await ask(inside)).status_code == 200  # it may get any text, so none is read before
    assert len(asked_of(server, "guard")) == 1


@pytest.mark.parametrize("mode", ["refuse", "allow"])
async def test_a_stream_that_is_too_long_to_be_held_acts_by_on_failure(
    make: Make, script: Script, server: WireProvider, monkeypatch: pytest.MonkeyPatch, mode: str
) -> None:
    monkeypatch.setattr(response, "_LARGEST_HELD", 500)
    gateway = await make(rule(**OUTPUT, guardrail={"streams": "hold", "on_failure": mode}))
    script.text = "Een lang antwoord over sluizen. " * 40
    answer = await ask(gateway, stream=True)
    assert closing(gateway, answer)["unchecked"] == ["guarded: too_long"]
    assert answer.status_code == (503 if mode == "refuse" else 200)
    assert (script.text in said_in(answer.text)) == (mode == "allow")
    assert not asked_of(server, "guard")


async def test_a_repeated_request_asks_no_guardrail_again(make: Make, server: WireProvider) -> None:
    gateway = await make(rule())
    body = {"model": "openai", "messages": [{"role": "user", "content": "Hallo."}]}
    for _ in range(2):
        headers = {"idempotency-key": "one"}
        answer = await gateway.client.post(PATHS["chat_completions"], json=body, headers=headers)
        assert answer.status_code == 200
    assert answer.headers["x-sluis-replayed"] == "true"
    assert len(asked_of(server, "guard")) == 1


async def test_monitored_answers_are_not_held(make: Make, script: Script) -> None:
    gateway = await make(rule(**OUTPUT, action="monitor", guardrail={"on_failure": "allow"}))
    script.verdict = FLAGGED
    answer = await ask(gateway, stream=True)
    assert script.text in said_in(answer.text)
    assert closing(gateway, answer)["monitored"] == ["guarded"]


REQUESTS: dict[str, tuple[str, dict[str, Any]]] = {
    "chat_completions": (
        PATHS["chat_completions"],
        {"model": "openai", "messages": [{"role": "user", "content": "Hallo."}]},
    ),
    "messages": (
        PATHS["messages"],
        {
            "model": "anthropic",
            "max_tokens": 9,
            "messages": [{"role": "user", "content": "Hallo."}],
        },
    ),
    "responses": (PATHS["responses"], {"model": "openai", "input": "Hallo."}),
    "embeddings": (PATHS["embeddings"], {"model": "openai", "input": "Hallo."}),
    "moderations": ("/v1/moderations", {"input": "Hallo."}),
    "privacy_detect": ("/v1/privacy/detect", {"text": "Hallo."}),
    "count_tokens": (
        "/v1/messages/count_tokens",
        {"model": "anthropic", "messages": [{"role": "user", "content": "Hallo."}]},
    ),
}


@pytest.mark.parametrize("surface", DATA["guardrails"])
async def test_each_cell_of_the_matrix(make: Make, server: WireProvider, surface: str) -> None:
    cells, (path, body) = DATA["guardrails"][surface], REQUESTS[surface]
    both = rule(stages=["input", "output"], guardrail={"streams": "hold"})
    gateway = await make(both)
    stages: dict[bool, list[str]] = {}
    for stream in [False, True] if cells["stream"] == "held" else [False]:
        server.arrived.clear()
        answer = await gateway.client.post(
            path, json={**body, **({"stream": True} if stream else {})}
        )
        assert answer.status_code == 200, answer.text
        stages[stream] = [one.json()["stage"] for one in asked_of(server, "guard")]
    whole = ["input"] * (cells["request"] == "asked") + ["output"] * (cells["answer"] == "asked")
    assert stages[False] == whole
    if cells["stream"] == "held":
        assert stages[True] == ["input", "output"]
