"""The author of a change does not approve it, whatever the kind of change."""

import time
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import orjson
import pytest

from gateway.core.errors import Denied
from gateway.core.system.secrets import create
from gateway.evidence.disclosure_profile import DisclosureProfile
from gateway.governance.actor import Actor
from gateway.governance.audit.exports import KIND as AUDIT_EXPORT
from gateway.governance.audit.exports import ExportRequest, PendingExport
from gateway.governance.data_subjects.service import KIND as SUBJECT_ERASE
from gateway.governance.holds.service import KIND as HOLD_RELEASE
from gateway.governance.holds.service import NewHold
from gateway.governance.keys.service import NewKey
from gateway.governance.person_keys import DataSubject
from gateway.governance.plane import ControlPlane, build
from gateway.governance.policies.service import KIND as POLICY_BUNDLE
from gateway.governance.proposals.service import APPROVED, PENDING, Draft
from gateway.governance.stops.schemas import Stoppable
from gateway.governance.stops.service import KIND as RESTART
from gateway.governance.terms.changes import Term, TermChange
from gateway.governance.terms.service import KIND as TERMS
from tests.support.tiny_model import make_tiny

pytestmark = pytest.mark.integration
AUTHOR = Actor("k_author", "author", frozenset({"operator"}), "api")
SECOND = Actor("k_second", "second", frozenset({"operator"}), "api")
WHY = "complaint number 12"
DAY_MS = 86_400_000


async def propose(plane: ControlPlane, draft: Draft) -> str:
    return await plane.proposals.create(draft, AUTHOR, comment=WHY)


async def bundle(plane: ControlPlane) -> str:
    levels = (await plane.policies.active())["levels.yaml"]
    return await propose(plane, await plane.policies.draft({"levels.yaml": levels + "# new\n"}))


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


async def restart(plane: ControlPlane) -> str:
    key, _ = await plane.keys.create(NewKey(name="bot"), AUTHOR)
    await plane.stops.stop(Stoppable.KEY, key.id, AUTHOR, reason=WHY)
    return await propose(plane, await plane.stops.draft_start(Stoppable.KEY, key.id, reason=WHY))


KINDS: dict[str, Callable[[ControlPlane], Awaitable[str]]] = {
    POLICY_BUNDLE: bundle,
    TERMS: terms,
    HOLD_RELEASE: release,
    SUBJECT_ERASE: erasure,
    AUDIT_EXPORT: full_export,
    RESTART: restart,
}


@pytest.fixture(params=["production", "embedded"])
async def plane(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[ControlPlane]:
    built = build(
        database_url=f"sqlite:///{tmp_path / 'governance.db'}",
        secrets=create(tmp_path / "secrets"),
        data_dir=tmp_path if request.param == "embedded" else None,
    )
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
    assert set(plane.proposals._kinds) == set(KINDS)


@pytest.mark.parametrize("plane", ["production"], indirect=True)
@pytest.mark.parametrize("kind", KINDS)
async def test_a_second_person_approves(plane: ControlPlane, kind: str) -> None:
    identity = await KINDS[kind](plane)
    with pytest.raises(Denied, match="another person must"):
        await plane.proposals.decide(identity, AUTHOR, approve=True, comment="")
    assert await state(plane, identity) == PENDING
    await plane.proposals.decide(identity, SECOND, approve=True, comment="")
    assert await state(plane, identity) == APPROVED
    assert await alone(plane) == [False]


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
    await plane.models.approve("tiny", "1", SECOND)
    assert [one.approved_by for one in await plane.models.list()] == [SECOND.id]
