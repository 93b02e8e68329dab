"""Incidents on both databases: the clock that runs, the evidence that is frozen, the entries."""

import logging
from collections.abc import Sequence
from typing import Any

import httpx
import pytest

from gateway.core.errors import InvalidRequest
from gateway.core.objects.keys import NewKey
from gateway.governance.actor import LOCAL_OPERATOR, Actor
from gateway.governance.cases.errors import AlreadyClosed, NotJudged
from gateway.governance.cases.incidents.schemas import IncidentResponse
from gateway.governance.cases.incidents.service import IncidentJudgement, NewIncident
from gateway.governance.holds.service import OnHold
from gateway.governance.tables import metadata
from tests.support.control_app import control_app
from tests.support.persons import issued
from tests.support.retained import DAY, NOW, Retained, person

pytestmark = pytest.mark.integration
OFFICER = Actor("k_officer", "officer", frozenset({"compliance_officer"}), "sign-on")
HOUR = 3_600_000
OLD = 100  # days: bodies and values of the default class are due
JAN = "Jan Kwijtelaar"
REQUEST, OTHER = "a" * 32, "b" * 32
TOLD = f"{JAN} kreeg een verkeerd medicijn"
CLOCKS = {
    "serious_harm": ("ai-act-73-2", 15 * DAY),
    "death": ("ai-act-73-4", 10 * DAY),
    "infringement": ("ai-act-73-3", 2 * DAY),
    "disruption": ("ai-act-73-3", 2 * DAY),
    "data_breach": ("gdpr-33", 72 * HOUR),
}
NO_REPORT = ("wrong_answer", "other", "security")


def new(**given: Any) -> NewIncident:
    return NewIncident(**{"kind": "serious_harm", "description": TOLD, "aware": NOW, **given})


async def every(kept: Retained) -> Sequence[IncidentResponse]:
    """All incidents."""
    return (await kept.plane.incidents.list()).incidents


async def everything(kept: Retained) -> str:
    """What stands in clear in the tables of the control plane and in its entries."""
    found = [str(await kept.plane.trail.rows("SELECT * FROM audit_detail", {}))]
    async with kept.plane.database.read() as connection:
        for table in metadata.sorted_tables:
            found.append(str((await connection.execute(table.select())).all()))
    return "".join(found)


@pytest.mark.parametrize("kind", CLOCKS)
async def test_the_clock_runs_from_the_moment_of_awareness(kept: Retained, kind: str) -> None:
    article, allowed = CLOCKS[kind]
    aware = NOW - 3 * HOUR
    made = await kept.plane.incidents.create(new(kind=kind, aware=aware), OFFICER)
    assert made.id.startswith("incident_")
    assert (made.article, made.deadline, made.hold) == (article, aware + allowed, None)
    (told,) = await kept.told("control:incident:open")
    assert (told["incident"], told["kind"]) == (made.id, kind)
    assert (told["article"], told["deadline"], told["count"]) == (article, aware + allowed, 0)
    assert made.judgement == "not_judged"
    assert (made.clocks[0].rule, made.clocks[0].state) == (article, "would_apply")
    kept.clock.ms = aware + allowed
    assert [one.state for one in await every(kept)] == ["open"]
    kept.clock.ms += 1
    assert [one.state for one in await every(kept)] == ["overdue"]


@pytest.mark.parametrize("kind", NO_REPORT)
async def test_a_kind_that_needs_no_report_is_never_due(kept: Retained, kind: str) -> None:
    made = await kept.plane.incidents.create(new(kind=kind), OFFICER)
    assert (made.article, made.deadline, made.clocks) == ("", None, [])
    kept.clock.ms += 1000 * DAY
    assert [one.state for one in await every(kept)] == ["open"]
    await kept.plane.incidents.close(made.id, OFFICER, outcome="explained")
    (told,) = await kept.told("control:incident:close")
    assert "deadline" not in {name for name, value in told.items() if value is not None}


