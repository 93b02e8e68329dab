"""Token ids in the place of texts: what leaves is what would leave for the text."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest
from msgspec.structs import replace

from gateway.core.snapshot import Alias, Deployment
from gateway.core.system import secrets
from gateway.request.token_ids import text_of
from tests.support.classifier import FunctionClassifier
from tests.support.in_process import InProcessGateway, key_of
from tests.support.openai_api import embeddings
from tests.support.planted_files import entities
from tests.support.wire_catalogue import catalogue
from tests.support.wire_provider import Arrived, Reply, WireProvider

pytestmark = pytest.mark.integration
KNOWN = "text-embedding-3-small"
# As tiktoken 0.14 encodes them.
PERSONAL = "Mijn naam is Sanne Dijkgraaf, bsn 111222333."
IDS = [44, 14485, 100205, 374, 5960, 818, 423, 19275, 33050, 2642, 11]
IDS += [293, 9810, 220, 5037, 9716, 8765, 13]
BICYCLE = "Het dossier van Zoë: 🚲 €5"
BICYCLE_IDS = [63794, 53576, 5355, 45903, 12456, 25, 11410, 248, 110, 13281, 20]


def answer(arrived: Arrived) -> Reply:
    return Reply([orjson.dumps(embeddings(arrived.json()))])


@pytest.fixture
def provider() -> Iterator[WireProvider]:
    with WireProvider(answer) as running:
        yield running


@pytest.fixture
async def gateway(provider: WireProvider, tmp_path: Path) -> AsyncIterator[InProcessGateway]:
    made = secrets.create(tmp_path / "secrets")
    snapshot = catalogue(provider, key_of(made.pepper))
    behind = [Deployment("vectors-eu", "openai-eu", KNOWN)]
    aliases = [Alias(KNOWN, ["openai-eu-1"]), Alias("vectors", ["vectors-eu"])]
    async with InProcessGateway(
        replace(
            snapshot,
            deployments=[*snapshot.deployments, *behind],
            aliases=[*snapshot.aliases, *aliases],
        ),
        tmp_path,
        made=made,
        classifier=FunctionClassifier(entities),
    ) as running:
        yield running


async def embed(gateway: InProcessGateway, given: Any, model: str) -> httpx.Response:
    body = {"model": model, "input": given}
    return await gateway.client.post("/v1/embeddings", json=body)


@pytest.mark.parametrize("model", [KNOWN, "vectors", "vectors-eu"])
@pytest.mark.parametrize(
    ("ids", "text"),
    [(IDS, PERSONAL), ([IDS], [PERSONAL]), ([IDS, BICYCLE_IDS], [PERSONAL, BICYCLE])],
)
async def test_ids_leave_as_their_redacted_text(
    gateway: InProcessGateway, provider: WireProvider, model: str, ids: Any, text: Any
) -> None:
    given = [await embed(gateway, one, model) for one in (ids, text)]
    assert [one.status_code for one in given] == [200, 200]
    by_ids, by_text = [one.json()["input"] for one in provider.arrived]
    assert by_ids == by_text
    assert "Dijkgraaf" not in str(by_ids)
    assert "111222333" not in str(by_ids)
    assert given[0].json()["data"] == given[1].json()["data"]
    assert given[0].headers["x-sluis-redacted"] == given[1].headers["x-sluis-redacted"]


@pytest.mark.parametrize(
    ("model", "ids"),
    [
        ("openai-eu", IDS),  # which encoding that model has is not known
        (KNOWN, [100_256]),  # past the table
        (KNOWN, [-1]),
        (KNOWN, [2**60]),
        (KNOWN, [IDS, [100_256]]),
    ],
)
async def test_ids_that_make_no_text_do_not_leave(
    gateway: InProcessGateway, provider: WireProvider, model: str, ids: Any
) -> None:
    refused = await embed(gateway, ids, model)
    assert refused.status_code == 403
    assert "check_embedding_ctx_length=False" in refused.json()["error"]["message"]
    assert not provider.arrived


async def test_ids_of_an_unknown_encoding_stay_inside(
    gateway: InProcessGateway, provider: WireProvider
) -> None:
    given = await embed(gateway, [IDS], "openai")
    assert given.headers["x-sluis-zone"] == "internal"
    assert provider.arrived[-1].json()["input"] == [IDS]


def test_a_piece_may_begin_and_end_within_a_character() -> None:
    text = BICYCLE * 20
    ids = BICYCLE_IDS * 20
    assert text_of(ids) == text
    for start in range(len(ids)):
        piece = text_of(ids[start : start + 40])
        assert piece is not None
        assert piece.strip("\N{REPLACEMENT CHARACTER}") in text
    assert text_of([*IDS, 248, *IDS]) is None  # half a character within: ids of another encoding
