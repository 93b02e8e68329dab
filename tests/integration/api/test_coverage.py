"""Every field of every dialect, with everything that a control acts on: the coverage matrix.

Each cell is a request through the real HTTP app to a provider that speaks the real wire format. A
test collects the cells that do not hold, so that one run names all of them.
"""

import json
import re
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from msgspec.structs import replace

from gateway.core.snapshot import Snapshot
from gateway.core.system import secrets
from gateway.dialects.anthropic_messages.blocks import DELTAS
from gateway.dialects.openai_chat.answer import TEXT_FIELDS
from gateway.dialects.openai_responses.events import TEXTS
from tests.support.coverage import DATA, Cell, cells, fields, outcomes_of
from tests.support.field_table import TABLE
from tests.support.in_process import InProcessGateway, key_of
from tests.support.said import said_in
from tests.support.wire_answers import WIRES
from tests.support.wire_catalogue import PATHS, PRICE, WAYS, catalogue
from tests.support.wire_provider import Arrived, Reply, WireProvider, streamed

pytestmark = pytest.mark.integration
PLACEHOLDER = re.compile(r"\[[A-Z][A-Z_]*_[a-z0-9]+\]")
ROUTES = [
    pytest.param(dialect, way, stream, id=f"{dialect}-{way}-{'stream' if stream else 'whole'}")
    for dialect, ways in WAYS.items()
    for way in ways
    for stream in (False, True)
    if not (stream and dialect == "embeddings")
]
ANSWERED = [route for route in ROUTES if route.values[0] != "embeddings"]
POSITIONS = re.compile(r"^    positions: \[newest, history,.*\n", re.MULTILINE)
PERSONAL = "Mail jan.devries@hotmail.nl een bericht."
MAIN = {"/v1/messages": "text", "/responses": "output_text"}  # of answers; content elsewhere


def answer(arrived: Arrived, text: str, field: str | None = None) -> Reply:
    """An answer in the wire format of the request, with a text in a field."""
    whole, stream = WIRES[arrived.path]
    body = arrived.json()
    made = whole(text, field or MAIN.get(arrived.path, "content"), body)
    if body.get("stream"):
        return streamed(list(stream(made)))
    return Reply([json.dumps(made, ensure_ascii=False).encode()])


def echo(arrived: Arrived) -> Reply:
    """All placeholders that arrived, in the answer."""
    return answer(arrived, " ".join(["Zo:", *PLACEHOLDER.findall(arrived.body.decode())]))


@pytest.fixture
def provider() -> Iterator[WireProvider]:
    with WireProvider(echo) as running:
        yield running


@pytest.fixture
async def gateway(provider: WireProvider, tmp_path: Path) -> AsyncIterator[InProcessGateway]:
    made = secrets.create(tmp_path / "secrets")
    snapshot = with_rules_everywhere(catalogue(provider, key_of(made.pepper)))
    async with InProcessGateway(snapshot, tmp_path, made=made) as running:
        yield running


def with_rules_everywhere(snapshot: Snapshot) -> Snapshot:
    """The shipped rules by patterns, in every position: the matrix says what rules can reach."""
    rules = POSITIONS.sub("", snapshot.bundle["content.yaml"])
    return replace(snapshot, bundle={**snapshot.bundle, "content.yaml": rules})


@dataclass(frozen=True, slots=True)
class Asked:
    """One request: its answer, what arrived at providers, its entries, and the stored bodies."""

    response: httpx.Response
    arrived: list[Arrived]
    entries: list[dict[str, Any]]
    stored: bytes

    @property
    def said(self) -> str:
        """All texts of the answer, joined: those of a stream come in pieces."""
        return said_in(self.response.text)

    def problems(self, zone: str) -> Iterator[str]:
        """What is wrong with an answer from a zone, its entries and its bill."""
        if self.response.status_code != 200:
            yield f"answered {self.response.status_code} {self.response.text}"
            return
        intent, close = self.entries
        (arrived,) = self.arrived
        place = {"eu": "-eu", "internal": "-house"}[zone]
        if not arrived.name.endswith(place) or (intent["zone"], intent["attempt"]) != (zone, 1):
            yield f"went to {arrived.name}, on record as {intent['zone']}"
        if close["outcome"] != "ok":
            yield f"closed as {close['outcome']}"
        yield from self.unbilled()

    def unbilled(self) -> Iterator[str]:
        close = self.entries[-1]
        cost = close.get("input_tokens", 0) * PRICE.input_per_million
        cost += close.get("output_tokens", 0) * PRICE.output_per_million
        if not close.get("cost_micros") or close["cost_micros"] != cost:
            yield f"billed {close.get('cost_micros')}, not {cost}"

    def refusal(self, statuses: set[int]) -> Iterator[str]:
        """What is wrong with a refusal and its entry."""
        if self.response.status_code not in statuses or self.arrived:
            yield f"answered {self.response.status_code}, with {len(self.arrived)} departures"
            return
        (entry,) = self.entries
        if entry["outcome"] in {"ok", "internal_error"} or "cost_micros" in entry:
            yield f"on record as {entry}"


async def ask(
    gateway: InProcessGateway, provider: WireProvider, dialect: str, body: dict[str, Any]
) -> Asked:
    provider.arrived.clear()
    gateway.trail.bodies.clear()
    response = await gateway.client.post(PATHS[dialect], json=body)
    entries = [dict(entry.fields) for entry in gateway.entries_of(response)]
    return Asked(response, list(provider.arrived), entries, b"".join(gateway.trail.bodies))


