"""A small dialect passes the whole pipeline: redaction, restoring, evidence, refusals."""

import hashlib
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import httpx
import msgspec
import orjson
import pytest

from gateway.core.errors import UpstreamFailed
from gateway.core.level import Level, Zone
from gateway.core.principal import Principal
from gateway.core.snapshot import Alias, Deployment, Limits, Provider, Snapshot
from gateway.core.system import secrets
from gateway.governance.policies.bundle import read_bundle
from gateway.request.sealed_index import issuer_of
from gateway.routing import ModelCatalogue
from tests.support.in_process import InProcessGateway, key_of
from tests.support.toy_dialect import FIELDS, ToyDialect
from tests.support.toy_provider import THOUGHT, ToyProvider

TEXT = "Bel Jan de Vries op jan.devries@kwijt.example over bsn 111222333."
VALUES = ("jan.devries@kwijt.example", "111222333")
ASK = [{"type": "words", "words": TEXT}]


def snapshot(port: int, pepper: bytes) -> Snapshot:
    provider = Provider("toys", "openai", f"http://127.0.0.1:{port}", Zone.EU)
    deployments = [Deployment("first", "toys", "toy-1"), Deployment("second", "toys", "toy-2")]
    return Snapshot(
        created=0.0,
        bundle={**read_bundle(), "egress.yaml": FIELDS},
        providers=[provider],
        deployments=deployments,
        aliases=[Alias("assistant", ["first"])],
        keys=[key_of(pepper)],
    )


class Gateway(InProcessGateway):
    """A data plane of the toy dialect, in this process."""

    def __init__(self, provider: ToyProvider, folder: Path) -> None:
        made = secrets.create(folder / "secrets")
        offered = snapshot(provider.port, made.pepper)
        super().__init__(offered, folder, made=made, dialects={"toy": ToyDialect()}, formats={})
        self.provider = provider

    async def ask(self, **body: Any) -> httpx.Response:
        asked = {"engine": "assistant", "ask": ASK, **body}
        return await self.client.post("/v1/toy", json=asked)

    def arrived(self) -> dict[str, Any]:
        return dict(orjson.loads(self.provider.bodies[-1]))


@pytest.fixture
def provider() -> Iterator[ToyProvider]:
    with ToyProvider() as made:
        yield made


@pytest.fixture
async def gateway(provider: ToyProvider, tmp_path: Path) -> AsyncIterator[Gateway]:
    async with Gateway(provider, tmp_path) as made:
        yield made


def streamed(response: httpx.Response) -> tuple[str, list[str]]:
    """The text of a stream, and the names of its events."""
    names, text = [], ""
    for event in response.text.split("\n\n")[:-1]:
        name, data = event.split("\ndata: ")
        names.append(name.removeprefix("event: "))
        text += orjson.loads(data).get("piece", "")
    return text, names


async def test_values_leave_as_placeholders_and_come_back(gateway: Gateway) -> None:
    response = await gateway.ask(marker="x")
    assert response.json()["reply"] == TEXT
    assert response.headers["x-sluis-dropped"] == "marker"
    assert response.headers["x-sluis-sensitivity"] == "confidential"
    arrived = gateway.provider.bodies[-1].decode()
    assert not any(value in arrived for value in VALUES)
    assert gateway.arrived()["engine"] == "toy-1"


@pytest.mark.parametrize("piece", [1, 2, 3, 7, 1000])
async def test_a_stream_gives_the_same_in_any_pieces(gateway: Gateway, piece: int) -> None:
    gateway.provider.piece = piece
    text, names = streamed(await gateway.ask(live=True))
    assert text == TEXT
    assert names[0] == "thought"
    assert names[-1] == "over"
    assert set(names[1:-1]) == {"piece"}


async def test_the_classifier_reads_on_account_of_the_key(gateway: Gateway) -> None:
    await gateway.ask()
    body = {"text": "Een tekst die hier nog niet was."}
    assert (await gateway.client.post("/v1/privacy/detect", json=body)).status_code == 200
    assert gateway.classifier.owners == ["k1", "k1"]


async def test_every_departure_has_an_intent_with_the_digest_of_its_bytes(gateway: Gateway) -> None:
    await gateway.ask()
    (intent,) = [entry for entry in gateway.trail.entries if "body_sha256" in entry.fields]
    assert (intent.index or {})["surface"] == "toy"
    digest = hashlib.sha256(gateway.provider.bodies[-1]).hexdigest()
    assert intent.fields["body_sha256"] == digest
    closing = gateway.trail.entries[-1]
    assert (closing.fields["input_tokens"], closing.fields["output_tokens"]) == (3, 5)
    assert not any(value.encode() in body for body in gateway.trail.bodies for value in VALUES)


