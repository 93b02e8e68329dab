"""The author of a change does not approve it, whatever the kind of change."""

import time
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import msgspec
import orjson
import pytest
from sqlalchemy import text

from gateway.core.errors import Denied
from gateway.core.objects.keys import NewKey
from gateway.core.snapshot import EngineModel
from gateway.core.system.secrets import create
from gateway.evidence.disclosure_profile import DisclosureProfile
from gateway.governance.actor import Actor
from gateway.governance.audit.exports import KIND as AUDIT_EXPORT
from gateway.governance.audit.exports import ExportRequest, PendingExport
from gateway.governance.audit.reveals import KIND as PAYLOAD_REVEAL
from gateway.governance.cases.deadlines.rules import DeadlineFields, packaged
from gateway.governance.cases.deadlines.service import KIND as DEADLINE
from gateway.governance.changes.edits import Edit, split
from gateway.governance.data_subjects.service import KIND as SUBJECT_ERASE
from gateway.governance.evaluations.overrides import KIND as EVALUATION_OVERRIDE
from gateway.governance.evaluations.suite_proposals import KIND as EVALUATION_SUITE
from gateway.governance.holds.service import KIND as HOLD_RELEASE
from gateway.governance.holds.service import NewHold
from gateway.governance.person_keys import DataSubject
from gateway.governance.persons.hand_over import KIND as KEY_HAND_OVER
from gateway.governance.persons.service import KIND as PERSON_REACTIVATE
from gateway.governance.plane import ControlPlane, build
from gateway.governance.policies.service import KIND as POLICY_BUNDLE
from gateway.governance.proposals.change_control import BREAK_GLASS
from gateway.governance.proposals.change_control import KIND as CHANGE
from gateway.governance.proposals.service import Draft
from gateway.governance.proposals.states import APPROVED, PENDING
from gateway.governance.pseudonyms.resolution import KIND as PSEUDONYM_RESOLVE
from gateway.governance.stops.schemas import Stoppable
from gateway.governance.stops.service import KIND as RESTART
from gateway.governance.terms.changes import Term, TermChange
from gateway.governance.terms.service import KIND as TERMS
from gateway.governance.trail_gaps.service import KIND as TRAIL_GAP
from gateway.identity import Claims
from tests.support.cards import CARD
from tests.support.evaluation_suites import description, items_text
from tests.support.own_suites import proposed
from tests.support.persons import ALICE, issued_key
from tests.support.schema import migrate
from tests.support.tiny_model import make_tiny

pytestmark = pytest.mark.integration
_ROLES = frozenset({"policy_approver", "compliance_officer"})
AUTHOR = Actor("k_author", "author", _ROLES, "sign-on")
SECOND = Actor("k_second", "second", _ROLES, "sign-on")
THIRD = Actor("k_third", "third", _ROLES, "sign-on")
WHY = "complaint number 12"
DAY_MS = 86_400_000
NETWORKS = Edit("network", "internal", {"networks": ["127.0.0.0/8", "::1/128", "10.0.0.0/8"]})


async def propose(plane: ControlPlane, draft: Draft) -> str:
    return await plane.proposals.create(draft, AUTHOR, comment=WHY)


async def bundle(plane: ControlPlane) -> str:
    levels = (await plane.policies.active())["levels.yaml"]
    return await propose(plane, await plane.policies.draft({"levels.yaml": levels + "# new\n"}))


async def change(plane: ControlPlane) -> str:
    async with plane.database.write() as connection:
        waiting = split(await plane.snapshots.objects(connection), [NETWORKS]).waiting
    draft = Draft(CHANGE, "network", msgspec.json.encode(waiting).decode(), {}, powers=["terms"])
    return await propose(plane, draft)


async def exception(plane: ControlPlane) -> str:
    async with plane.database.write() as connection:
        submitted = await plane.changes.submit_within(
            connection, [NETWORKS], AUTHOR, door="api", comment=WHY, exception_minutes=60
        )
    assert submitted.proposal is not None
    return submitted.proposal


async def terms(plane: ControlPlane) -> str:
    return await propose(plane, await plane.terms.draft(TermChange([Term("deny", "Acme")])))


