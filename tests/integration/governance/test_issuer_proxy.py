"""The keys of an identity provider are fetched through a proxy, which alone knows its name."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from gateway.core.snapshot import Issuer
from gateway.governance.issuer_keys.fetch import FAULTS, fetch
from tests.support.certificates import certificate
from tests.support.connect_proxy import ConnectProxy
from tests.support.key_server import KeyServer
from tests.support.provider_tokens import key, published

pytestmark = pytest.mark.integration
HOST = "sso.bank.invalid"
KEYS = published(key(kid="one"))


@pytest.fixture
async def proxy(tmp_path: Path) -> AsyncIterator[ConnectProxy]:
    shown = certificate(tmp_path, hosts=[HOST])
    provider = KeyServer(KEYS, address=f"https://{HOST}")
    server = await asyncio.start_server(provider.answer, "127.0.0.1", 0, ssl=shown.context())
    async with server:
        with ConnectProxy({HOST: server.sockets[0].getsockname()[1]}) as running:
            yield running


def issuer(proxy: ConnectProxy, tmp_path: Path) -> Issuer:
    return Issuer("sso", f"https://{HOST}", "sluis", proxy=proxy.url, ca=str(tmp_path / "ca.pem"))


async def test_keys_come_through_the_proxy_which_resolves_the_name(
    proxy: ConnectProxy, tmp_path: Path
) -> None:
    assert (await fetch(issuer(proxy, tmp_path))).keys == KEYS
    assert set(proxy.asked) == {f"CONNECT {HOST}:443"}


@pytest.mark.parametrize("manner", ["refuse", "hang", "close"])
async def test_a_proxy_that_gives_no_tunnel_gives_no_keys(
    proxy: ConnectProxy, tmp_path: Path, manner: str
) -> None:
    proxy.manner = manner
    with pytest.raises(FAULTS):
        await fetch(issuer(proxy, tmp_path))


async def test_the_certificate_is_that_of_the_provider_and_not_of_the_proxy(
    proxy: ConnectProxy, tmp_path: Path
) -> None:
    certificate(tmp_path, "ca", hosts=[HOST])  # another authority in its place
    with pytest.raises(FAULTS):
        await fetch(issuer(proxy, tmp_path))


async def test_an_issuer_without_an_authority_of_its_own_is_trusted_by_those_of_the_system(
    proxy: ConnectProxy, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = Issuer("sso", f"https://{HOST}", "sluis", proxy=proxy.url)
    with pytest.raises(FAULTS):
        await fetch(plain)
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
    assert (await fetch(plain)).keys == KEYS