def problems(cell: Cell, asked: Asked) -> Iterator[str]:
    """What does not hold of a cell."""
    sent = "".join(arrived.body.decode() for arrived in asked.arrived)
    away = [one for one in asked.arrived if not one.name.endswith("-house")]
    if away and cell.shown_in(sent):
        yield f"{cell.shown_in(sent)} left for {away[0].name}"
    if cell.is_value and cell.shown_in(str(asked.entries)):
        yield f"{cell.shown_in(str(asked.entries))} is in an entry"
    if cell.is_value and cell.is_read and cell.shown_in(asked.stored.decode()):
        yield f"{cell.shown_in(asked.stored.decode())} is in a stored body"
    match cell.expected:
        case "redacted":
            yield from asked.problems("eu")
            yield from _unredacted(cell, asked)
        case "left out":
            yield from asked.problems("eu")
        case "inside":
            yield from asked.problems("internal")
        case "refused":
            yield from asked.refusal({400, 404})


def _unredacted(cell: Cell, asked: Asked) -> Iterator[str]:
    if asked.response.headers.get("x-sluis-redacted", "0") == "0":
        yield "nothing was redacted"
    elif asked.response.headers["x-sluis-sensitivity"] != "confidential":
        yield "rated " + asked.response.headers["x-sluis-sensitivity"]
    if not all(entry.get("redacted") for entry in asked.entries[:1]):
        yield "not on record as redacted"
    echoed = PLACEHOLDER.search(asked.arrived[-1].body.decode()) if asked.arrived else None
    if echoed and cell.dialect != "embeddings" and cell.parts[0] not in asked.said:
        yield f"not restored in {asked.said!r}"


@pytest.mark.parametrize(("dialect", "way", "stream"), ROUTES)
async def test_every_field_of_a_request_is_controlled(
    gateway: InProcessGateway, provider: WireProvider, dialect: str, way: str, *, stream: bool
) -> None:
    broken, count = [], 0
    for cell in cells(dialect):
        asked = await ask(gateway, provider, dialect, cell.request(way, stream=stream))
        found = list(problems(cell, asked))
        if cell.expected == "inside":
            body = cell.request(f"{way}-eu", stream=stream)
            found += (await ask(gateway, provider, dialect, body)).refusal({403})
        broken += [f"{cell}: {problem}" for problem in found]
        count += 1
    assert not broken, "\n".join(broken)
    assert count == 4 * len(fields(dialect))


@pytest.mark.parametrize(("dialect", "way", "stream"), ANSWERED)
async def test_every_text_of_an_answer_is_controlled(
    gateway: InProcessGateway, provider: WireProvider, dialect: str, way: str, *, stream: bool
) -> None:
    broken = []
    given: dict[str, Any] = {"max_tokens": 99, "messages": [{"role": "user", "content": PERSONAL}]}
    body = {"input": PERSONAL} if dialect == "responses" else given
    for field, outcomes in DATA["answers"]["fields"][dialect][way].items():
        for content, expected in outcomes.items():
            provider.script = answering(DATA["answers"]["contents"][content]["text"], field)
            asked = await ask(gateway, provider, dialect, {**body, "model": way, "stream": stream})
            found = answer_problems(content, expected, asked)
            broken += [f"{field} with {content}: {problem}" for problem in found]
    assert not broken, "\n".join(broken)


def answering(text: str, field: str) -> Callable[[Arrived], Reply]:
    def script(arrived: Arrived) -> Reply:
        (placeholder,) = set(PLACEHOLDER.findall(arrived.body.decode()))
        return answer(arrived, text.format(placeholder), field)

    return script


def answer_problems(content: str, expected: str, asked: Asked) -> Iterator[str]:
    """What does not hold of an answer."""
    about = DATA["answers"]["contents"][content]
    close, said = asked.entries[-1], asked.said
    part = about.get("part", "jan.devries@hotmail.nl")
    rules = [about["rule"]] if expected in {"ended", "recorded"} else []
    if asked.response.status_code != 200 or close["rules"] != rules:
        yield f"answered {asked.response.status_code}, by the rules {close.get('rules')}"
    if close["outcome"] != ("content_filter" if expected == "ended" else "ok"):
        yield f"closed as {close['outcome']}"
    if (part in said) != (expected in {"restored", "recorded"}):
        yield f"said {said!r}"
    if PLACEHOLDER.search(said) and expected != "as sent":
        yield f"said {said!r}"
    yield from asked.unbilled()


def test_every_class_of_the_field_tables_has_an_outcome() -> None:
    listed = {field.kind for dialect in PATHS for field in fields(dialect)}
    assert listed <= set(DATA["classes"])
    assert set(TABLE) - {"limits"} == set(PATHS)
    for dialect in PATHS:
        assert all(outcomes_of(dialect, field) for field in fields(dialect))


def test_every_text_that_the_walkers_know_is_in_the_matrix() -> None:
    answers = DATA["answers"]["fields"]
    assert set(TEXT_FIELDS) <= set(answers["chat_completions"]["openai"])
    assert set(DELTAS) == {"text", "thinking", "tool_use"}
    assert len(TEXTS) == 6 == len(answers["responses"]["openai"]) - 1
