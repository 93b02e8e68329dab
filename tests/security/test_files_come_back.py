"""A provider that writes back what it saw: the files are byte for byte those that were sent."""

from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import replace
from pathlib import Path
from random import Random

import httpx
import pytest

from gateway.core.system import secrets
from tests.support.classifier import FunctionClassifier
from tests.support.effort import examples, some
from tests.support.file_echo import CALLERS, PATCH, SHOWN, FileEcho, Said, edits, whole_file
from tests.support.in_process import InProcessGateway, key_of
from tests.support.planted_files import MAILS, NAMES, entities, planted_files, short_file
from tests.support.responses_api import Cut
from tests.support.wire_catalogue import PATHS, WAYS, catalogue
from tests.support.wire_provider import WireProvider

pytestmark = [pytest.mark.integration, pytest.mark.slow]
_ENDED = ('"stop_reason":"refusal"', '"content_filter"')
NIGHTLY = [pytest.mark.nightly, pytest.mark.timeout(1800)]
ROUTES = [(dialect, way) for dialect in CALLERS for way in WAYS[dialect]]


@pytest.fixture
def echo() -> FileEcho:
    return FileEcho()


@pytest.fixture
def provider(echo: FileEcho) -> Iterator[WireProvider]:
    with WireProvider(echo) as running:
        yield running


@pytest.fixture
async def gateway(provider: WireProvider, tmp_path: Path) -> AsyncIterator[InProcessGateway]:
    made = secrets.create(tmp_path / "secrets")
    async with InProcessGateway(
        catalogue(provider, key_of(made.pepper)),
        tmp_path,
        made=made,
        classifier=FunctionClassifier(entities),
    ) as running:
        yield running


class Caller:
    """Asks for files over one route."""

    def __init__(self, gateway: InProcessGateway, dialect: str, way: str) -> None:
        self._client = gateway.client
        self._path, self._way = PATHS[dialect], way
        self._request, self._said = CALLERS[dialect]

    async def ask(
        self, shown: str, *, stream: bool, by_tool: bool = False
    ) -> tuple[httpx.Response, Said | None]:
        """The answer, and what it says; None where the file may not leave or come back."""
        body = {**self._request(shown, by_tool=by_tool), "model": f"{self._way}-eu"}
        if self._way == "over_chat":  # only functions can be translated
            body["tools"] = [tool for tool in body["tools"] if tool.get("type") != "custom"]
        answer = await self._client.post(self._path, json={**body, "stream": stream})
        if answer.status_code == 403:
            return answer, None  # it is restricted, and has no deployment inside here
        assert answer.status_code == 200, answer.text
        if any(sign in answer.text for sign in _ENDED):
            return answer, None  # a content rule ended the answer
        return answer, self._said(answer.text)


def split_at(place: int) -> Cut:
    return lambda text: filter(None, (text[:place], text[place:]))


def in_pieces(rng: Random) -> Cut:
    longest = rng.choice([40, 400, 4000])

    def cut(text: str) -> Iterator[str]:
        at = 0
        while at < len(text):
            size = rng.randint(1, longest)
            yield text[at : at + size]
            at += size

    return cut


@pytest.mark.parametrize(
    "wanted",
    [
        pytest.param(examples(12), id="some"),
        pytest.param(100, marks=NIGHTLY, id="hundred"),
    ],
)
@pytest.mark.parametrize("form", [whole_file, edits])
@pytest.mark.parametrize(("dialect", "way"), ROUTES)
async def test_files_come_back_byte_for_byte(
    gateway: InProcessGateway,
    provider: WireProvider,
    echo: FileEcho,
    dialect: str,
    way: str,
    form: Callable[[str], Said],
    wanted: int,
) -> None:
    rng, caller = Random(f"{way} {dialect}"), Caller(gateway, dialect, way)
    echo.said, tried, values, stayed = form, 0, 0, 0
    for file in planted_files(wanted * 3, rng):
        if tried == wanted:
            break
        echo.ascii, echo.cut = rng.random() < 0.5, in_pieces(rng)
        by_tool, shown = rng.random() < 0.5, rng.choice(SHOWN)(file)
        whole, said = await caller.ask(shown, stream=False, by_tool=by_tool)
        if said is None or "[SECRET]" in (seen := provider.arrived[-1].body.decode()):
            continue  # a secret never comes back
        assert not any(one in seen for one in (*NAMES, *MAILS))
        _, streamed = await caller.ask(shown, stream=True, by_tool=by_tool)
        assert said == streamed
        if form is edits and "x-sluis-kept" in whole.headers:
            stayed += 1  # a quote of a command stays open, so what follows may belong to it
        else:
            assert said == replace(form(file), patch=form(file).patch if PATCH in seen else None)
            assert "x-sluis-kept" not in whole.headers
        values += int(whole.headers["x-sluis-redacted"])
        tried += 1
    assert tried == wanted
    assert stayed <= max(1, wanted // 20)
    print(f"{tried} files with {values} values, whole and streamed: {tried - stayed} equal")


@pytest.mark.parametrize(
    "step", [pytest.param(3, id="some"), pytest.param(1, marks=NIGHTLY, id="each")]
)
@pytest.mark.parametrize("form", [whole_file, edits])
@pytest.mark.parametrize(("number", "dialect"), list(enumerate(CALLERS)))
async def test_a_file_comes_back_at_each_split(
    gateway: InProcessGateway,
    echo: FileEcho,
    dialect: str,
    number: int,
    form: Callable[[str], Said],
    step: int,
) -> None:
    caller, file = Caller(gateway, dialect, WAYS[dialect][0]), short_file()
    echo.said = form
    wished = form(file) if dialect != "messages" else replace(form(file), patch=None)
    longest = max(len(str(text)) for text in (wished.text, wished.patch, echo.source(wished)))
    # Texts of all dialects go through the same channel: together they try each place.
    for at in some(range(1 + number % step, longest, step)):
        echo.cut = split_at(at)
        _, said = await caller.ask(SHOWN[0](file), stream=True)
        assert said == wished, at
