"""Persons: known by sign-on, deactivated at once by anybody else, back by two persons."""

import time

import pytest

from tests.support.office import Office

pytestmark = pytest.mark.integration
REASON = {"reason": "left the company"}


async def test_a_person_is_on_record_by_the_first_sign_on(office: Office) -> None:
    carla = await office.meet("carla", "officers")
    await office.meet("carla", "officers")
    found = (await office.ask(carla, "GET", "/persons?query=CARLA")).json()
    (one,) = found["persons"]
    assert (found["total"], one["state"], one["source"]) == (1, "active", "sign-on")
    assert (one["email"], one["roles"]) == ("carla@example.nl", ["compliance_officer"])
    created = [e for e in await office.entries() if e["event"] == "control:person:create"]
    assert [(e["of_person"], e["person_name"]) for e in created] == [(one["id"], "Carla")]
    named = await office.ask(carla, "GET", "/persons/Carla@Example.nl")
    assert named.json() == one


async def test_a_leaver_is_refused_by_every_control_plane_at_once(office: Office) -> None:
    carla, dirk = await office.meet("carla", "officers"), await office.meet("dirk", "officers")
    assert (await office.ask(dirk, "GET", "/me", plane=1)).status_code == 200
    path = "/persons/dirk@example.nl/deactivate"
    assert (await office.ask(carla, "POST", path, REASON)).status_code == 200
    for plane in (0, 1):
        refused = await office.ask(dirk, "GET", "/me", plane=plane)
        assert refused.status_code == 401
        assert "deactivated" in refused.json()["error"]["message"]
        assert (await office.ask(carla, "GET", "/me", plane=plane)).status_code == 200
    entry = (await office.entries())[-1]
    assert (entry["event"], entry["person_name"]) == ("control:person:deactivate", "Dirk")
    refusals = await office.entries("access:session:refuse")
    assert len(refusals) == 2


async def test_the_snapshot_names_no_person(office: Office) -> None:
    carla = await office.meet("carla", "officers")
    await office.meet("dirk")
    await office.ask(carla, "POST", "/persons/dirk@example.nl/deactivate", REASON)
    cut_offs = (await office.snapshot()).cut_offs
    assert {key[:2] for key in cut_offs} == {"u_", "n_"}
    assert set(cut_offs.values()) == {None}
    assert "dirk" not in str(cut_offs)


async def test_owned_keys_are_blocked_until_the_owner_is_back(office: Office) -> None:
    carla, els = await office.meet("carla", "officers"), await office.meet("els", "approvers")
    await office.meet("dirk")
    _, secret = await office.key("dirks", "DIRK@example.nl", "auditor")
    free, other = await office.key("elses", "els@example.nl", "auditor")
    assert (await office.ask(secret, "GET", "/me")).status_code == 200
    await office.ask(carla, "POST", "/persons/dirk@example.nl/deactivate", REASON)
    refused = await office.ask(secret, "GET", "/me", plane=1)
    assert refused.status_code == 401
    assert "its owner has left" in refused.json()["error"]["message"]
    assert (await office.ask(other, "GET", "/me")).status_code == 200
    blocked = {key.id: key.blocked for key in (await office.snapshot()).keys}
    assert [key for key, is_blocked in blocked.items() if not is_blocked] == [free]

    path = "/persons/dirk@example.nl/reactivate"
    proposal = (await office.ask(carla, "POST", path, REASON)).json()["proposal"]
    assert (await office.ask(secret, "GET", "/me")).status_code == 401
    approve = f"/proposals/{proposal}/approve"
    assert (await office.ask(els, "POST", approve, {})).status_code == 200
    assert (await office.ask(secret, "GET", "/me", plane=1)).status_code == 200
    assert (await office.snapshot()).cut_offs == {}


async def test_nobody_gives_access_back_alone(office: Office) -> None:
    carla = await office.meet("carla", "officers")
    await office.meet("dirk")
    await office.ask(carla, "POST", "/persons/dirk@example.nl/deactivate", REASON)
    path = "/persons/dirk@example.nl/reactivate"
    proposal = (await office.ask(carla, "POST", path, REASON)).json()["proposal"]
    refused = await office.ask(carla, "POST", f"/proposals/{proposal}/approve", {})
    assert refused.status_code == 403
    assert (await office.ask(office.person("dirk"), "GET", "/me")).status_code == 401


async def test_leaving_wins_over_the_last_approver_but_nobody_locks_themselves_out(
    office: Office,
) -> None:
    els, ada = await office.meet("els", "approvers"), await office.meet("ada", "admins")
    carla = await office.meet("carla", "officers")
    own = await office.ask(carla, "POST", "/persons/carla@example.nl/deactivate", REASON)
    assert own.status_code == 200  # els is left
    assert (await office.ask(els, "POST", "/persons/els@example.nl/deactivate", REASON)).is_error
    _, secret = await office.key("adas", "ada@example.nl", "platform_admin", "policy_approver")
    gone = await office.ask(ada, "POST", "/persons/els@example.nl/deactivate", REASON)
    assert gone.status_code == 200  # of another person: acts
    for credential in (ada, secret):  # a key of her own leaves nobody
        own = await office.ask(credential, "POST", "/persons/ada@example.nl/deactivate", REASON)
        assert (own.status_code, own.json()["error"]["code"]) == (409, "would_lock_out")
    await office.key("spare", None, "policy_approver")
    own = await office.ask(ada, "POST", "/persons/ada@example.nl/deactivate", REASON)
    assert own.status_code == 200


