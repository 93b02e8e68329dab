"""For every power: one person alone changes nothing, through whatever door; two persons do."""

from collections.abc import Callable
from typing import Any

import pytest
import yaml
from sqlalchemy import delete, insert, select, text

from gateway.approvals.lines import lines_between
from gateway.approvals.objects import Objects, objects_of
from gateway.approvals.rules import RULES
from gateway.core.errors import Denied, Unavailable
from gateway.core.snapshot import TermLists
from gateway.governance.actor import LOCAL_OPERATOR, Actor
from gateway.governance.catalogue.config_file import parse
from gateway.governance.changes.tables import catalogue
from gateway.governance.keys.tables import api_key
from gateway.governance.plane import ControlPlane
from tests.support.persons import ALICE, TWO_PERSONS, approved, secret_of
from tests.support.retained import Retained

pytestmark = pytest.mark.integration
Config = dict[str, Any]
Widen = Callable[[Config], object]
Rows = dict[str, list[dict[str, Any]]]
BASE = (
    """\
version: 1
approvals: {one_person: never}
privacy: {persons: pseudonymous}
models: {unregistered: refuse}
audit: {reveals_per_day: 20}
internal_networks: [127.0.0.0/8]
providers:
  - {name: eu, kind: openai, base_url: "https://eu.example/v1", zone: eu,
     contract: {region: EU, transfer_basis: none-needed, review: 2099-12-31}}
  - {name: far, kind: openai, base_url: "https://far.example/v1", zone: global}
deployments:
  - {name: a, provider: eu, model: m}
  - {name: b, provider: eu, model: m, clearance: {clear: public, redacted: public}}
aliases: [{name: chat, candidates: [a]}]
teams: [{name: makers, floor: confidential, budget: {amount: 50}}]
use_cases:
  - {name: letters, owner: hr, legal_basis: contract, risk: limited, floor: restricted,
     zones: [internal], review: 2099-01-01}
identity:
  issuers:
    - {name: staff, issuer: "https://id.example.nl", audience: sluis, roles_claim: groups,
       roles: {approvers: policy_approver}, groups: [{group: agents, team: makers, models: [a]}]}
"""
    + TWO_PERSONS
    + """\
  - {name: app, team: makers, secret: "env:APP_KEY", clearance: internal, floor: confidential,
     purposes: [letters], owner: alice}
"""
)


def put(section: str, index: int, **values: Any) -> Widen:
    """Change an object of the file."""
    return lambda config: config[section][index].update(values)


def issuer(**values: Any) -> Widen:
    return lambda config: config["identity"]["issuers"][0].update(values)


CONTRACT = {"region": "EU", "transfer_basis": "scc", "review": "2099-12-31"}
SELF_SERVICE = {"models": ["a"], "purposes": ["letters"]}
FILE: dict[str, Widen] = {
    "provider.zone": put("providers", 1, zone="internal"),
    "provider.address": put("providers", 0, base_url="https://elsewhere.example/v1"),
    "provider.contract": put("providers", 1, contract=CONTRACT),
    "deployment.provider": put("deployments", 0, provider="far"),
    "deployment.clearance": put("deployments", 1, clearance=None),
    "deployment.version": put("deployments", 0, version="gpt@1"),
    "alias.candidates": put("aliases", 0, candidates=["a", "b"]),
    "network.internal": lambda config: config.update(
        internal_networks=["127.0.0.0/8", "10.0.0.0/8"]
    ),
    "team.floor": put("teams", 0, floor="public"),
    "team.budget": put("teams", 0, budget={"amount": 500}),
    "team.self_service": put("teams", 0, self_service=SELF_SERVICE),
    "team.lead": put("teams", 0, lead="bob"),
    "use_case.record": put("use_cases", 0, legal_basis="consent"),
    "use_case.floor": put("use_cases", 0, floor="public"),
    "use_case.zones": put("use_cases", 0, zones=["internal", "global"]),
    "use_case.risk": put("use_cases", 0, risk="minimal"),
    "use_case.review": put("use_cases", 0, review="2099-06-01"),
    "issuer.trust": issuer(audience="other"),
    "issuer.roles": issuer(roles={"approvers": "policy_approver", "all": "platform_admin"}),
    "issuer.rights": issuer(groups=[{"group": "agents", "team": "makers"}]),
    "key.admin": put("keys", 0, roles=["platform_admin", "policy_approver"]),
    "key.rights": put("keys", 2, purposes=[]),
    "key.clearance": put("keys", 2, clearance="restricted"),
    "key.floor": put("keys", 2, floor="public"),
    "key.owner": put("keys", 2, owner="bob"),
    "audit": lambda config: config.update(audit={"reveals_per_day": 21}),
    "setting.models": lambda config: config.update(models={"unregistered": "serve"}),
    "setting.persons": lambda config: config.update(privacy={"persons": "named"}),
}
# Powers of which the doors of their own are tested in test_two_persons; here the rows.
_BUNDLE = """INSERT INTO bundle (digest, files, author, created, active)
SELECT 'sha256:x', replace(files, 'review_grace_days: 30', 'review_grace_days: 31'), author,
created, active FROM bundle WHERE active"""
_MODEL = """INSERT INTO model_version (name, version, digest, state, clearance, base_dir,
base_digest, card, registered_by, registered) VALUES ('m', '1', 'd', 'quarantined', 'restricted',
'/m', 'b', '{}', 'k', 0)"""
_TERM = """INSERT INTO term (kind, form, text, type, proposed_by, approved_by, since)
VALUES ('allow', 'acme', 'Acme', 'ORGANISATION', 'k', 'k', 0)"""
_LEFT = "INSERT INTO cut_off (key, not_before, person) VALUES ('u_1', NULL, 'p_1')"
_MANDATE = """INSERT INTO catalogue (kind, name, position, document, source)
VALUES ('mandate', 'm', 0, '{"name":"m","grants":[],"until":"2099-01-01","role":"auditor"}',
'record')"""
_STOP = "INSERT INTO stop (kind, name, since, by, reason) VALUES ('alias', 'chat', 0, 'k', 'r')"
# By power: what comes first, and what widens.
ROWS: dict[str, tuple[str, list[str]]] = {
    "models": (_MODEL, ["UPDATE model_version SET state = 'approved'"]),
    "policies": ("SELECT 1", [_BUNDLE, "DELETE FROM bundle WHERE digest <> 'sha256:x'"]),
    "terms": ("SELECT 1", [_TERM]),
    "persons": (_LEFT, ["DELETE FROM cut_off"]),
    "mandates": ("SELECT 1", [_MANDATE]),
    "stops": (_STOP, ["DELETE FROM stop"]),
    "setting.approvals": ("SELECT 1", ["DELETE FROM catalogue WHERE name = 'approvals'"]),
}


