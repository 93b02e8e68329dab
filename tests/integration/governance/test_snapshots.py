"""What is published is the present state, however many publish at once."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import count
from typing import Any

import pytest
from sqlalchemy import text

from gateway.core.objects.keys import NewKey
from gateway.core.snapshot import Snapshot, unseal
from gateway.governance.actor import LOCAL_OPERATOR
from gateway.governance.catalogue.config_file import parse
from gateway.governance.plane import ControlPlane
from tests.support.persons import applied, issued_key
from tests.support.retained import CONFIG, Retained

pytestmark = pytest.mark.integration
KEYS, OTHERS = 12, 4
JWKS = {"keys": [{"kty": "OKP", "crv": "Ed25519", "kid": "one", "x": "AAAA"}]}


async def published(plane: ControlPlane) -> Snapshot:
    """The snapshot that a gateway would take now."""
    async with plane.database.read() as connection:
        row = (
            await connection.execute(text("SELECT envelope FROM snapshot ORDER BY id DESC LIMIT 1"))
        ).one()
    return unseal(bytes(row.envelope), plane.secrets.signing.public_key())[0]


async def published_keys(plane: ControlPlane) -> set[str]:
    """The keys in it."""
    keys = (await published(plane)).keys
    return {key.name for key in keys if key.kind == "app"}


# What stands for "..." in an answer: json.dumps would not write it.
DEEP = b"[" * 100_000 + b"]" * 100_000


@asynccontextmanager
async def issuing(keys: Any, found: Any = None) -> AsyncIterator[str]:
    """The address of an identity provider with these keys, which it says are where they are."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        said = {"issuer": address, "jwks_uri": f"{address}/jwks"}
        if isinstance(found, dict):
            said |= found
        elif found is not None:
            said = found
        body = json.dumps(keys if b" /jwks " in head else said).encode().replace(b'"..."', DEEP)
        writer.write(
            b"HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: %d\r\n\r\n" % len(body)
        )
        writer.write(body)
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    address = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    async with server:
        yield address


async def trust(plane: ControlPlane, **issuers: str) -> None:
    """Applies a configuration with these issuers, by name."""
    listed = "".join(
        f'    - {{name: {name}, issuer: "{address}", audience: "urn:sluis"}}\n'
        for name, address in issuers.items()
    )
    config = parse(f"{CONFIG}identity:\n  issuers:\n{listed}", source="sluis.yaml")
    await applied(plane, config)


async def test_a_revoked_key_does_not_come_back_when_others_publish_too(kept: Retained) -> None:
    plane = kept.plane
    names = [f"k{number}" for number in range(KEYS)]
    for name in names:
        await issued_key(plane, NewKey(name))
    stopped = asyncio.Event()

    async def publish_often() -> None:
        for _ in count():
            if stopped.is_set():
                return
            await plane.snapshots.publish()

    others = [asyncio.ensure_future(publish_often()) for _ in range(OTHERS)]
    came_back = []
    for at, name in enumerate(names):
        await plane.keys.revoke(name, LOCAL_OPERATOR)
        await plane.snapshots.publish()
        for _ in range(OTHERS):
            came_back += sorted(await published_keys(plane) & set(names[: at + 1]))
    stopped.set()
    await asyncio.gather(*others)
    assert not came_back
    assert not await published_keys(plane) & set(names)


async def test_a_key_that_another_process_published_goes_when_it_is_revoked_here(
    kept: Retained,
) -> None:
    other = Retained(kept.folder, kept.url, kept.clock)
    await other.open()
    await kept.plane.snapshots.publish()
    await issued_key(other.plane, NewKey("app"))
    await other.plane.snapshots.publish()
    assert await published_keys(kept.plane) == {"app"}
    await kept.plane.keys.revoke("app", LOCAL_OPERATOR)  # now all is as when it published last
    await kept.plane.snapshots.publish()
    await other.plane.close()
    assert not await published_keys(kept.plane)


async def test_a_process_that_asked_no_issuer_publishes_the_keys_that_another_fetched(
    kept: Retained,
) -> None:
    other = Retained(kept.folder, kept.url, kept.clock)
    await other.open()
    async with issuing(JWKS) as address:
        await trust(kept.plane, staff=address)
        assert await kept.plane.issuer_keys.refresh() == []
        await kept.plane.snapshots.publish()
        await other.plane.snapshots.publish()  # as any command on the machine does
        await kept.plane.snapshots.publish()
        (issuer,) = (await published(kept.plane)).issuers
        assert issuer.keys == JWKS
    assert await other.plane.issuer_keys.refresh() != []  # it cannot be reached any more
    assert [one.keys for one in await other.plane.issuer_keys.issuers()] == [JWKS]
    await other.plane.close()


@pytest.mark.parametrize(
    ("keys", "found"),
    [
        (JWKS, []),
        (JWKS, "nobody"),
        (JWKS, {"issuer": 7}),
        (JWKS, {"jwks_uri": None}),
        (JWKS, {"jwks_uri": ["keys"]}),
        (JWKS, {"jwks_uri": "http://[/keys"}),
        (JWKS, {"jwks_uri": "mailto:keys@example.nl"}),
        ([1], None),
        ("keys", None),
        ({"keys": {}}, None),
        ({"keys": "..."}, None),
        ({}, None),
    ],
)
async def test_an_issuer_that_says_nonsense_does_not_keep_others_from_being_asked(
    kept: Retained, keys: Any, found: Any
) -> None:
    async with issuing(keys, found) as strange, issuing(JWKS) as good:
        await trust(kept.plane, strange=strange, staff=good)
        (problem,) = await kept.plane.issuer_keys.refresh()
    assert problem.startswith("strange: ")
    await kept.plane.snapshots.publish()
    known = {issuer.name: issuer.keys for issuer in await kept.plane.snapshots.issuers()}
    assert known == {"strange": {}, "staff": JWKS}


async def test_what_is_no_key_is_not_published(kept: Retained) -> None:
    nested: Any = "x"
    for _ in range(900):
        nested = [nested]
    strange = [1, None, "key", {"kty": "RSA", "n": nested}]
    async with issuing({"keys": [*strange, *JWKS["keys"]]}) as address:
        await trust(kept.plane, staff=address)
        assert await kept.plane.issuer_keys.refresh() == []
    await kept.plane.snapshots.publish()
    (issuer,) = (await published(kept.plane)).issuers
    assert issuer.keys == JWKS


async def test_what_is_as_it_was_is_confirmed_by_whoever_publishes(kept: Retained) -> None:
    other = Retained(kept.folder, kept.url, kept.clock)
    await other.open()
    first = await kept.plane.snapshots.publish()
    kept.clock.ms += 5000
    assert [await one.plane.snapshots.publish() for one in (other, kept, other)] == [first] * 3
    await other.plane.close()
