"""What a cache of a provider held or took in costs what the provider's price list says."""

from collections.abc import AsyncIterator, Iterator
from typing import Any

import msgspec
import orjson
import pytest
import pytest_asyncio

from gateway.core.snapshot import Prices
from gateway.core.system import secrets
from gateway.egress import wire_formats
from gateway.egress.translator.client import Translator
from tests.support.in_process import InProcessGateway, key_of
from tests.support.wire_answers import WIRES
from tests.support.wire_catalogue import PATHS, WAYS, catalogue
from tests.support.wire_provider import Arrived, Reply, WireProvider, streamed

pytestmark = [pytest.mark.contract, pytest.mark.asyncio(loop_scope="module")]
PRICE = Prices(  # of a model of Anthropic, in US dollars per million tokens
    input_per_million=3.0,
    output_per_million=15.0,
    currency="USD",
    cached_input_per_million=0.3,
    cache_write_per_million=3.75,
    cache_write_1h_per_million=6.0,
)
OUTPUT = 500
# New input, held by the cache, taken in for five minutes and for an hour.
COUNTS = [
    (380, 212_304, 0, 0),
    (380, 0, 9_000, 0),
    (380, 70_000, 1_500, 2_500),
    (0, 4_096, 0, 0),
    (1_000, 0, 0, 0),
]
FIELDS = {"/chat/completions": "content", "/v1/messages": "text", "/responses": "output_text"}
BODIES: dict[str, dict[str, Any]] = {
    "chat_completions": {
        "messages": [{"role": "user", "content": "Hallo"}],
        "stream_options": {"include_usage": True},
    },
    "messages": {"max_tokens": 600, "messages": [{"role": "user", "content": "Hallo"}]},
    "responses": {"input": "Hallo"},
}
WAYS_TO = [
    *((dialect, way) for dialect in BODIES for way in WAYS[dialect]),
    ("chat_completions", "anthropic"),
]


def usage_on(path: str, counts: tuple[int, int, int, int]) -> dict[str, Any]:
    """How a provider says so; OpenAI's Responses do not say what a cache took in."""
    new, cached, written, hour = counts
    if path == "/v1/messages":
        return {
            "input_tokens": new,
            "cache_read_input_tokens": cached,
            "cache_creation_input_tokens": written + hour,
            "cache_creation": {
                "ephemeral_5m_input_tokens": written,
                "ephemeral_1h_input_tokens": hour,
            },
            "output_tokens": OUTPUT,
        }
    total = sum(counts)
    if path == "/responses":
        return {
            "input_tokens": total,
            "input_tokens_details": {"cached_tokens": cached},
            "output_tokens": OUTPUT,
            "output_tokens_details": {"reasoning_tokens": 0},
            "total_tokens": total + OUTPUT,
        }
    details = {
        "cached_tokens": cached,
        "cache_write_tokens": written + hour,
        "cache_creation_token_details": {"ephemeral_1h_input_tokens": hour},
    }
    return {
        "prompt_tokens": total,
        "completion_tokens": OUTPUT,
        "total_tokens": total + OUTPUT,
        "prompt_tokens_details": details,
    }


class Counting:
    """A provider whose answers have the usage that a test sets."""

    def __init__(self) -> None:
        self.counts = COUNTS[0]

    def __call__(self, arrived: Arrived) -> Reply:
        body = arrived.json()
        whole, stream = WIRES[arrived.path]
        made = whole("Goed.", FIELDS[arrived.path], body)
        made["usage"] = usage_on(arrived.path, self.counts)
        return streamed(list(stream(made))) if body.get("stream") else Reply([orjson.dumps(made)])


@pytest.fixture(scope="module")
def provider() -> Iterator[WireProvider]:
    with WireProvider(Counting()) as server:
        yield server


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def gateway(
    provider: WireProvider, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[InProcessGateway]:
    folder, translator = tmp_path_factory.mktemp("prices"), Translator()
    made = secrets.create(folder / "secrets")
    snapshot = catalogue(provider, key_of(made.pepper))
    priced = [msgspec.structs.replace(one, price=PRICE) for one in snapshot.deployments]
    snapshot = msgspec.structs.replace(snapshot, deployments=priced)
    formats = wire_formats(translator)
    async with InProcessGateway(snapshot, folder, made=made, formats=formats) as running:
        yield running
    await translator.close()


@pytest.mark.parametrize("counts", COUNTS, ids=str)
@pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])
@pytest.mark.parametrize(("dialect", "way"), WAYS_TO)
async def test_each_part_of_the_input_has_its_price(
    gateway: InProcessGateway,
    provider: WireProvider,
    dialect: str,
    way: str,
    counts: tuple[int, int, int, int],
    *,
    stream: bool,
) -> None:
    assert isinstance(provider.script, Counting)
    provider.script.counts = counts
    body = {**BODIES[dialect], "model": f"{way}-eu", "stream": stream}
    if not stream:
        body.pop("stream_options", None)
    answer = await gateway.client.post(PATHS[dialect], json=body)
    assert answer.status_code == 200, answer.text
    close = dict(gateway.entries_of(answer)[-1].fields)
    new, cached, written, hour = counts
    if provider.arrived[-1].path == "/responses":
        new, written, hour = new + written + hour, 0, 0
    found = [close.get(name, 0) or 0 for name in ("cached_tokens", "cache_write_tokens")]
    found.append(close.get("cache_write_1h_tokens", 0) or 0)
    assert (close["input_tokens"], *found) == (sum(counts), cached, written, hour)
    listed = new * 3 + cached * 0.3 + written * 3.75 + hour * 6 + OUTPUT * 15
    assert close["cost_micros"] == pytest.approx(listed, abs=1)
    assert (close["currency"], close["output_tokens"]) == ("USD", OUTPUT)
