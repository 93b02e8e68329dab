"""Signing keys: fetched when one is unknown, seldom, and kept while the provider is down."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace as replace_struct
from sqlalchemy import text

from gateway.core.errors import Unauthenticated, Unavailable
from gateway.core.snapshot import KEY_REQUESTS, Issuer, unseal
from gateway.governance.access_control.service import SignIn
from gateway.governance.actor import LOCAL_OPERATOR
from gateway.governance.catalogue.config_file import parse
from gateway.governance.issuer_keys.fetch import fetch
from gateway.governance.issuer_keys.service import AT_MOST_EVERY_S, IssuerKeys
from gateway.governance.plane import ControlPlane
from gateway.processes.key_requests import ASK_EVERY_S, KeyRequests
from gateway.processes.snapshot_source import FileSource, GatewaySource, PostgresSource
from tests.support.key_server import KeyServer, key_server
from tests.support.persons import applied
from tests.support.provider_tokens import key, published, signed
from tests.support.retained import CONFIG, Retained

pytestmark = pytest.mark.integration
NEW = key(kid="new")


class Ticks:
    """Monotonic seconds that a test moves."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


@dataclass
class Installed:
    """A control plane that trusts one provider."""

    kept: Retained
    provider: KeyServer
    clock: Ticks
    keys: IssuerKeys
    source: GatewaySource

    def another(self) -> IssuerKeys:
        return IssuerKeys(
            self.kept.plane.database,
            wall=self.kept.clock,
            clock=self.clock,
            directory=None if self.kept.url else self.kept.data / "snapshots",
        )

    async def note(self, requests: KeyRequests, *issuers: str) -> None:
        for issuer in issuers or (self.provider.address,):
            requests.note(issuer)
        await requests.send()

    def sign_in(self) -> SignIn:
        plane = self.kept.plane
        return SignIn(
            plane.database,
            plane.journal,
            key=plane.snapshots.key,
            admit=plane.leaving.persons.admit,
            names=plane.leaving.persons.names,
            published=plane.snapshots.published,
            issuers=self.keys.issuers,
            refresh_keys=self.keys.refresh_one,
            pepper=plane.secrets.pepper,
            operator_token=plane.secrets.operator_token,
            digest=plane.secrets.key_digest,
            wall=self.kept.clock,
        )

    def token(self, by: Any, kid: str) -> str:
        now = int(self.kept.clock())
        claims = {"iss": self.provider.address, "aud": "urn:sluis", "sub": "carla"}
        times = {"iat": now, "exp": now + 600}
        return signed({**claims, **times}, {"typ": "at+jwt", "kid": kid}, by)

    async def trust(self, settings: str = "") -> None:
        config = (
            f"{CONFIG}identity:\n  issuers:\n    - {{name: staff, audience: urn:sluis, "
            f'issuer: "{self.provider.address}"{settings}}}\n'
        )
        parsed = parse(config, source="sluis.yaml")
        await applied(self.kept.plane, parsed)

    async def known(self) -> set[str]:
        (issuer,) = await self.keys.issuers()
        return {one["kid"] for one in issuer.keys.get("keys", ())}


@pytest.fixture
async def installed(kept: Retained) -> AsyncIterator[Installed]:
    async with key_server(published(key())) as provider:
        source = PostgresSource(kept.url) if kept.url else FileSource(kept.data / "snapshots")
        made = Installed(kept, provider, Ticks(), kept.plane.issuer_keys, source)
        made.keys = made.another()
        kept.plane = replace(kept.plane, issuer_keys=made.keys)
        await made.trust()
        yield made
        if isinstance(source, PostgresSource) and source._db is not None:
            await source._db.close()


async def snapshot_issuer(plane: ControlPlane) -> Issuer:
    await plane.snapshots.publish()
    async with plane.database.read() as connection:
        row = await connection.execute(
            text("SELECT envelope FROM snapshot ORDER BY id DESC LIMIT 1")
        )
    envelope = bytes(row.scalar_one())
    return unseal(envelope, plane.secrets.signing.public_key())[0].issuers[0]


async def test_a_new_key_is_fetched_when_an_administrator_brings_it(installed: Installed) -> None:
    await installed.keys.refresh()
    door = installed.sign_in()
    assert (await door.actor(installed.token(key(), key().kid), None)).via == "sign-on"
    installed.provider.keys = published(key(), NEW)
    assert (await door.actor(installed.token(NEW, "new"), None)).via == "sign-on"
    assert installed.provider.asked == 2


