"""How long the texts of cases are kept: they go after their term, and the case stays."""

from typing import Any

import pytest
import yaml

from gateway.governance.actor import LOCAL_OPERATOR, Actor
from gateway.governance.cases.complaints.service import NewComplaint
from gateway.governance.cases.incidents.service import IncidentJudgement, NewIncident
from gateway.governance.cases.person_requests.service import NewPersonRequest
from gateway.governance.cases.schemas import CaseTextsState
from gateway.governance.holds.service import NewHold
from gateway.governance.policies.bundle import read_bundle
from gateway.governance.policies.retention_policy import RetentionError, retention_of
from tests.support.retained import DAY, NOW, Retained, person

pytestmark = pytest.mark.integration
OFFICER = Actor("k_officer", "officer", frozenset({"compliance_officer"}), "sign-on")
REQUEST = "a" * 32
JAN = "Jan Kwijtelaar"
EVENT = "control:case:expire"
TABLE = yaml.safe_load(read_bundle()["retention.yaml"])
DAYS = TABLE["cases"]
WHY = "to look at what is left"


async def request(kept: Retained, *, decided: bool = True) -> str:
    """A request of a person, with four texts once it is decided."""
    requests = kept.plane.person_requests
    new = NewPersonRequest("access", kept.clock.ms - 1, JAN, f"wat weet u van mij, {JAN}")
    made = await requests.create(new, OFFICER)
    if decided:
        await requests.decide(
            made.id, OFFICER, outcome="granted", reasons="as asked", answer=f"Beste {JAN}"
        )
    return made.id


async def incident(kept: Retained, **given: Any) -> str:
    """An incident that need not be reported."""
    new = NewIncident(**{
        "kind": "other",
        "description": f"{JAN} kreeg een verkeerd antwoord",
        "aware": kept.clock.ms,
        **given,
    })
    return (await kept.plane.incidents.create(new, OFFICER)).id


async def complaint(kept: Retained) -> str:
    async with kept.trail() as trail:
        await kept.asked(trail, REQUEST, age=1)
    new = NewComplaint(REQUEST, f"Dit klopt niet over {JAN}", "nl")
    made = await kept.plane.complaints.create(new)
    await kept.plane.complaints.decide(made.id, OFFICER, outcome="upheld", reasons="right")
    return made.id


async def left(kept: Retained, kind: str, identity: str) -> CaseTextsState:
    """What is left of the texts of a case."""
    if kind == "incident":
        return (await kept.plane.incidents.get(identity)).texts
    if kind == "complaint":
        return (await kept.plane.complaints.get(identity)).texts
    return (await kept.plane.person_requests.get(identity)).texts


async def after(kept: Retained, days: int) -> None:
    """Some days later the control plane has run."""
    kept.clock.ms += days * DAY
    await kept.plane.case_text_expiry.run()


async def test_the_texts_go_after_their_term_and_the_case_stays(kept: Retained) -> None:
    identity = await request(kept)
    before = await kept.plane.person_requests.get(identity)
    assert (before.texts.kept, before.texts.until) == (4, NOW + (DAYS["request"] + 1) * DAY)
    await after(kept, DAYS["request"])
    assert (await left(kept, "request", identity)).kept == 4
    await after(kept, 1)
    shown = await kept.plane.person_requests.get(identity)
    assert [(one.count, one.at, one.by) for one in shown.texts.removed] == [
        (4, kept.clock.ms, "retention")
    ]
    assert (shown.texts.kept, shown.texts.until) == (0, None)
    assert shown.model_dump(exclude={"texts"}) == before.model_dump(exclude={"texts"})
    assert await kept.plane.person_requests.reveal(identity, OFFICER, reason=WHY) == {}
    (told,) = await kept.told(EVENT)
    assert (told["kind"], told["cases"], told["texts"]) == ("request", [identity], 4)
    assert told["until"] == NOW + DAY
    await after(kept, 1)
    assert len(await kept.told(EVENT)) == 1


async def test_an_open_case_keeps_its_texts_however_old(kept: Retained) -> None:
    identity = await request(kept, decided=False)
    await after(kept, DAYS["request"] * 3)
    assert await left(kept, "request", identity) == CaseTextsState(kept=2)


async def test_a_text_that_came_after_the_decision_starts_the_term_anew(kept: Retained) -> None:
    identity = await request(kept)
    kept.clock.ms += 100 * DAY
    await kept.plane.person_requests.write(identity, OFFICER, text="bezwaar", sent=False)
    await after(kept, DAYS["request"] - 50)
    assert (await left(kept, "request", identity)).kept == 5
    await after(kept, 51)
    assert (await left(kept, "request", identity)).kept == 0


async def test_each_kind_has_its_own_term(kept: Retained) -> None:
    case = await incident(kept)
    await kept.plane.incidents.close(case, OFFICER, outcome="explained")
    other = await request(kept)
    await after(kept, DAYS["request"] + 1)
    assert (await left(kept, "request", other)).kept == 0
    assert (await left(kept, "incident", case)).kept == 2
    await after(kept, DAYS["incident"] - DAYS["request"])
    assert (await left(kept, "incident", case)).kept == 0