async def release(plane: ControlPlane) -> str:
    review = int(time.time() * 1000) + DAY_MS
    hold = await plane.holds.create(NewHold(WHY, review, use_case="service"), AUTHOR)
    return await propose(plane, await plane.holds.draft_release(hold, reason=WHY))


async def erasure(plane: ControlPlane) -> str:
    person = [DataSubject("EMAIL", "jan@example.nl")]
    return await propose(plane, await plane.subjects.draft_erasure(person, reason=WHY))


async def full_export(plane: ControlPlane) -> str:
    wanted = ExportRequest(0, DAY_MS, profile=DisclosureProfile.FULL, reason=WHY)
    pending = await plane.exports.make(Path("never-written.zip"), AUTHOR, wanted)
    assert isinstance(pending, PendingExport)
    return pending.proposal


async def reactivation(plane: ControlPlane) -> str:
    persons = plane.leaving.persons
    left = await persons.deactivate(f"u_{'0' * 24}", AUTHOR, reason=WHY)
    return await propose(plane, await persons.draft_reactivation(left.id, reason=WHY))


async def hand_over(plane: ControlPlane) -> str:
    persons = plane.leaving.persons
    claims = Claims(
        "staff",
        "els",
        "Els",
        "person",
        frozenset(),
        frozenset(),
        None,
        None,
        0,
        0,
        frozenset(),
        None,
    )
    await persons.admit(claims)
    (els,) = (await persons.find()).persons
    key, _ = await issued_key(plane, NewKey(name="bot"))
    draft = await plane.leaving.hand_over.draft(key.id, els.id, reason=WHY)
    return await propose(plane, draft)


async def resolution(plane: ControlPlane) -> str:
    return await propose(plane, Draft(PSEUDONYM_RESOLVE, "u_0123", "{}", {}))


async def restart(plane: ControlPlane) -> str:
    key, _ = await issued_key(plane, NewKey(name="bot"))
    await plane.stops.stop(Stoppable.KEY, key.id, AUTHOR, reason=WHY)
    return await propose(plane, await plane.stops.draft_start(Stoppable.KEY, key.id, reason=WHY))


async def gap(plane: ControlPlane) -> str:
    """The head outside the database is of a larger tree than the database has."""
    await plane.trail.log.advance()
    kept = await plane.trail.log.kept_head()
    assert kept is not None
    async with plane.database.write() as connection:
        for table in ("log_run", "log_tile", "log_head", "log_checkpoint"):
            await connection.execute(text(f"DELETE FROM {table}"))
    draft, _ = await plane.trail_gaps.draft(reason=WHY)
    return await propose(plane, draft)


async def deadline(plane: ControlPlane) -> str:
    row = packaged().rules["gdpr-33"]
    changed = DeadlineFields.model_validate({**row.model_dump(exclude={"id"}), "hours": 48})
    return await propose(plane, await plane.deadlines.draft(row.id, changed, reason=WHY))


async def reveal(plane: ControlPlane) -> str:
    return await propose(plane, Draft(PAYLOAD_REVEAL, "a" * 32, "{}", {}))


async def override(plane: ControlPlane) -> str:
    engine = EngineModel("chat-v1", "vllm", "x/y", "1")
    card = CARD.replace("risk: minimal", "risk: high")
    await plane.models.register_stated("chat", "1", AUTHOR, statement=engine, card=card)
    draft, _ = await plane.evaluation_overrides.draft("chat", "1", reason=WHY)
    return await propose(plane, draft)


async def own_suite(plane: ControlPlane) -> str:
    items = items_text({"expected": "answer"}, {"expected": "refuse"})
    return await proposed(plane, description("refusal"), items, AUTHOR)


KINDS: dict[str, Callable[[ControlPlane], Awaitable[str]]] = {
    CHANGE: change,
    BREAK_GLASS: exception,
    POLICY_BUNDLE: bundle,
    TERMS: terms,
    HOLD_RELEASE: release,
    SUBJECT_ERASE: erasure,
    AUDIT_EXPORT: full_export,
    PAYLOAD_REVEAL: reveal,
    PERSON_REACTIVATE: reactivation,
    KEY_HAND_OVER: hand_over,
    PSEUDONYM_RESOLVE: resolution,
    RESTART: restart,
    TRAIL_GAP: gap,
    DEADLINE: deadline,
    EVALUATION_OVERRIDE: override,
    EVALUATION_SUITE: own_suite,
}