def test_every_power_of_an_object_is_here() -> None:
    fields = {field.power for kind in RULES.values() for field in kind.fields.values()}
    fields |= {kind.power for kind in RULES.values()}
    removals = {kind.removal for kind in RULES.values() if kind.removal}
    assert fields | removals == FILE.keys() | ROWS.keys()


async def apply(plane: ControlPlane, config: str, actor: Actor, door: str = "api") -> str | None:
    """The proposal of what waits in a file."""
    done = await plane.catalogue.apply(
        parse(config, source="sluis.yaml"), actor, resolve=secret_of, door=door
    )
    return done.done.proposal


async def objects(plane: ControlPlane) -> Objects:
    async with plane.database.read() as connection:
        return await plane.snapshots.objects(connection)


async def widened(plane: ControlPlane, before: Objects) -> set[str]:
    """The powers of what differs from a state, as the published snapshot has it."""
    await plane.snapshots.publish()
    published = await plane.snapshots.published()
    assert published is not None
    lines = lines_between(before, objects_of(published))
    return {line.power for line in lines if line.power}


@pytest.fixture
async def plane(kept: Retained) -> ControlPlane:
    """An installation of two persons."""
    if proposal := await apply(kept.plane, BASE, ALICE):
        await approved(kept.plane, proposal)
    await kept.plane.snapshots.publish()
    return kept.plane


def widen(power: str) -> str:
    config = yaml.safe_load(BASE)
    FILE[power](config)
    return yaml.safe_dump(config)


async def test_one_person_alone_changes_nothing_and_two_do(plane: ControlPlane) -> None:
    """In one installation, as each takes seconds to set up."""
    for power in FILE:
        before, narrow = await objects(plane), await _rows(plane)
        proposal = await _refused_alone(plane, power, before)
        await approved(plane, proposal)
        assert power in await widened(plane, before), power
        wide = await _rows(plane)
        if again := await apply(plane, BASE, ALICE):  # what widens either way
            await approved(plane, again)
        assert await widened(plane, before) == set(), power
        await _refused_as_rows(plane, power, wide)
        await _replace(plane, narrow)
        assert await widened(plane, before) == set(), power


async def _refused_alone(plane: ControlPlane, power: str, before: Objects) -> str:
    """The proposal of a wider file, after its doors and its author's approval changed nothing."""
    proposal = None
    # In embedded mode the operator is a person.
    alone = [ALICE] if plane.database.is_sqlite else [ALICE, LOCAL_OPERATOR]
    for actor, door in ((ALICE, "api"), (ALICE, "console"), (LOCAL_OPERATOR, "start")):
        proposal = await apply(plane, widen(power), actor, door)
        assert proposal is not None, power
        for approver in alone:
            with pytest.raises(Denied):
                await plane.proposals.decide(proposal, approver, approve=True, comment="mine")
        assert await widened(plane, before) == set(), (power, door)
    assert proposal is not None
    return proposal


async def _refused_as_rows(plane: ControlPlane, power: str, wide: Rows) -> None:
    """The rows of what was approved once change nothing when they are written by hand."""
    before = await objects(plane)
    await _replace(plane, wide)
    assert await widened(plane, before) == set(), power
    with pytest.raises(Unavailable, match="not in force"):
        await plane.snapshots.publish_in_force()


@pytest.mark.parametrize("power", ROWS)
async def test_rows_of_other_tables_reach_nobody(plane: ControlPlane, power: str) -> None:
    first, wider = ROWS[power]
    await _run(plane, first)
    await plane.snapshots.publish()
    before = await objects(plane)
    for statement in wider:
        await _run(plane, statement)
    plane.terms._cached = ((), TermLists())  # as after a restart
    assert await widened(plane, before) == set()
    assert plane.snapshots.problem is not None


async def _run(plane: ControlPlane, statement: str) -> None:
    async with plane.database.write() as connection:
        await connection.execute(text(statement))


async def _rows(plane: ControlPlane) -> Rows:
    async with plane.database.read() as connection:
        return {
            table.name: [dict(row._mapping) for row in await connection.execute(select(table))]
            for table in (catalogue, api_key)
        }


async def _replace(plane: ControlPlane, rows: Rows) -> None:
    async with plane.database.write() as connection:
        for table in (catalogue, api_key):
            await connection.execute(delete(table))
            await connection.execute(insert(table), rows[table.name])