async def test_the_hold_of_a_complaint_keeps_its_texts_until_it_is_released(
    kept: Retained,
) -> None:
    identity = await complaint(kept)
    await after(kept, DAYS["complaint"] + 1)
    assert (await left(kept, "complaint", identity)).kept == 2
    assert await kept.told(EVENT) == []
    hold = (await kept.plane.complaints.get(identity)).hold
    await kept.plane.holds.release(hold, OFFICER, reason="settled")
    await after(kept, 0)
    assert (await left(kept, "complaint", identity)).kept == 0


@pytest.mark.parametrize("what", ["person", "period"])
async def test_a_hold_on_a_person_or_a_period_keeps_the_texts(kept: Retained, what: str) -> None:
    identity, other = await request(kept), await incident(kept, description="geen naam")
    await kept.plane.incidents.close(other, OFFICER, outcome="explained")
    review = kept.clock.ms + 9000 * DAY
    new = NewHold("claim 12", review, since=NOW - DAY, until=NOW + DAY)
    if what == "person":
        new = NewHold("claim 12", review, people=tuple(person(JAN)))
    hold = await kept.plane.holds.create(new, OFFICER)
    await after(kept, DAYS["incident"] + 1)
    assert (await left(kept, "request", identity)).kept == 4
    assert (await left(kept, "incident", other)).kept == (0 if what == "person" else 2)
    await kept.plane.holds.release(hold, OFFICER, reason="settled")
    await after(kept, 0)
    assert (await left(kept, "request", identity)).kept == 0


async def test_an_open_task_keeps_the_texts(kept: Retained) -> None:
    case = await incident(kept)
    await kept.plane.follow_ups.add(case, OFFICER, text="add a rule", due=None)
    await kept.plane.incidents.close(case, OFFICER, outcome="explained")
    await after(kept, DAYS["incident"] + 1)
    assert (await left(kept, "incident", case)).kept == 3
    await kept.plane.follow_ups.done(case, 1, OFFICER)
    await after(kept, 1)
    assert (await left(kept, "incident", case)).kept == 0


async def test_an_incident_that_was_judged_keeps_its_judgement_without_its_reasons(
    kept: Retained,
) -> None:
    case = await incident(kept, kind="data_breach")
    await kept.plane.incidents.judge(case, IncidentJudgement((), "geen risico"), OFFICER)
    await kept.plane.incidents.close(case, OFFICER, outcome="explained")
    await after(kept, DAYS["incident"] + 1)
    shown = await kept.plane.incidents.get(case)
    assert (shown.texts.kept, shown.judgement, shown.state) == (0, "no_report", "closed")
    assert "removed" not in await kept.plane.incidents.reveal(case, OFFICER, reason=WHY)


async def test_the_terms_of_a_new_bundle_count_from_then_on(kept: Retained) -> None:
    identity = await request(kept)
    await after(kept, 31)
    table = {**TABLE, "cases": {**DAYS, "request": 30}}
    files = read_bundle() | {"retention.yaml": yaml.safe_dump(table)}
    async with kept.plane.database.write() as connection:
        await kept.plane.policies.activate_files(connection, files, LOCAL_OPERATOR, author="x")
    assert (await left(kept, "request", identity)).until == NOW + 31 * DAY
    await after(kept, 0)
    assert (await left(kept, "request", identity)).kept == 0


async def test_a_bundle_without_terms_has_the_packaged_ones(kept: Retained) -> None:
    table = {name: value for name, value in TABLE.items() if name != "cases"}
    files = read_bundle() | {"retention.yaml": yaml.safe_dump(table)}
    async with kept.plane.database.write() as connection:
        await kept.plane.policies.activate_files(connection, files, LOCAL_OPERATOR, author="x")
    identity = await request(kept)
    until = NOW + (DAYS["request"] + 1) * DAY
    assert (await left(kept, "request", identity)).until == until


def test_a_term_above_the_longest_is_refused() -> None:
    table = {**TABLE, "cases": {**DAYS, "incident": TABLE["longest"] + 1}}
    with pytest.raises(RetentionError, match="cases: incident 3654 is above longest"):
        retention_of({"retention.yaml": yaml.safe_dump(table)})


async def test_many_cases_go_in_short_transactions(kept: Retained) -> None:
    for _ in range(30):
        await request(kept)
    await after(kept, DAYS["request"] + 1)
    told = await kept.told(EVENT)
    assert [(len(one["cases"]), one["texts"]) for one in told] == [(25, 100), (5, 20)]


async def test_the_ciphertexts_are_gone_from_the_files(kept: Retained) -> None:
    await request(kept)
    query = "SELECT ciphertext, wrapped FROM case_text"
    rows = await kept.plane.trail.rows(query, {})
    before = [bytes(value) for row in rows for value in row.values()]
    await after(kept, DAYS["request"] + 1)
    assert await kept.plane.trail.rows(query, {}) == []
    if kept.url is None:
        stored = b"".join(path.read_bytes() for path in kept.data.glob("governance.db*"))
        assert stored
        assert not [one for one in before if one in stored]
