"""An erasure reaches the texts of cases: of ended ones at once, of open ones when they end."""

import pytest

from gateway.governance.actor import LOCAL_OPERATOR, Actor
from gateway.governance.cases.complaints.service import NewComplaint
from gateway.governance.cases.person_requests.service import NewPersonRequest
from gateway.governance.data_subjects.tombstones import Tombstone
from gateway.governance.holds.service import NewHold, OnHold
from tests.support.retained import DAY, NOW, Retained, person

pytestmark = pytest.mark.integration
OFFICER = Actor("k_officer", "officer", frozenset({"data_protection_officer"}), "sign-on")
OTHER = Actor("k_other", "other", frozenset({"data_protection_officer"}), "sign-on")
EVENT = "control:case:erase"
WHY = "request 2026-117"
REQUEST = "a" * 32
JAN = "Jan Kwijtelaar"
WRITTEN = f"wat weet u van {JAN}?"


async def asked(kept: Retained, text: str = WRITTEN, *, decided: bool = True) -> str:
    """A request of somebody else, with three texts once it is decided."""
    requests = kept.plane.person_requests
    made = await requests.create(NewPersonRequest("access", NOW - 1, "Els", text), OFFICER)
    if decided:
        await requests.decide(made.id, OFFICER, outcome="granted", reasons="as asked")
    return made.id


async def parts(kept: Retained, identity: str) -> list[str]:
    """The parts of a request whose texts can be read."""
    found = await kept.plane.person_requests.reveal(identity, OFFICER, reason="to look at it")
    return sorted(found)


async def test_the_texts_that_name_the_person_go_and_all_others_stay(kept: Retained) -> None:
    case, other = await asked(kept), await asked(kept, "wat weet u van Petra?")
    query = "SELECT ciphertext, wrapped FROM case_text WHERE part = 'text' AND case_id = :case"
    rows = await kept.plane.trail.rows(query, {"case": case})
    before = [bytes(value) for row in rows for value in row.values()]
    found = await kept.plane.subjects.find(person(JAN), OFFICER, reason=WHY)
    done = await kept.plane.subjects.erase(person(JAN), OFFICER, reason=WHY)
    assert (found.case_texts, done.case_texts) == (1, 1)
    assert await parts(kept, case) == ["person", "reasons"]
    assert await parts(kept, other) == ["person", "reasons", "text"]
    (gone,) = (await kept.plane.person_requests.get(case)).texts.removed
    assert (gone.count, gone.at, gone.by) == (1, kept.clock.ms, "erasure")
    (told,) = await kept.told(EVENT)
    assert (told["cases"], told["texts"]) == ([case], 1)
    (erased,) = await kept.told("subject:values:erase")
    assert erased["texts"] == 1
    assert "kwijtelaar" not in str([told, erased]).lower()
    if kept.url is None:
        stored = b"".join(path.read_bytes() for path in kept.data.glob("governance.db*"))
        assert not [one for one in before if one in stored]


async def test_the_texts_of_an_open_case_go_when_it_ends(kept: Retained) -> None:
    case = await asked(kept, decided=False)
    done = await kept.plane.subjects.erase(person(JAN), OFFICER, reason=WHY)
    assert done.case_texts == 1
    assert await parts(kept, case) == ["person", "text"]
    kept.clock.ms += DAY
    await kept.plane.person_requests.write(case, OFFICER, text=f"Over {JAN}: later", sent=True)
    await kept.plane.person_requests.decide(case, OFFICER, outcome="granted", reasons="as asked")
    await kept.plane.subjects.sweep()
    assert await parts(kept, case) == ["message.1", "person", "reasons"]


async def test_a_held_case_stops_the_erasure_until_its_hold_is_released(kept: Retained) -> None:
    async with kept.trail() as trail:
        await kept.asked(trail, REQUEST, age=1, people=["ppp333"])
    made = await kept.plane.complaints.create(NewComplaint(REQUEST, WRITTEN, "nl"))
    await kept.plane.complaints.decide(made.id, OFFICER, outcome="upheld", reasons="right")
    hold = (await kept.plane.complaints.get(made.id)).hold
    with pytest.raises(OnHold, match=hold):
        await kept.plane.subjects.erase(person(JAN), OFFICER, reason=WHY)
    with pytest.raises(OnHold, match=hold):
        await kept.plane.subjects.draft_erasure(person(JAN), reason=WHY)
    assert len(await kept.told("subject:values:refuse")) == 1
    assert (await kept.plane.complaints.get(made.id)).texts.kept == 2
    await kept.plane.holds.release(hold, OFFICER, reason="settled")
    await kept.plane.subjects.erase(person(JAN), OFFICER, reason=WHY)
    assert (await kept.plane.complaints.get(made.id)).texts.kept == 1


async def test_a_hold_that_came_after_the_proposal_keeps_the_text(kept: Retained) -> None:
    case = await asked(kept)
    draft = await kept.plane.subjects.draft_erasure(person(JAN), reason=WHY)
    proposal = await kept.plane.proposals.create(draft, OFFICER, comment=WHY)
    review = NOW + 900 * DAY
    period = NewHold("claim 12", review, since=NOW - DAY, until=NOW + DAY)
    hold = await kept.plane.holds.create(period, OFFICER)
    await kept.plane.proposals.decide(proposal, OTHER, approve=True, comment="agreed")
    assert "text" in await parts(kept, case)
    await kept.plane.holds.release(hold, OFFICER, reason="settled")
    await kept.plane.subjects.sweep()
    assert "text" not in await parts(kept, case)


async def test_an_approved_erasure_reaches_the_texts(kept: Retained) -> None:
    case = await asked(kept)
    draft = await kept.plane.subjects.draft_erasure(person(JAN), reason=WHY)
    proposal = await kept.plane.proposals.create(draft, OFFICER, comment=WHY)
    assert "text" in await parts(kept, case)
    await kept.plane.proposals.decide(proposal, OTHER, approve=True, comment="agreed")
    assert await parts(kept, case) == ["person", "reasons"]


async def test_a_replay_reaches_the_texts_of_before_and_leaves_later_ones(kept: Retained) -> None:
    case = await asked(kept)
    stone = Tombstone(kept.clock.ms, 0, "", [kept.name(JAN)])
    kept.clock.ms += DAY
    later = await asked(kept, f"opnieuw over {JAN}")
    done = await kept.plane.subjects.replay([stone], LOCAL_OPERATOR)
    assert done.replayed == 1
    assert await parts(kept, case) == ["person", "reasons"]
    assert await parts(kept, later) == ["person", "reasons", "text"]