async def test_a_flood_of_unknown_keys_causes_one_fetch(installed: Installed) -> None:
    await installed.keys.refresh()
    door = installed.sign_in()
    installed.provider.asked = 0

    async def knock(number: int) -> None:
        with suppress(Unauthenticated):
            await door.actor(installed.token(NEW, f"unknown-{number}"), None)

    await asyncio.gather(*(knock(number) for number in range(40)))
    assert installed.provider.asked == 1
    installed.clock.now += AT_MOST_EVERY_S
    await asyncio.gather(*(knock(number) for number in range(40)))
    assert installed.provider.asked == 2


async def test_what_a_gateway_asks_for_is_fetched_and_published(installed: Installed) -> None:
    plane = installed.kept.plane
    await installed.keys.refresh()
    await plane.snapshots.publish()
    requests = KeyRequests(installed.source, clock=installed.clock)
    installed.provider.keys = published(key(), NEW)
    await installed.note(requests, *[installed.provider.address] * 40)
    await plane.follow_key_notes()
    assert await installed.known() == {key().kid, "new"}
    assert len((await snapshot_issuer(plane)).keys["keys"]) == 2


async def test_notes_are_followed_seldom_and_none_is_lost(installed: Installed) -> None:
    await installed.keys.refresh()
    await installed.kept.plane.snapshots.publish()
    requests = KeyRequests(installed.source, clock=installed.clock)
    asked = []
    for _ in range(int(AT_MOST_EVERY_S)):
        await installed.note(requests)
        await installed.keys.follow_notes()
        asked.append(installed.provider.asked)
        installed.clock.now += 1
    assert asked == [2] * int(AT_MOST_EVERY_S)  # at the start, and for the first note
    assert await installed.keys.follow_notes()  # a note that had to wait
    installed.clock.now += AT_MOST_EVERY_S
    assert not await installed.keys.follow_notes()


async def test_of_two_control_planes_one_follows_a_note(installed: Installed) -> None:
    await installed.keys.refresh()
    await installed.kept.plane.snapshots.publish()
    other = installed.another()
    requests = KeyRequests(installed.source, clock=installed.clock)
    await installed.note(requests)
    followed = [await installed.keys.follow_notes(), await other.follow_notes()]
    assert (followed, installed.provider.asked) == ([True, False], 2)


async def test_a_note_about_a_stranger_is_ignored(installed: Installed) -> None:
    await installed.keys.refresh()
    await installed.kept.plane.snapshots.publish()
    requests = KeyRequests(installed.source, clock=installed.clock)
    await installed.note(requests, "http://127.0.0.1:1/stranger")
    assert not await installed.keys.follow_notes()


async def test_keys_outlive_an_outage_for_a_day(installed: Installed) -> None:
    await installed.keys.refresh()
    door = installed.sign_in()
    installed.provider.up = False
    (problem,) = await installed.keys.refresh()
    assert problem.startswith("staff: ")
    installed.kept.clock.ms += 86_000_000
    assert (await door.actor(installed.token(key(), key().kid), None)).via == "sign-on"
    installed.kept.clock.ms += 800_000
    with pytest.raises(Unavailable) as refused:  # not the caller's fault
        await door.actor(installed.token(key(), key().kid), None)
    assert refused.value.retry_after
    assert (await snapshot_issuer(installed.kept.plane)).keys == {}
    installed.provider.up = True
    assert await installed.keys.follow_notes() is False  # its row is there: the job fetches it
    await installed.keys.refresh()
    assert (await door.actor(installed.token(key(), key().kid), None)).via == "sign-on"


async def test_how_long_they_outlive_it_is_a_setting(installed: Installed) -> None:
    await installed.trust(", keys_max_age: 300")
    await installed.keys.refresh()
    installed.kept.clock.ms += 299_000
    assert await installed.known()
    installed.kept.clock.ms += 2_000
    assert not await installed.known()


async def test_an_issuer_that_never_answered_is_asked_again_soon(installed: Installed) -> None:
    installed.provider.up = False
    await installed.keys.refresh()
    with pytest.raises(Unavailable):
        await installed.sign_in().actor(installed.token(key(), key().kid), None)
    installed.provider.up = True
    await installed.kept.plane.follow_key_notes()
    door = installed.sign_in()
    assert (await door.actor(installed.token(key(), key().kid), None)).via == "sign-on"


