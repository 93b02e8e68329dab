"""The calendar of law as data: rows that the organisation changes, and months that end."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from gateway.core.errors import InvalidRequest
from gateway.governance.actor import Actor
from gateway.governance.cases.deadlines.rules import DeadlineFields, DeadlineRule, packaged
from gateway.governance.cases.incidents.service import NewIncident
from tests.integration.governance.test_incidents import client
from tests.support.retained import DAY, NOW, Retained

pytestmark = pytest.mark.integration
OFFICER = Actor("k_officer", "officer", frozenset({"compliance_officer"}), "sign-on", "els")
SECOND = Actor("k_second", "second", frozenset({"data_protection_officer"}), "sign-on", "jan")
HOUR = 3_600_000


def fields(identity: str, **changed: Any) -> DeadlineFields:
    stated = packaged().rules[identity].model_dump(exclude={"id"})
    return DeadlineFields.model_validate({**stated, **changed})


async def approved(kept: Retained, draft: Any) -> None:
    identity = await kept.plane.proposals.create(draft, OFFICER, comment="the law changed")
    await kept.plane.proposals.decide(identity, SECOND, approve=True, comment="")


async def test_a_changed_row_takes_effect_without_a_build_once_another_person_approves(
    kept: Retained,
) -> None:
    deadlines = kept.plane.deadlines
    changed = fields("gdpr-33", hours=48, verified_on="2026-11-30", verified_by="J. Jansen")
    draft = await deadlines.draft("gdpr-33", changed, reason="the law changed")
    made = await kept.plane.incidents.create(NewIncident("data_breach", "what", NOW), OFFICER)
    assert made.deadline == NOW + 72 * HOUR
    await approved(kept, draft)
    shown = await kept.plane.incidents.get(made.id)
    assert (shown.deadline, str(shown.clocks[0].verified_on)) == (NOW + 48 * HOUR, "2026-11-30")
    (told,) = await kept.told("control:deadline:set")
    lines = {line["field"]: line for line in map(json.loads, told["lines"])}
    assert (told["article"], lines["hours"]["before"], lines["hours"]["after"]) == (
        "gdpr-33",
        72,
        48,
    )
    rows = {one.id: one for one in (await deadlines.list()).deadlines}
    assert (rows["gdpr-33"].own, rows["gdpr-34"].own) == (True, False)
    await approved(kept, await deadlines.draft_reset("gdpr-33", reason="changed back"))
    assert (await kept.plane.incidents.get(made.id)).deadline == NOW + 72 * HOUR
    assert await kept.told("control:deadline:reset")
    with pytest.raises(InvalidRequest, match="has not changed"):
        await deadlines.draft_reset("gdpr-33", reason="again")


async def test_a_row_starts_no_clock_before_the_day_from_which_it_applies(kept: Retained) -> None:
    day = datetime.fromtimestamp((NOW + 2 * DAY) / 1000, UTC).date()
    row = fields("gdpr-33", kinds=["other"], applies_from=day, hours=24)
    await approved(kept, await kept.plane.deadlines.draft("ours", row, reason="own rule"))
    made = await kept.plane.incidents.create(NewIncident("other", "what", NOW), OFFICER)
    assert (made.deadline, [one.state for one in made.clocks]) == (None, ["later"])
    kept.clock.ms = NOW + 2 * DAY
    shown = await kept.plane.incidents.get(made.id)
    assert (shown.deadline, shown.clocks[0].state) == (NOW + DAY, "would_apply")


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"kinds": ["sabotage"]}, "no kind"),
        ({"starts": "report:nothing"}, "no other row"),
        ({"starts": "received"}, "starts as aware"),
        ({"kinds": ["complaint"]}, "starts as received"),
        ({}, "nothing to propose"),
    ],
    ids=["kind", "after", "incident", "complaint", "same"],
)
async def test_a_row_that_cannot_be_is_refused(
    kept: Retained, changed: dict[str, Any], said: str
) -> None:
    with pytest.raises(InvalidRequest, match=said):
        await kept.plane.deadlines.draft("gdpr-33", fields("gdpr-33", **changed), reason="x")


async def test_officers_propose_auditors_look_and_fields_are_checked(kept: Retained) -> None:
    row = fields("gdpr-33", in_use=False).model_dump(mode="json")
    async with await client(kept, "compliance_officer") as officer:
        body = {"deadline": row, "reason": "not bound"}
        done = await officer.put("/deadlines/gdpr-33", json=body)
        assert (done.status_code, done.json()["waiting"]) == (202, ["deadline gdpr-33"])
        for wrong in ({"hours": None}, {"months": 2}, {"binds": "us"}, {"verified_by": "me"}):
            bad = {"deadline": {**row, **wrong}, "reason": "not bound"}
            assert (await officer.put("/deadlines/gdpr-33", json=bad)).status_code == 400
    async with await client(kept, "auditor") as auditor:
        shown = (await auditor.get("/deadlines")).json()
        assert {one["id"] for one in shown["deadlines"]} == set(packaged().rules)
        assert "security" in shown["kinds"]["incident"]
        assert (await auditor.put("/deadlines/gdpr-33", json=body)).status_code == 403


@pytest.mark.parametrize(
    ("start", "months", "end"),
    [
        ("2026-01-31T10:00", 1, "2026-02-28T10:00"),
        ("2028-01-31T10:00", 1, "2028-02-29T10:00"),
        ("2026-12-15T23:59", 1, "2027-01-15T23:59"),
        ("2026-11-30T00:00", 3, "2027-02-28T00:00"),
        ("2026-03-28T12:00", 1, "2026-04-28T12:00"),
    ],
)
def test_a_month_ends_on_the_same_day_or_the_last_one(start: str, months: int, end: str) -> None:
    rule = DeadlineRule(id="x", **fields("gdpr-12-3", months=months).model_dump())
    assert rule.after(moment(start)) == moment(end)


def test_every_row_has_a_source_both_languages_and_a_known_predecessor() -> None:
    rules = packaged().rules
    for rule in rules.values():
        assert rule.source
        assert rule.title.nl
        assert rule.title.en
        after = rule.starts.removeprefix("report:")
        assert after == rule.starts or after in rules
        assert (rule.verified_on, rule.verified_by) == (None, None)


def test_no_legal_term_is_written_outside_the_calendar() -> None:
    root = Path(__file__).parents[3]
    rows = yaml.safe_load((root / "policies/compliance/calendar.yaml").read_text())["deadlines"]
    ids = {one["id"] for one in rows} - {"complaint"}
    for folder in ("gateway/governance/cases", "admin/views"):
        for file in (root / folder).rglob("*.py"):
            text = file.read_text()
            assert not [one for one in ids if one in text], file


def moment(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp() * 1000)
