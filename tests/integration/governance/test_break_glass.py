"""Break-glass exceptions on both databases: approved first, ended by themselves, reviewed after."""

from typing import Any

import pytest

from gateway.core.errors import Denied, InvalidRequest
from gateway.core.level import Zone
from gateway.governance.catalogue.config_file import parse
from gateway.governance.catalogue.schemas import ApplyBody
from tests.integration.governance.test_stops import Desk
from tests.support.persons import ALICE, BOB, TWO_PERSONS, secret_of
from tests.support.retained import CONFIG, Retained

pytestmark = pytest.mark.integration
FILE = CONFIG + TWO_PERSONS
WIDER = FILE.replace("zone: eu,\n", "zone: internal,\n")
MINUTE = 60_000


async def apply(kept: Retained, text: str, minutes: int | None = None) -> str | None:
    """The proposal of what waits in a file."""
    plane = kept.plane
    config = parse(text, source="sluis.yaml", records=await plane.catalogue.records())
    applied = await plane.catalogue.apply(
        config, ALICE, resolve=secret_of, comment="incident 12", exception_minutes=minutes
    )
    return applied.done.proposal


async def begun(kept: Retained, text: str = WIDER, minutes: int = 60) -> str:
    identity = await apply(kept, text, minutes)
    assert identity is not None
    await kept.plane.proposals.decide(identity, BOB, approve=True, comment="agreed")
    return identity


async def zone(kept: Retained) -> Zone:
    """The zone in the published snapshot."""
    return (await Desk(kept).snapshot())[0].providers[0].zone


async def state(kept: Retained) -> str:
    (found,) = await kept.plane.break_glass.list()
    return found.state


@pytest.fixture
async def two(kept: Retained) -> Retained:
    """An installation of two persons."""
    assert WIDER != FILE
    if proposal := await apply(kept, FILE):
        await kept.plane.proposals.decide(proposal, BOB, approve=True, comment="agreed")
    await kept.plane.snapshots.publish()
    return kept


async def test_it_waits_holds_for_its_time_and_ends_by_itself(two: Retained) -> None:
    identity = await apply(two, WIDER, 60)
    assert identity is not None
    assert await zone(two) is Zone.EU
    with pytest.raises(Denied):
        await two.plane.proposals.decide(identity, ALICE, approve=True, comment="mine")
    two.clock.ms += 600 * MINUTE  # its time runs from the approval
    await two.plane.proposals.decide(identity, BOB, approve=True, comment="agreed")
    assert await zone(two) is Zone.INTERNAL
    two.clock.ms += 59 * MINUTE
    await two.plane.break_glass.end_due()
    assert (await zone(two), await state(two)) == (Zone.INTERNAL, "active")
    two.clock.ms += MINUTE
    for _ in range(2):  # two control planes
        await two.plane.break_glass.end_due()
    assert (await zone(two), await state(two)) == (Zone.EU, "ended")
    (entry,) = await two.told("control:break_glass:end")
    assert (entry["proposal"], entry["kind"]) == (identity, "break_glass")
    assert two.plane.snapshots.problem is None


async def test_the_records_name_both_persons_at_its_start_and_its_end(two: Retained) -> None:
    identity = await begun(two)
    two.clock.ms += 60 * MINUTE
    await two.plane.break_glass.end_due()
    of_it = [
        one for one in await two.told("control:change:apply") if one.get("proposal") == identity
    ]
    assert [(one["basis"], one["author"], one["approver"]) for one in of_it] == [
        ("two-persons", "alice", "bob")
    ] * 2


async def test_a_person_who_did_not_propose_it_reviews_it_once(two: Retained) -> None:
    identity = await begun(two)
    exceptions = two.plane.break_glass
    with pytest.raises(InvalidRequest, match="still in force"):
        await exceptions.review(identity, BOB, comment="too early")
    ended = await exceptions.end(identity, ALICE)
    assert (ended.state, await zone(two)) == ("ended", Zone.EU)
    with pytest.raises(Denied):
        await exceptions.review(identity, ALICE, comment="all is well")
    two.clock.ms += 8 * 24 * 60 * MINUTE
    assert await state(two) == "overdue"
    reviewed = await exceptions.review(identity, BOB, comment="used twice, as meant")
    assert (reviewed.state, reviewed.reviewed_by) == ("reviewed", "bob")
    with pytest.raises(InvalidRequest, match="already"):
        await exceptions.review(identity, BOB, comment="again")
    (entry,) = await two.told("control:break_glass:review")
    assert (entry["proposal"], entry["comment"]) == (identity, "used twice, as meant")


async def test_the_ordinary_file_ends_it_earlier(two: Retained) -> None:
    await begun(two)
    assert await apply(two, FILE) is None  # it narrows
    assert await zone(two) is Zone.EU
    proposal = await apply(two, FILE.replace("model: gpt}", "model: gpt-2}"))
    assert proposal is not None
    await two.plane.proposals.decide(proposal, BOB, approve=True, comment="agreed")
    two.clock.ms += 60 * MINUTE
    await two.plane.break_glass.end_due()
    snapshot, _ = await Desk(two).snapshot()
    assert snapshot.deployments[0].model == "gpt-2"


async def test_what_two_persons_decided_for_good_stays(two: Retained) -> None:
    """The same value approved as an ordinary change of another field is not taken back."""
    moved = WIDER.replace("https://llm.example.eu/v1", "https://llm.example.nl/v1")
    await begun(two, moved)
    again = moved.replace("https://llm.example.nl/v1", "https://llm.example.org/v1")
    proposal = await apply(two, again)
    assert proposal is not None
    await two.plane.proposals.decide(proposal, BOB, approve=True, comment="agreed")
    two.clock.ms += 60 * MINUTE
    await two.plane.break_glass.end_due()
    (provider,) = (await Desk(two).snapshot())[0].providers
    assert (provider.zone, provider.base_url) == (Zone.EU, "https://llm.example.org/v1")


async def test_an_object_that_it_added_goes_with_what_refers_to_it(two: Retained) -> None:
    added = FILE.replace(
        "deployments:\n",
        "  - {name: far, kind: openai, base_url: 'https://far.example/v1', zone: global}\n"
        "deployments:\n  - {name: gpt-far, provider: far, model: gpt}\n",
    )
    await begun(two, added)
    assert len((await Desk(two).snapshot())[0].deployments) == 2
    two.clock.ms += 60 * MINUTE
    await two.plane.break_glass.end_due()
    after, _ = await Desk(two).snapshot()
    assert [one.name for one in after.providers] == ["example-eu"]
    assert [one.name for one in after.deployments] == ["gpt-eu"]


async def test_a_later_file_does_not_supersede_it(two: Retained) -> None:
    identity = await apply(two, WIDER, 60)
    await apply(two, WIDER)
    assert identity is not None
    assert (await two.plane.proposals.get(identity)).summary.state == "pending"


@pytest.mark.parametrize(
    "body",
    [
        {"exception_minutes": 0, "comment": "incident 12"},
        {"exception_minutes": 72 * 60 + 1, "comment": "incident 12"},
        {"exception_minutes": 60},
        {"exception_minutes": 60, "comment": "  "},
    ],
)
def test_a_time_or_a_reason_that_may_not_be_is_refused(body: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"exception"):
        ApplyBody(text="version: 1\n", **body)