@pytest.fixture(params=["production", "embedded"])
async def plane(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[ControlPlane]:
    built = build(
        database_url=f"sqlite:///{tmp_path / 'governance.db'}",
        secrets=create(tmp_path / "secrets"),
        data_dir=tmp_path if request.param == "embedded" else None,
        signed_head=tmp_path / "signed-head",
    )
    await migrate(built.database)
    await built.start()
    yield built
    await built.close()


async def state(plane: ControlPlane, identity: str) -> str:
    return (await plane.proposals.get(identity)).summary.state


async def alone(plane: ControlPlane) -> list[bool]:
    """What the entries of approvals say, oldest first."""
    query = "SELECT disclosure FROM audit_detail WHERE event = 'control:proposal:approve'"
    rows = await plane.trail.rows(f"{query} ORDER BY seq", {})
    return [orjson.loads(bytes(row["disclosure"]))[1]["one_person"] for row in rows]


@pytest.mark.parametrize("plane", ["production"], indirect=True)
async def test_every_kind_of_proposal_is_tested_here(plane: ControlPlane) -> None:
    assert set(plane.proposals.kinds) == set(KINDS)


@pytest.mark.parametrize("plane", ["production"], indirect=True)
@pytest.mark.parametrize("kind", KINDS)
async def test_a_second_person_approves(plane: ControlPlane, kind: str) -> None:
    identity = await KINDS[kind](plane)
    with pytest.raises(Denied, match="another person must"):
        await plane.proposals.decide(identity, AUTHOR, approve=True, comment="")
    assert await state(plane, identity) == PENDING
    await plane.proposals.decide(identity, SECOND, approve=True, comment="")
    assert await state(plane, identity) == APPROVED
    assert set(await alone(plane)) == {False}


@pytest.mark.parametrize("plane", ["embedded"], indirect=True)
@pytest.mark.parametrize("kind", KINDS)
async def test_in_embedded_mode_the_author_approves_on_record(
    plane: ControlPlane, kind: str
) -> None:
    identity = await KINDS[kind](plane)
    await plane.proposals.decide(identity, AUTHOR, approve=True, comment="")
    assert await state(plane, identity) == APPROVED
    assert await alone(plane) == [True]


async def test_a_model_needs_a_second_person_in_every_mode(
    plane: ControlPlane, tmp_path: Path
) -> None:
    make_tiny(tmp_path / "tiny")
    await plane.models.register("tiny", "1", AUTHOR, base=tmp_path / "tiny")
    with pytest.raises(Denied, match="another person must"):
        await plane.models.approve("tiny", "1", AUTHOR)
    for approver in (SECOND, THIRD):
        await plane.models.approve("tiny", "1", approver)
    (found,) = await plane.models.list()
    assert found.state == "approved"
    assert [one.approved_by for one in found.approvals] == [SECOND.id, THIRD.id]


@pytest.mark.parametrize("plane", ["production"], indirect=True)
async def test_a_key_that_was_revoked_meanwhile_approves_nothing(plane: ControlPlane) -> None:
    new = NewKey(name="carol", kind="admin", owner="carol", roles=["policy_approver"])
    key, _ = await issued_key(plane, new)
    carol = Actor(key.id, "carol", frozenset(key.roles), "api", person="carol")
    await issued_key(plane, msgspec.structs.replace(new, name="next", owner="next"))
    identity = await change(plane)
    await plane.keys.revoke(key.id, ALICE)
    with pytest.raises(Denied, match="revoked"):
        await plane.proposals.decide(identity, carol, approve=True, comment="")
    assert await state(plane, identity) == PENDING


@pytest.mark.parametrize("plane", ["production"], indirect=True)
async def test_roles_that_a_key_has_lost_meanwhile_approve_nothing(plane: ControlPlane) -> None:
    new = NewKey(name="dirk", kind="admin", owner="dirk", roles=["auditor"])
    key, _ = await issued_key(plane, new)
    dirk = Actor(key.id, "dirk", _ROLES, "api", person="dirk")  # as the request began
    identity = await change(plane)
    with pytest.raises(Denied, match="Roles that have it"):
        await plane.proposals.decide(identity, dirk, approve=True, comment="")
    assert await state(plane, identity) == PENDING
