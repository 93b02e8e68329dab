"""An administrator's key from before keys had owners gets its first one on the machine, once."""

from pathlib import Path

import msgspec
import pytest
from click.testing import CliRunner
from sqlalchemy import delete, insert, text, update

from gateway.approvals.provenance import check_provenance
from gateway.core.errors import Denied, InvalidRequest, Refusal
from gateway.core.objects.keys import NewKey
from gateway.core.snapshot import Key, Snapshot, seal
from gateway.governance.actor import LOCAL_OPERATOR, actor_of
from gateway.governance.catalogue.config_file import parse
from gateway.governance.changes.basis import Basis
from gateway.governance.changes.tables import change_record, governed_line
from gateway.governance.keys.tables import api_key
from gateway.governance.plane import ControlPlane
from gateway.governance.snapshots.tables import snapshot
from gateway.processes import maintenance
from gateway.processes.cli import main
from gateway.processes.settings import read
from tests.support.persons import ALICE, issued_key, secret_of
from tests.support.retained import CONFIG, Retained

pytestmark = pytest.mark.integration
NEVER_ALONE = "approvals: {one_person: never}\n"
OPS = Key("k_ops", "ops", "1" * 64, kind="admin", roles=["platform_admin"])
DPO = Key("k_dpo", "dpo", "2" * 64, kind="admin", roles=["policy_approver"])
APP = Key("k_app", "app", "3" * 64)
ANNA, BRAM = "anna@example.nl", "bram@example.nl"


async def published(plane: ControlPlane) -> Snapshot:
    found = await plane.snapshots.published()
    assert found is not None
    return found


async def stored(plane: ControlPlane, *keys: Key, source: str = "file") -> None:
    """Rows of keys, as another release or a person with the database writes them."""
    async with plane.database.write() as connection:
        await connection.execute(
            insert(api_key),
            [
                {
                    "id": key.id,
                    "name": key.name,
                    "digest": key.digest,
                    "document": msgspec.json.encode(key).decode(),
                    "source": source,
                    "created": 0.0,
                }
                for key in keys
            ],
        )


@pytest.fixture
async def upgraded(kept: Retained) -> Retained:
    """An installation whose last snapshot is of a release without owners and without records."""
    plane = kept.plane
    config = parse(CONFIG + NEVER_ALONE, source="sluis.yaml")
    await plane.catalogue.apply(config, LOCAL_OPERATOR, resolve=secret_of, may_lock_out=True)
    await plane.snapshots.publish()
    await stored(plane, OPS, DPO, APP)
    before = msgspec.structs.replace(
        await published(plane), keys=[OPS, DPO, APP], number=0, changes=[]
    )
    envelope, digest = seal(before, plane.secrets.signing)
    async with plane.database.write() as connection:
        for table in (change_record, governed_line):
            await connection.execute(delete(table))
        await connection.execute(
            delete(api_key).where(api_key.c.id.not_in([OPS.id, DPO.id, APP.id]))
        )
        await connection.execute(
            text("DELETE FROM audit_detail WHERE event = 'control:change:apply'")
        )
        row = {"digest": digest, "envelope": envelope, "created": 0.0, "confirmed": 0.0}
        await connection.execute(insert(snapshot).values(row))
    await plane.baseline.establish()
    return kept


async def proposed(plane: ControlPlane, key: Key) -> str:
    """A widening that the holder of a key proposes."""
    new = NewKey(name="third", kind="admin", roles=["auditor"], owner="carla@example.nl")
    _, _, done = await plane.keys.create(new, actor_of(key))
    assert done.proposal is not None
    return done.proposal


async def test_two_owned_keys_approve_and_every_gateway_takes_it_over(upgraded: Retained) -> None:
    plane = upgraded.plane
    running = await published(plane)
    for key, person in ((OPS, ANNA), (DPO, BRAM)):
        given = await plane.first_owners.give(key.id, person, LOCAL_OPERATOR)
        assert (given.key.owner, given.source) == (person, "file")
        await plane.snapshots.publish_in_force()
    new = await published(plane)
    for before in (running, None):
        check_provenance(
            new, before, plane.secrets.signing.public_key(), one_person=plane.database.is_sqlite
        )
    keys = {key.id: key for key in new.keys}
    assert (keys[OPS.id].owner, keys[DPO.id].owner) == (ANNA, BRAM)
    proposal = await proposed(plane, keys[OPS.id])
    with pytest.raises(Denied):
        await plane.proposals.decide(proposal, actor_of(keys[OPS.id]), approve=True, comment="x")
    await plane.proposals.decide(proposal, actor_of(keys[DPO.id]), approve=True, comment="agreed")
    told = await upgraded.told("control:key:own")
    assert [(one["key"], one["owner"], one["via"]) for one in told] == [
        (OPS.id, ANNA, "local"),
        (DPO.id, BRAM, "local"),
    ]
    bases = [one["basis"] for one in await upgraded.told("control:change:apply")]
    assert bases.count("first-owner") == 2


