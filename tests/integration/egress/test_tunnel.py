"""Providers behind a corporate proxy: who answers is shown by the certificate, before any byte."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from gateway.core.errors import UpstreamFailed, UpstreamFault
from gateway.core.level import Zone
from gateway.core.snapshot import Provider, Snapshot
from gateway.dialects.openai_chat import OpenAIChat
from gateway.egress import UpstreamClient
from tests.support.certificates import Certificate, certificate
from tests.support.connect_proxy import ConnectProxy
from tests.support.openai_api import OpenAIApi

pytestmark = pytest.mark.integration
HOST = "provider.invalid"  # no name service knows it
CREDENTIAL = "sluis:s3cret"
ASKED = {"messages": [{"role": "user", "content": "Hello"}]}


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    return certificate(tmp_path_factory.mktemp("tls"), hosts=[HOST])


@pytest.fixture(scope="module")
def api(own: Certificate) -> Iterator[OpenAIApi]:
    with OpenAIApi(tls=own) as server:
        yield server


@pytest.fixture
def proxy(api: OpenAIApi) -> Iterator[ConnectProxy]:
    with ConnectProxy({HOST: api.port}, credential=CREDENTIAL) as server:
        yield server


class Caller:
    """A client of one provider behind the proxy."""

    def __init__(self, proxy: ConnectProxy, own: Certificate, **changes: Any) -> None:
        provider = Provider(
            "one",
            "openai",
            f"https://{HOST}/v1",
            Zone.EU,
            api_key="env:KEY",
            ca=str(own.path),
            proxy=proxy.url,
            proxy_auth="env:PROXY",
        )
        provider = msgspec.structs.replace(provider, **changes)
        self.client = UpstreamClient(
            Snapshot(number=1, created=0, bundle={}, providers=[provider]),
            secret={"env:KEY": "sk-1", "env:PROXY": CREDENTIAL, "env:OTHER": "a:b"}.get,
            worker_token="",
            formats={},
        )

    async def ask(self) -> dict[str, str]:
        """What is on record before a request leaves, which then is answered."""
        departure = await self.client.write(
            "one", "gpt", dict(ASKED), dialect=OpenAIChat(), digest=None
        )
        way = await self.client.route(departure)
        with await self.client.send(departure) as answered:
            assert (await answered.whole())["choices"]
        return way


@pytest.fixture
async def callers() -> AsyncIterator[list[Caller]]:
    made: list[Caller] = []
    yield made
    for one in made:
        await one.client.close()


async def test_a_request_goes_through_the_proxy_which_resolves_the_name(
    callers: list[Caller], proxy: ConnectProxy, own: Certificate, api: OpenAIApi
) -> None:
    callers.append(caller := Caller(proxy, own))
    before = len(api.bodies)
    way = await caller.ask()
    await caller.ask()
    assert proxy.asked == [f"CONNECT {HOST}:443"]  # the second request has the same connection
    assert len(api.bodies) == before + 2
    assert way == {"proxy": f"127.0.0.1:{proxy.port}", "certificate": own.digest}


async def test_pins_are_enough_and_are_checked(
    callers: list[Caller], proxy: ConnectProxy, own: Certificate
) -> None:
    other = "sha256//" + "A" * 43 + "="
    callers.append(pinned := Caller(proxy, own, pins=[other, own.pin]))
    assert (await pinned.ask())["certificate"] == own.digest
    callers.append(wrong := Caller(proxy, own, pins=[other]))
    with pytest.raises(UpstreamFailed, match="pinned") as failed:
        await wrong.ask()
    assert failed.value.fault is UpstreamFault.OPERATOR


async def test_an_authority_that_is_not_the_providers_own_is_refused(
    callers: list[Caller],
    proxy: ConnectProxy,
    own: Certificate,
    tmp_path: Path,
    api: OpenAIApi,
) -> None:
    """As of a proxy that reads along with a certificate of its own."""
    before = len(api.bodies)
    callers.append(caller := Caller(proxy, certificate(tmp_path, hosts=[HOST])))
    with pytest.raises(UpstreamFailed):
        await caller.ask()
    assert len(api.bodies) == before


@pytest.mark.parametrize(
    ("manner", "changes", "why"),
    [
        ("refuse", {}, "does not allow this host"),
        ("tunnel", {"proxy_auth": "env:OTHER"}, "asks for a credential"),
        ("close", {}, "closed the connection"),
        ("speak", {}, "not one to CONNECT"),
    ],
)
async def test_a_proxy_that_gives_no_tunnel_is_told_to_the_operator(
    callers: list[Caller],
    proxy: ConnectProxy,
    own: Certificate,
    api: OpenAIApi,
    manner: str,
    changes: dict[str, Any],
    why: str,
) -> None:
    proxy.manner, before = manner, len(api.bodies)
    callers.append(caller := Caller(proxy, own, **changes))
    with pytest.raises(UpstreamFailed, match=why) as failed:
        await caller.ask()
    assert failed.value.fault is UpstreamFault.OPERATOR
    assert len(api.bodies) == before


async def test_a_proxy_that_hangs_costs_the_time_to_connect(
    callers: list[Caller], proxy: ConnectProxy, own: Certificate
) -> None:
    proxy.manner = "hang"
    callers.append(caller := Caller(proxy, own))
    with pytest.raises(UpstreamFailed, match="cannot be reached"):
        await caller.client._upstreams["one"].pool.ready(0.3)
