"""Sign-ins are on record: once a token, once a day a key, and every refusal."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey

from gateway.core.objects.keys import NewKey
from gateway.core.snapshot import Issuer
from gateway.core.system.secrets import Secrets, create
from gateway.evidence.entry import values_of
from gateway.evidence.refusal_counter import SINGLES_PER_SECOND
from gateway.governance.access_control.service import SignIn
from gateway.governance.app import create_app
from gateway.governance.plane import ControlPlane, build
from tests.support.persons import issued
from tests.support.schema import migrate

pytestmark = pytest.mark.integration
DAY = 86_400
KEY = RSAKey.generate_key(2048, {"kid": "one", "use": "sig", "alg": "RS256"})
ISSUER = Issuer(
    "staff",
    "https://id.example.org",
    "urn:sluis",
    "groups",
    {"officers": "compliance_officer"},
    KeySet([KEY]).as_dict(private=False),  # type: ignore[arg-type]
)


class Clock:
    now = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


class Door:
    """Control planes over one database, as replicas are."""

    def __init__(self, url: str, secrets: Secrets, data_dir: Path | None) -> None:
        self.clock = Clock()
        self._made = (url, secrets, data_dir)
        self._apps: dict[int, FastAPI] = {}
        self.plane = self.another()

    def another(self) -> ControlPlane:
        url, secrets, data_dir = self._made
        plane = build(database_url=url, secrets=secrets, data_dir=data_dir, wall=self.clock)

        async def issuers() -> list[Issuer]:
            return [ISSUER]

        sign_in = SignIn(
            plane.database,
            plane.journal,
            key=plane.snapshots.key,
            issuers=issuers,
            refresh_keys=plane.issuer_keys.refresh_one,
            admit=plane.leaving.persons.admit,
            names=plane.leaving.persons.names,
            published=plane.snapshots.published,
            pepper=secrets.pepper,
            operator_token=secrets.operator_token,
            digest=secrets.key_digest,
            wall=self.clock,
            clock=self.clock,
        )
        return replace(plane, sign_in=sign_in)

    def app_of(self, plane: ControlPlane) -> FastAPI:
        """One application a plane: to build it costs more than to ask it."""
        made = self._apps.get(id(plane))
        if made is None:
            made = self._apps[id(plane)] = create_app(plane, resolve=lambda _: None)
        return made

    async def ask(
        self, credential: str, *, path: str = "/me", plane: ControlPlane | None = None
    ) -> int:
        app = self.app_of(plane or self.plane)
        transport = httpx.ASGITransport(app, client=("192.0.2.9", 5000))
        headers = {"authorization": f"Bearer {credential}"} if credential else {}
        async with httpx.AsyncClient(
            transport=transport, base_url="http://control/admin/v1", headers=headers
        ) as client:
            return (await client.get(path)).status_code

    async def entries(self, source: str = "access:") -> list[dict[str, Any]]:
        query = "SELECT event, request, disclosure FROM audit_detail ORDER BY seq"
        return [
            {
                "event": row["event"],
                "request": row["request"],
                **values_of(bytes(row["disclosure"])),
            }
            for row in await self.plane.trail.rows(query, {})
            if row["event"].startswith(source)
        ]


@pytest.fixture(params=["sqlite", "postgres"])
async def door(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Door]:
    secrets = create(tmp_path / "secrets")
    if request.param == "sqlite":
        made = Door(f"sqlite:///{tmp_path / 'governance.db'}", secrets, tmp_path)
    else:
        made = Door(request.getfixturevalue("postgres_url"), secrets, None)
    await migrate(made.plane.database)
    await made.plane.open()
    yield made
    await made.plane.close()


def token(door: Door, subject: str = "carla", **changes: Any) -> str:
    claims = {
        "iss": ISSUER.issuer,
        "aud": ISSUER.audience,
        "sub": subject,
        "name": subject.title(),
        "exp": int(door.clock.now) + 600,
        "groups": ["officers"],
        **changes,
    }
    return jwt.encode({"alg": "RS256", "kid": "one", "typ": "at+jwt"}, claims, KEY)


async def test_a_token_is_on_record_once_whichever_replica_sees_it(door: Door) -> None:
    carla, other = token(door), door.another()
    assert [await door.ask(carla) for _ in range(3)] == [200] * 3
    assert await door.ask(carla, plane=other) == 200
    await other.close()
    (opened,) = await door.entries()
    assert opened["event"] == "access:session:open"
    assert opened["roles"] == ["compliance_officer"]
    assert "carla" not in str(opened).lower()
    assert await door.ask(token(door, jti="2")) == 200  # a new token of the same person
    assert len({one["request"] for one in await door.entries()}) == 2
    assert len({one["principal"] for one in await door.entries()}) == 1


async def test_a_key_is_on_record_once_a_day(door: Door) -> None:
    secret = await issued(door.plane, NewKey(name="ops", kind="admin", roles=["platform_admin"]))
    for later in (0, 60, DAY):
        door.clock.now += later
        assert await door.ask(secret) == 200
        assert await door.ask(secret, path="/keys") == 200
    used = await door.entries()
    (key,) = await door.plane.keys.list()
    assert [(one["event"], one["principal"]) for one in used] == [("access:key:use", key.id)] * 2


async def test_whoever_is_refused_is_on_record(door: Door) -> None:
    assert await door.ask("sk-wrong-00000000000000") == 401
    assert await door.ask("") == 401
    assert await door.ask(token(door, exp=1)) == 401
    refused = await door.entries()
    assert [one["event"] for one in refused] == ["access:session:refuse"] * 3
    assert {one["outcome"] for one in refused} == {"invalid_api_key"}
    assert "192.0.2" not in str(refused)


async def test_a_flood_is_counted_and_closing_the_plane_loses_nothing(door: Door) -> None:
    asked = [door.ask("sk-wrong-00000000000000") for _ in range(120)]
    assert set(await asyncio.gather(*asked)) == {401}
    await door.plane.sign_in.stop()
    refused = await door.entries()
    singles = [one for one in refused if one["event"] == "access:session:refuse"]
    counted = [one for one in refused if one["event"] == "access:session:count"]
    assert len(singles) + sum(one["count"] for one in counted) == 120
    assert (len(singles), len(counted)) == (SINGLES_PER_SECOND, 1)


async def test_what_is_asked_without_permission_is_on_record(door: Door) -> None:
    assert await door.ask(token(door), path="/keys") == 403
    refused = (await door.entries())[-1]
    assert (refused["event"], refused["permission"]) == ("access:permission:refuse", "keys:read")