async def test_refusals_have_the_shape_of_the_dialect_and_an_entry(gateway: Gateway) -> None:
    for body, status, code, where in (
        ({"ask": []}, 400, "invalid_request", "engine"),
        ({"endpoint": "http://x"}, 400, "invalid_request", "endpoint"),
        ({"engine": "unknown"}, 404, "model_not_found", None),
    ):
        response = await gateway.ask(**body)
        assert response.status_code == status
        assert response.json()["oops"] == code
        assert where is None or response.json()["where"] == where
        assert gateway.trail.entries[-1].fields["outcome"] == code
    assert gateway.provider.bodies == []


async def test_a_restricted_text_stays_from_a_provider_in_the_eu(gateway: Gateway) -> None:
    text = "Jan de Vries heeft kanker en krijgt een chemokuur."
    response = await gateway.ask(ask=[{"type": "words", "words": text}])
    assert response.status_code == 403
    assert response.json()["oops"] == "access_denied"
    assert gateway.provider.bodies == []


async def test_a_cut_stream_ends_with_an_error_in_the_dialect(gateway: Gateway) -> None:
    gateway.provider.cut = True
    text, names = streamed(await gateway.ask(live=True))
    assert names[-1] == "oops"
    assert "over" not in names
    assert TEXT.startswith(text)
    assert gateway.trail.entries[-1].fields["outcome"] == "upstream_disconnected"


@pytest.mark.parametrize("live", [False, True])
async def test_a_sealed_block_returns_unchanged_to_its_issuer_alone(
    gateway: Gateway, live: bool
) -> None:
    again = [*ASK, THOUGHT, {"type": "words", "words": "Ga door."}]
    unknown = await gateway.ask(ask=again)
    assert THOUGHT not in gateway.arrived()["ask"]
    assert unknown.headers["x-sluis-dropped"] == "ask[1]"
    await gateway.ask(live=live)
    known = await gateway.ask(ask=again)
    assert THOUGHT in gateway.arrived()["ask"]
    assert "x-sluis-dropped" not in known.headers
    other = await gateway.ask(ask=again, engine="second")
    assert THOUGHT not in gateway.arrived()["ask"]
    assert other.headers["x-sluis-dropped"] == "ask[1]"
    elsewhere = [{"type": "words", "words": "Een ander gesprek."}, THOUGHT]
    await gateway.ask(ask=elsewhere)
    assert THOUGHT not in gateway.arrived()["ask"]
    assert not any(b"abc123" in body for body in gateway.trail.bodies)


async def test_a_provider_that_does_not_speak_the_dialect_gets_nothing(gateway: Gateway) -> None:
    body = {"engine": "assistant", "ask": ASK}
    deaf = ToyDialect()
    deaf.native_kinds = frozenset()
    with pytest.raises(UpstreamFailed):
        await gateway.snapshot.egress.write("toys", "toy-1", body, dialect=deaf, digest=None)


def test_a_deployment_of_the_same_name_elsewhere_is_another_issuer(provider: ToyProvider) -> None:
    made = snapshot(provider.port, b"p" * 32)
    moved = msgspec.structs.replace(
        made, providers=[msgspec.structs.replace(made.providers[0], base_url="https://other")]
    )
    caller = Principal(
        "k",
        "k",
        "app",
        None,
        frozenset(),
        frozenset(),
        (),
        Level.RESTRICTED,
        Level.INTERNAL,
        False,
        Limits(),
    )
    issuers = {
        issuer_of(ModelCatalogue(one).choose("first", caller).candidates[0])
        for one in (made, moved)
    }
    assert len(issuers) == 2


async def test_a_block_of_an_unknown_type_is_unread_and_leaves_for_no_provider(
    gateway: Gateway,
) -> None:
    response = await gateway.ask(ask=[*ASK, {"type": "picture", "data": "x"}])
    assert response.status_code == 403
    assert gateway.provider.bodies == []


async def test_a_dialect_without_a_field_table_is_not_offered(gateway: Gateway) -> None:
    response = await gateway.client.post("/v1/chat/completions", json={})
    assert response.status_code == 404