@pytest.mark.parametrize("unusable", ["many", "large", "no list"])
async def test_too_many_keys_change_nothing(installed: Installed, unusable: str) -> None:
    await installed.keys.refresh()
    one = installed.provider.keys["keys"][0]
    documents: dict[str, dict[str, Any]] = {
        "many": {"keys": [{**one, "kid": str(number)} for number in range(51)]},
        "large": {"keys": [one], "padding": "x" * 300_000},
        "no list": {"keys": "none"},
    }
    installed.provider.keys = documents[unusable]
    (problem,) = await installed.keys.refresh()
    assert "could not be fetched" in problem
    assert await installed.known() == {key().kid}


async def test_algorithms_that_are_not_published_are_not_accepted(installed: Installed) -> None:
    installed.provider.discovery = {"id_token_signing_alg_values_supported": ["ES256", "HS256"]}
    await installed.keys.refresh()
    with pytest.raises(Unauthenticated, match="publishes ES256, HS256"):
        await installed.sign_in().actor(installed.token(key(), key().kid), None)


async def test_an_upgrade_keeps_the_keys_of_the_last_snapshot(installed: Installed) -> None:
    plane = installed.kept.plane
    await installed.keys.refresh()
    await plane.snapshots.publish()
    async with plane.database.write() as connection:  # as before this version
        await connection.execute(text("DELETE FROM issuer_keys"))
    installed.provider.up = False
    await installed.keys.refresh()
    assert (await snapshot_issuer(plane)).keys["keys"]
    assert await installed.known() == {key().kid}


async def test_an_issuer_that_is_not_trusted_any_more_has_no_keys_here(
    installed: Installed,
) -> None:
    plane = installed.kept.plane
    await installed.keys.refresh()
    await plane.catalogue.apply(
        parse(CONFIG, source="sluis.yaml"), LOCAL_OPERATOR, resolve=lambda _: None
    )
    await installed.keys.refresh()
    async with plane.database.read() as connection:
        assert (await connection.execute(text("SELECT * FROM issuer_keys"))).first() is None


async def test_keys_can_be_read_where_that_needs_a_credential(
    installed: Installed, tmp_path: Path
) -> None:
    bearer, provider = tmp_path / "token", installed.provider
    bearer.write_text("eyJ.service.account\n", encoding="ascii")
    issuer = Issuer("cluster", provider.address, "urn:sluis", bearer_file=str(bearer))
    found = await fetch(replace_struct(issuer, jwks_uri=f"{provider.address}/jwks"))
    assert len(found.keys["keys"]) == 1
    assert provider.bearers == {"Bearer eyJ.service.account"}
    provider.discovery = {"jwks_uri": "https://elsewhere.example/jwks"}
    with pytest.raises(ValueError, match="another host"):
        await fetch(issuer)
    bearer.write_text("0123456789abcdef", encoding="ascii")
    with pytest.raises(ValueError, match="no token"):
        await fetch(issuer)
    with pytest.raises(FileNotFoundError):
        await fetch(replace_struct(issuer, bearer_file=str(tmp_path / "nowhere")))


async def test_the_verifier_is_built_when_something_changes(installed: Installed) -> None:
    await installed.keys.refresh()
    door = installed.sign_in()
    first = await door.verifier()
    installed.kept.clock.ms += 60_000
    await installed.keys.refresh()  # the same keys
    assert await door.verifier() is first
    installed.provider.keys = published(NEW)
    await installed.keys.refresh()
    second = await door.verifier()
    assert second is not first
    await installed.trust(", max_age: 600")
    assert await door.verifier() is not second


async def test_notes_about_two_issuers_wait_together(tmp_path: Path) -> None:
    source = FileSource(tmp_path)
    await source.ask_for_keys(["https://a.example"])
    await source.ask_for_keys(["https://b.example"])
    noted = json.loads((tmp_path / KEY_REQUESTS).read_bytes())
    assert noted == ["https://a.example", "https://b.example"]


async def test_a_gateway_keeps_what_it_could_not_note() -> None:
    class Broken(FileSource):
        broken, noted = True, 0

        async def ask_for_keys(self, issuers: Any) -> None:
            if self.broken:
                raise OSError
            self.noted += len(issuers)

    clock, source = Ticks(), Broken(Path())
    requests = KeyRequests(source, clock=clock)
    requests.note("https://id.example.org")
    await requests.send()
    source.broken = False
    for _ in range(3):
        await requests.send()
        requests.note("https://id.example.org")
    assert source.noted == 1
    clock.now += ASK_EVERY_S
    await requests.send()
    assert source.noted == 2