async def test_a_deployer_is_shown_what_applies_later(kept: Retained) -> None:
    made = await kept.plane.incidents.create(new(kind="death"), OFFICER)
    later = {one.rule: one for one in made.clocks if one.state == "later"}
    assert later["ai-act-26-5"].binds == "deployer"
    assert (later["ai-act-26-5"].due, str(later["ai-act-26-5"].applies_from)) == (
        None,
        "2027-12-02",
    )
    with pytest.raises(InvalidRequest, match="applies from 2027-12-02"):
        await kept.plane.incidents.judge(
            made.id, IncidentJudgement(["ai-act-26-5"], "a deployer"), OFFICER
        )


async def test_several_clocks_run_at_once_each_from_its_own_start(kept: Retained) -> None:
    aware = NOW - 5 * HOUR
    made = await kept.plane.incidents.create(new(kind="data_breach", aware=aware), OFFICER)
    rules = ["gdpr-33", "nis2-23-early", "nis2-23-notice", "nis2-23-final", "dora-19-initial"]
    judged = await kept.plane.incidents.judge(
        made.id, IncidentJudgement(rules, "all bind", classified=NOW - HOUR), OFFICER
    )
    dues = {one.rule: (one.due, one.state) for one in judged.clocks}
    assert dues == {
        "dora-19-initial": (NOW + 3 * HOUR, "running"),
        "nis2-23-early": (aware + 24 * HOUR, "running"),
        "gdpr-33": (aware + 72 * HOUR, "running"),
        "nis2-23-notice": (aware + 72 * HOUR, "running"),
        "nis2-23-final": (None, "waiting"),
    }
    assert (judged.judgement, judged.article) == ("report", "dora-19-initial")
    assert judged.deadline == NOW + 3 * HOUR
    kept.clock.ms = NOW + 4 * HOUR
    (shown,) = await every(kept)
    assert (shown.state, shown.clocks[0].state) == ("overdue", "overdue")
    for rule in ("dora-19-initial", "nis2-23-notice"):
        shown = await kept.plane.incidents.report(made.id, rule, kept.clock.ms, OFFICER)
    states = {one.rule: one.state for one in shown.clocks}
    assert (states["dora-19-initial"], states["nis2-23-notice"]) == ("late", "reported")
    assert states["nis2-23-final"] == "running"
    assert (shown.article, shown.state) == ("nis2-23-early", "open")
    told = await kept.told("control:incident:report")
    assert [one["article"] for one in told] == ["dora-19-initial", "nis2-23-notice"]


async def test_the_latest_moment_counts_from_awareness_where_classification_waits(
    kept: Retained,
) -> None:
    made = await kept.plane.incidents.create(new(kind="security", aware=NOW - 22 * HOUR), OFFICER)
    judged = await kept.plane.incidents.judge(
        made.id, IncidentJudgement(["dora-19-initial"], "major", classified=NOW), OFFICER
    )
    assert judged.deadline == NOW + 2 * HOUR


async def test_a_later_judgement_replaces_an_earlier_one(kept: Retained) -> None:
    made = await kept.plane.incidents.create(new(kind="data_breach"), OFFICER)
    incidents = kept.plane.incidents
    judged = await incidents.judge(
        made.id, IncidentJudgement([], "names only", severity="low"), OFFICER
    )
    assert (judged.judgement, judged.deadline, judged.severity) == ("no_report", None, "low")
    kept.clock.ms += 100 * DAY
    assert [one.state for one in await every(kept)] == ["open"]
    judged = await incidents.judge(made.id, IncidentJudgement(["gdpr-33"], "health too"), OFFICER)
    assert (judged.judgement, judged.state) == ("report", "overdue")
    told = await kept.told("control:incident:judge")
    assert [(one.get("articles", []), one["severity"]) for one in told] == [
        ([], "low"),
        (["gdpr-33"], "low"),
    ]
    texts = await incidents.reveal(made.id, OFFICER, reason="yearly review")
    assert (texts["judgement.1"], texts["judgement.2"]) == ("names only", "health too")
    assert "health too" not in await everything(kept)


