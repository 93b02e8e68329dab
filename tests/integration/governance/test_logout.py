"""Back-channel logout ends what its token names, once, and every refusal is on record."""

import time
import uuid
from typing import Any

import httpx
import pytest

from gateway.governance.logout.service import PER_NETWORK
from tests.support.issuer import TestIssuer, new_key
from tests.support.office import Office

pytestmark = pytest.mark.integration


async def log_out(
    office: Office,
    token: str | None,
    *,
    issuer: str = "staff",
    raw: bytes | None = None,
    plane: int = 0,
) -> httpx.Response:
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(office.app(plane)), base_url="http://control"
    ) as provider:
        path = f"/logout/backchannel/{issuer}"
        if raw is not None:
            return await provider.post(path, content=raw)
        return await provider.post(path, data={"logout_token": token} if token else {})


async def status(office: Office, token: str, plane: int = 0) -> int:
    return (await office.ask(token, "GET", "/me", plane=plane)).status_code


async def test_a_logout_ends_the_session_that_it_names(office: Office) -> None:
    here = office.issuer.token("carla", name="Carla", sid="s-1")
    elsewhere = office.issuer.token("carla", name="Carla", sid="s-2")
    unnamed = office.issuer.token("carla", name="Carla")
    assert [await status(office, one) for one in (here, elsewhere, unnamed)] == [200] * 3
    done = await log_out(office, office.issuer.logout_token(sub="carla", sid="s-1"))
    assert (done.status_code, done.headers["cache-control"]) == (200, "no-store")
    for plane in (0, 1):
        assert await status(office, here, plane) == 401
        assert await status(office, unnamed, plane) == 401  # it may be of that session
        assert await status(office, elsewhere, plane) == 200
    (entry,) = [e for e in await office.entries() if e["event"] == "control:person:sign_out"]
    assert (entry["person_name"], entry["via"]) == ("Carla", "logout")
    assert {key[:2] for key in (await office.snapshot()).cut_offs} == {"s_", "w_"}


async def test_a_logout_of_a_subject_ends_all_and_a_later_sign_on_is_good(office: Office) -> None:
    old = office.issuer.token("carla", sid="s-1")
    assert await status(office, old) == 200
    done = await log_out(office, office.issuer.logout_token(sub="carla"))
    assert done.status_code == 200
    assert await status(office, old) == 401
    assert await status(office, office.issuer.token("carla", iat=int(time.time()) + 20)) == 200
    assert await status(office, office.issuer.token("dirk")) == 200


@pytest.mark.parametrize("session", [{"sid": "s-1"}, {}])
async def test_a_person_ends_the_own_sign_on_and_no_other(
    office: Office, session: dict[str, str]
) -> None:
    here = office.issuer.token("carla", name="Carla", **session)
    others = [
        office.issuer.token("carla", name="Carla", sid="s-2"),
        office.issuer.token("dirk", name="Dirk", sid="s-3"),
    ]
    assert (await office.ask(here, "POST", "/me/sign-out")).status_code == 200
    for plane in (0, 1):
        assert await status(office, here, plane) == 401
        assert [await status(office, one, plane) for one in others] == [200, 200]
    (entry,) = [e for e in await office.entries() if e["event"] == "control:person:sign_out"]
    assert (entry["person_name"], entry["via"]) == ("Carla", "sign-on")


async def test_a_token_is_used_once_whichever_replica_gets_it(office: Office) -> None:
    token = office.issuer.logout_token(sub="carla")
    assert (await log_out(office, token)).status_code == 200
    again = await log_out(office, token, plane=1)
    assert (again.status_code, again.json()["error"]["code"]) == (401, "invalid_logout_token")
    assert "used before" in again.json()["error"]["message"]


async def test_every_refusal_is_on_record_and_ends_nothing(office: Office) -> None:
    signed_on = office.issuer.token("carla")
    assert await status(office, signed_on) == 200
    foreign = TestIssuer(key=new_key())
    bad: list[tuple[Any, str]] = [
        (foreign.logout_token(sub="carla"), "staff"),
        (office.issuer.logout_token(sub="carla", key=foreign.key), "staff"),
        (office.issuer.logout_token(sub="carla", aud="another"), "staff"),
        (office.issuer.logout_token(sub="carla", nonce="n"), "staff"),
        (office.issuer.logout_token(sub="carla", events={}), "staff"),
        (office.issuer.logout_token(sub="carla", iat=1), "staff"),
        (office.issuer.logout_token(), "staff"),
        (signed_on, "staff"),
        (office.issuer.logout_token(sub="carla"), "guests"),
    ]
    for token, issuer in bad:
        answer = await log_out(office, token, issuer=issuer)
        assert answer.status_code == 401, answer.text
    refused = await office.entries("access:logout:refuse")
    assert len(refused) == len(bad)
    assert {one["outcome"] for one in refused} == {"invalid_logout_token"}
    assert await status(office, signed_on) == 200


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"logout_token=",
        b"logout_token=a&logout_token=b",
        b"token=x",
        b"\xff\xfe",
        b"&".join([b"a=b"] * 100),
        b"logout_token=" + b"x" * 40_000,
    ],
)
async def test_a_malformed_body_is_refused(office: Office, raw: bytes) -> None:
    assert (await log_out(office, None, raw=raw)).status_code in {400, 413}


async def test_refused_attempts_are_limited_and_accepted_ones_are_not(office: Office) -> None:
    for _ in range(PER_NETWORK + 5):
        good = office.issuer.logout_token(sub=uuid.uuid4().hex)
        async with office.plane.logouts.attempt("192.0.2.9"):
            await office.plane.logouts.accept("staff", good)
    answers = [(await log_out(office, "x")).status_code for _ in range(PER_NETWORK + 40)]
    assert answers[:PER_NETWORK] == [401] * PER_NETWORK
    assert 429 in answers[PER_NETWORK:]
    await office.plane.logouts.stop()
    singles = await office.entries("access:logout:refuse")
    counted = await office.entries("access:logout:count")
    assert len(singles) + sum(one["count"] for one in counted) == len(answers)


async def test_the_memory_of_tokens_and_sessions_ends(office: Office) -> None:
    await log_out(office, office.issuer.logout_token(sub="carla", sid="s-1"))

    async def rows(table: str) -> int:
        found = await office.plane.trail.rows(f"SELECT COUNT(*) AS n FROM {table}", {})
        return int(found[0]["n"])

    await office.plane.leaving.sign_outs.purge()
    assert (await rows("logout_token"), await rows("cut_off")) == (1, 2)
    async with office.plane.database.write() as connection:
        await connection.exec_driver_sql("UPDATE logout_token SET until = 1")
        await connection.exec_driver_sql("UPDATE cut_off SET until = 1 WHERE until IS NOT NULL")
    await office.plane.leaving.sign_outs.purge()
    assert (await rows("logout_token"), await rows("cut_off")) == (0, 1)