async def test_doctor_names_the_keys_without_one(upgraded: Retained) -> None:
    plane = upgraded.plane
    apart = read({"SLUIS_DATABASE_URL": "postgresql://control@db.example/sluis"})
    told: dict[str, str] = {}

    def record(what: str, *, ok: bool, todo: str = "") -> None:
        told[what] = "" if ok else todo

    await plane.first_owners.give(OPS.id, ANNA, LOCAL_OPERATOR)
    await plane.snapshots.publish()
    await maintenance._check_approvers(plane, apart, record)
    assert f"the first owner of {DPO.id} with `sluis keys own`" in told["admin keys have owners"]
    await plane.first_owners.give(DPO.id, BRAM, LOCAL_OPERATOR)
    await plane.snapshots.publish()
    await maintenance._check_approvers(plane, apart, record)
    assert told["admin keys have owners"] == ""


async def test_a_key_gets_one_once(upgraded: Retained) -> None:
    plane = upgraded.plane
    await plane.first_owners.give("ops", ANNA, LOCAL_OPERATOR)
    with pytest.raises(Denied, match=f"has an owner, {ANNA}. Have another person approve"):
        await plane.first_owners.give("ops", BRAM, LOCAL_OPERATOR)
    await changed(plane, OPS)  # an old file without owners
    with pytest.raises(Denied, match="had another owner before"):
        await plane.first_owners.give("ops", BRAM, LOCAL_OPERATOR)
    given = await plane.first_owners.give("ops", ANNA, LOCAL_OPERATOR)
    assert given.key.owner == ANNA


async def changed(plane: ControlPlane, key: Key) -> None:
    """A change of a key by one person, recorded."""
    async with (
        plane.database.write() as connection,
        plane.governed.change(connection, ALICE, Basis.one(ALICE)),
    ):
        await connection.execute(
            update(api_key)
            .where(api_key.c.id == key.id)
            .values(document=msgspec.json.encode(key).decode())
        )


async def test_only_on_the_machine(upgraded: Retained) -> None:
    for actor in (ALICE, actor_of(OPS)):
        with pytest.raises(Denied, match="on the machine"):
            await upgraded.plane.first_owners.give(OPS.id, ANNA, actor)
    assert not await upgraded.told("control:key:own")


@pytest.mark.parametrize(
    ("reference", "person", "says"),
    [
        ("app", ANNA, "not a key of an administrator"),
        ("nothing", ANNA, "0 live keys"),
        ("ops", " ", "Name a person"),
        ("ops", "a\nb", "Name a person"),
        ("ops", "x" * 501, "Name a person"),
        ("ops", "Local Operator", "not a named person"),
    ],
)
async def test_what_is_no_such_key_or_person_is_refused(
    upgraded: Retained, reference: str, person: str, says: str
) -> None:
    with pytest.raises(InvalidRequest, match=says):
        await upgraded.plane.first_owners.give(reference, person, LOCAL_OPERATOR)
    assert not await upgraded.told("control:key:own")


async def test_a_key_of_today_becomes_no_second_person(upgraded: Retained) -> None:
    """One with an owner, one without that was approved, and a row that somebody wrote."""
    plane = upgraded.plane
    key, _ = await issued_key(plane, NewKey(name="new", kind="admin", roles=["auditor"]))
    with pytest.raises(Denied, match="has an owner"):
        await plane.first_owners.give(key.id, ANNA, LOCAL_OPERATOR)
    await changed(plane, msgspec.structs.replace(key, owner=None))
    await plane.snapshots.publish_in_force()
    with pytest.raises(Denied, match="not from before approvals"):
        await plane.first_owners.give(key.id, ANNA, LOCAL_OPERATOR)
    await stored(plane, Key("k_x", "x", "9" * 64, kind="admin", roles=["policy_approver"]))
    await plane.snapshots.publish()
    with pytest.raises(Denied, match="not in force"):
        await plane.first_owners.give("k_x", ANNA, LOCAL_OPERATOR)
    await plane.keys.revoke(DPO.id, ALICE)
    with pytest.raises(Refusal):
        await plane.first_owners.give(DPO.id, ANNA, LOCAL_OPERATOR)


async def test_in_a_new_installation_no_key_qualifies(kept: Retained) -> None:
    plane = kept.plane
    await plane.snapshots.publish()
    await stored(plane, OPS)
    with pytest.raises(Denied, match="not in force"):
        await plane.first_owners.give(OPS.id, ANNA, LOCAL_OPERATOR)


async def test_a_forged_first_record_counts_for_nothing(kept: Retained) -> None:
    plane = kept.plane
    key, _ = await issued_key(plane, NewKey(name="new", kind="admin", roles=["auditor"]))
    await changed(plane, msgspec.structs.replace(key, owner=None))
    await plane.snapshots.publish_in_force()
    lines = {f"admin_key/{key.id}/digest": "0" * 64}
    forged = {"number": 1, "at": 0, "basis": "adopted", "author": "x", "lines": lines}
    async with plane.database.write() as connection:
        await connection.execute(
            update(change_record)
            .where(change_record.c.number == 1)
            .values(document=msgspec.json.encode(forged).decode())
        )
    with pytest.raises(Denied, match="not signed by this installation"):
        await plane.first_owners.give(key.id, ANNA, LOCAL_OPERATOR)


def test_the_command_names_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLUIS_DATA_DIR", str(tmp_path / "data"))
    result = CliRunner().invoke(main, ["keys", "own", "k_none", ANNA])
    assert result.exit_code == 1
    assert "0 live keys are called 'k_none'" in result.output
    helped = CliRunner().invoke(main, ["keys", "own", "--help"]).output
    assert "sluis keys own k_1a2b3c4d anna@example.nl" in helped
    assert "--url" not in helped