async def test_what_may_have_to_be_reported_is_not_closed_before_it_is_judged(
    kept: Retained,
) -> None:
    incidents = kept.plane.incidents
    made = await incidents.create(new(kind="data_breach"), OFFICER)
    with pytest.raises(NotJudged, match="gdpr-33") as refused:
        await incidents.close(made.id, OFFICER, outcome="forgotten")
    assert refused.value.code == "not_judged"
    await incidents.judge(made.id, IncidentJudgement(["gdpr-33"], "a risk"), OFFICER)
    with pytest.raises(NotJudged, match="were not reported: gdpr-33"):
        await incidents.close(made.id, OFFICER, outcome="forgotten")
    await incidents.close(made.id, OFFICER, outcome="reported", reported=NOW)
    (shown,) = await every(kept)
    assert (shown.state, shown.clocks[0].state, shown.clocks[0].reported) == (
        "closed",
        "reported",
        NOW,
    )
    with pytest.raises(AlreadyClosed):
        await incidents.judge(made.id, IncidentJudgement([], "no"), OFFICER)


@pytest.mark.parametrize(
    ("rules", "moment", "said"),
    [(["gdpr-34x"], NOW, "rules.0"), (["complaint"], NOW, "rules.0"), ([], NOW + 1, "not later")],
    ids=["unknown", "complaint", "future"],
)
async def test_a_judgement_that_cannot_be_is_refused(
    kept: Retained, rules: list[str], moment: int, said: str
) -> None:
    made = await kept.plane.incidents.create(new(kind="data_breach"), OFFICER)
    with pytest.raises(InvalidRequest, match=said):
        await kept.plane.incidents.judge(made.id, IncidentJudgement(rules, "x", moment), OFFICER)
    assert not await kept.told("control:incident:judge")
    with pytest.raises(InvalidRequest, match="does not bind"):
        await kept.plane.incidents.report(made.id, "gdpr-33", NOW, OFFICER)


async def test_the_requests_of_an_incident_are_frozen_until_the_hold_is_released(
    kept: Retained,
) -> None:
    async with kept.trail() as trail:
        await kept.asked(trail, REQUEST, age=OLD)
        await kept.asked(trail, OTHER, age=OLD, people=["ppp333"])
    made = await kept.plane.incidents.create(new(requests=(f"req_{REQUEST}",)), OFFICER)
    (hold,) = await kept.plane.holds.list()
    assert (hold.id, hold.requests) == (made.hold, [REQUEST])
    with pytest.raises(OnHold, match=made.hold):
        await kept.plane.subjects.erase(person(JAN), LOCAL_OPERATOR, reason="nr 7")
    await kept.plane.expiry.run()
    left = await kept.left()
    assert (left["bodies"], left["values"]) == (2, 1)  # of the other request nothing is left
    await kept.plane.incidents.close(made.id, OFFICER, outcome="verholpen", reported=NOW)
    with pytest.raises(OnHold):  # closing an incident releases nothing
        await kept.plane.subjects.erase(person(JAN), LOCAL_OPERATOR, reason="nr 7")
    assert made.hold is not None
    await kept.plane.holds.release(made.hold, OFFICER, reason="settled")
    await kept.plane.expiry.run()
    assert (await kept.left())["bodies"] == 0