async def test_signing_out_ends_the_sign_ons_of_a_person_or_an_issuer(office: Office) -> None:
    carla = await office.meet("carla", "officers")
    dirk = await office.meet("dirk")
    await office.ask(carla, "POST", "/persons/dirk@example.nl/sign-out", REASON)
    refused = await office.ask(dirk, "GET", "/me", plane=1)
    assert "Sign in again" in refused.json()["error"]["message"]
    later = office.issuer.token("dirk", iat=int(time.time()) + 20)  # a later sign-on
    assert (await office.ask(later, "GET", "/me")).status_code == 200
    unknown = await office.ask(carla, "POST", "/persons/sign-out", {"issuer": "x", **REASON})
    assert "known: staff" in unknown.json()["error"]["message"]
    everybody = {"issuer": "staff", **REASON}
    assert (await office.ask(carla, "POST", "/persons/sign-out", everybody)).is_success
    assert (await office.ask(carla, "GET", "/me")).status_code == 401


@pytest.mark.parametrize(
    ("groups", "method", "path"),
    [
        ([], "GET", "/persons"),
        (["approvers"], "POST", "/persons/els@example.nl/deactivate"),
        (["approvers"], "POST", "/persons/els@example.nl/reactivate"),
        (["approvers"], "POST", "/persons/sign-out"),
        (["officers"], "POST", "/keys/k_1/hand-over"),
    ],
)
async def test_a_role_without_the_right_is_refused(
    office: Office, groups: list[str], method: str, path: str
) -> None:
    await office.meet("els")
    caller = await office.meet("dirk", *groups)
    body = {"issuer": "staff", "owner": "els@example.nl", **REASON} if method == "POST" else None
    assert (await office.ask(caller, method, path, body)).status_code == 403
    assert (await office.ask(caller, "GET", "/me")).status_code == 200


async def test_who_left_a_year_ago_is_forgotten_and_stays_out(office: Office) -> None:
    carla = await office.meet("carla", "officers")
    dirk, els = await office.meet("dirk"), await office.meet("els")
    _, secret = await office.key("dirks", "dirk@example.nl", "auditor")
    for name in ("dirk", "els"):
        await office.ask(carla, "POST", f"/persons/{name}@example.nl/deactivate", REASON)
    await office.ask(carla, "POST", "/persons/dirk@example.nl/reactivate", REASON)
    review = int((time.time() + 30 * 86_400) * 1000)
    held = [{"type": "EMAIL", "value": "els@example.nl"}]
    hold = {"review": review, "subjects": held, "reason": "claim 2026-31"}
    assert (await office.ask(carla, "POST", "/holds", hold)).is_success
    query = "UPDATE person SET deactivated_at = 1, created = 1 WHERE active = false"
    async with office.plane.database.write() as connection:
        await connection.exec_driver_sql(query)
    await office.plane.forgetting.run()
    shown = (await office.ask(carla, "GET", "/persons")).text
    assert "carla@example.nl" in shown
    assert "dirk" not in shown.lower()
    assert "dirk" not in (await office.ask(carla, "GET", "/proposals")).text.lower()
    for credential in (dirk, els, secret):
        assert (await office.ask(credential, "GET", "/me")).status_code == 401
    (entry,) = [e for e in await office.entries() if e["event"] == "control:person:forget"]
    assert entry["subjects"] == 1
    await office.plane.forgetting.run()
    assert len([e for e in await office.entries() if e["event"].endswith(":forget")]) == 1


async def test_the_saved_views_of_a_forgotten_leaver_go(office: Office) -> None:
    carla, dirk = [await office.meet(name, "officers") for name in ("carla", "dirk")]
    for person in (carla, dirk):
        view = {"name": "all of them", "filters": {"what": "all"}}
        assert (await office.ask(person, "POST", "/saved-views", view)).status_code == 201
    await office.ask(carla, "POST", "/persons/dirk@example.nl/deactivate", REASON)
    async with office.plane.database.write() as connection:
        query = "UPDATE person SET deactivated_at = 1, created = 1 WHERE active = false"
        await connection.exec_driver_sql(query)
    await office.plane.forgetting.run()
    async with office.plane.database.read() as connection:
        left = await connection.exec_driver_sql("SELECT COUNT(*) FROM saved_view")
        assert left.scalar_one() == 1
    assert len((await office.ask(carla, "GET", "/saved-views")).json()["views"]) == 1


async def test_an_erasure_reaches_the_record_of_a_leaver(office: Office) -> None:
    carla = await office.meet("carla", "officers")
    dpo = (await office.key("dpo", None, "data_protection_officer"))[1]
    await office.meet("dirk")
    await office.ask(carla, "POST", "/persons/dirk@example.nl/deactivate", REASON)
    subject = [{"type": "EMAIL", "value": "Dirk@example.nl"}]
    body = {"subjects": subject, "reason": "request number 12"}
    assert (await office.ask(dpo, "POST", "/subjects/erase", body)).is_success
    assert "dirk" not in (await office.ask(carla, "GET", "/persons")).text.lower()
    assert (await office.ask(office.person("dirk"), "GET", "/me")).status_code == 401