async def test_what_is_written_about_it_is_in_clear_nowhere_and_reading_it_is_an_entry(
    kept: Retained, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    made = await kept.plane.incidents.create(new(model="gpt-5-mini"), OFFICER)
    same = await kept.plane.incidents.create(new(), OFFICER)
    await kept.plane.incidents.judge(made.id, IncidentJudgement([], f"{JAN} is gezond"), OFFICER)
    await kept.plane.incidents.close(made.id, OFFICER, outcome=f"excuses aan {JAN}")
    stored = await everything(kept) + caplog.text
    assert "Kwijtelaar" not in stored
    assert made.id in stored
    texts = await kept.plane.incidents.reveal(made.id, OFFICER, reason="meeting of 3 May")
    assert texts == {
        "description": TOLD,
        "judgement.1": f"{JAN} is gezond",
        "outcome": f"excuses aan {JAN}",
    }
    (told,) = await kept.told("control:incident:reveal")
    assert (told["incident"], told["reason"]) == (made.id, "meeting of 3 May")
    opened = await kept.told("control:incident:open")
    assert opened[0]["model"] == "gpt-5-mini"
    assert opened[0]["digest"] != opened[1]["digest"]  # nobody learns that two texts are one
    with pytest.raises(InvalidRequest, match="Say why"):
        await kept.plane.incidents.reveal(same.id, OFFICER, reason="x")


async def test_it_is_closed_once(kept: Retained) -> None:
    made = await kept.plane.incidents.create(new(kind="death"), OFFICER)
    kept.clock.ms += DAY
    await kept.plane.incidents.close(made.id, OFFICER, outcome="reported", reported=NOW + HOUR)
    (shown,) = await every(kept)
    assert (shown.state, shown.reported, shown.closed_by) == (
        "closed",
        NOW + HOUR,
        OFFICER.id,
    )
    with pytest.raises(AlreadyClosed, match=made.id) as refused:
        await kept.plane.incidents.close(made.id, OFFICER, outcome="again")
    assert refused.value.code == "already_closed"
    (told,) = await kept.told("control:incident:close")
    assert (told["incident"], told["kind"], told["article"]) == (made.id, "death", "ai-act-73-4")
    assert (told["deadline"], told["reported"]) == (made.deadline, NOW + HOUR)
    assert "again" not in str(told)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"kind": "sabotage"}, "no such kind"),
        ({"aware": NOW + 1}, "lies ahead"),
        ({"requests": (REQUEST, OTHER)}, "requests.1"),
        ({"requests": ("control",)}, "requests.0"),
    ],
    ids=["kind", "future", "request", "no-request"],
)
async def test_an_incident_that_cannot_be_is_refused_and_leaves_nothing(
    kept: Retained, wrong: dict[str, Any], said: str
) -> None:
    async with kept.trail() as trail:
        await kept.asked(trail, REQUEST, age=1)
    with pytest.raises(InvalidRequest, match=said):
        await kept.plane.incidents.create(new(**wrong), OFFICER)
    assert not await every(kept)
    assert not await kept.plane.holds.list()


@pytest.mark.parametrize("reported", [NOW - HOUR - 1, NOW + 1], ids=["before", "future"])
async def test_a_moment_of_reporting_that_cannot_be_is_refused(
    kept: Retained, reported: int
) -> None:
    made = await kept.plane.incidents.create(new(aware=NOW - HOUR), OFFICER)
    with pytest.raises(InvalidRequest, match="reported"):
        await kept.plane.incidents.close(made.id, OFFICER, outcome="x", reported=reported)
    with pytest.raises(InvalidRequest, match="no such incident"):
        await kept.plane.incidents.close("incident_0", OFFICER, outcome="x")


async def client(kept: Retained, role: str) -> httpx.AsyncClient:
    """A client of the admin API with a key of its own."""
    secret = await issued(kept.plane, NewKey(f"key-{role}", kind="admin", roles=[role]))
    app = control_app(kept.plane)
    return httpx.AsyncClient(
        transport=httpx.ASGITransport(app),
        base_url="http://test/admin/v1",
        headers={"authorization": f"Bearer {secret}"},
    )


async def test_officers_handle_auditors_look_and_others_do_not(kept: Retained) -> None:
    body = {"kind": "data_breach", "description": TOLD, "aware": NOW}
    async with await client(kept, "platform_admin") as admin:
        assert (await admin.get("/incidents")).status_code == 403
    async with await client(kept, "compliance_officer") as officer:
        made = (await officer.post("/incidents", json=body)).json()
        path = f"/incidents/{made['id']}"
        assert (await officer.get(path)).json()["article"] == "gdpr-33"
        assert (await officer.get("/incidents/incident_0")).status_code == 404
    async with await client(kept, "auditor") as auditor:
        (shown,) = (await auditor.get("/incidents")).json()["incidents"]
        assert "Kwijtelaar" not in str(shown)
        assert (await auditor.post(f"{path}/reveal", json={"reason": "audit"})).status_code == 403
        assert (await auditor.post(f"{path}/close", json={"outcome": "ok"})).status_code == 403
    async with await client(kept, "data_protection_officer") as privacy:
        done = await privacy.post(f"{path}/close", json={"outcome": "notified", "reported": NOW})
        assert done.json()["state"] == "closed"
        again = await privacy.post(f"{path}/close", json={"outcome": "notified"})
        assert (again.status_code, again.json()["error"]["code"]) == (409, "already_closed")
        texts = await privacy.post(f"{path}/reveal", json={"reason": "yearly review"})
        assert texts.json()["texts"]["description"] == TOLD
