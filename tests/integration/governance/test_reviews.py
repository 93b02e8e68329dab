"""Flagged requests on both databases: found once, decided once, and by whom it may be decided."""

import asyncio
from typing import Any

import httpx
import pytest
from sqlalchemy import text

from gateway.core.errors import InvalidRequest
from gateway.core.objects.keys import NewKey
from gateway.core.snapshot import bundle_digest
from gateway.evidence import CLOSE, INTENT, Entry, Trail
from gateway.governance.actor import LOCAL_OPERATOR, Actor
from gateway.governance.cases.incidents.service import NewIncident
from gateway.governance.reviews.schemas import ReviewListResponse, ReviewOutcome
from gateway.governance.reviews.service import ReviewQuestion
from gateway.governance.terms.changes import Term, TermChange
from tests.support.control_app import control_app
from tests.support.persons import issued
from tests.support.retained import DAY, NOW, Retained

pytestmark = pytest.mark.integration
OFFICER = Actor("k_officer", "officer", frozenset({"compliance_officer"}), "sign-on")
FLAGGING, REFUSING = "ask-for-dismissal", "no-weapons"
RULE = """
  - id: {id}
    patterns: ['\\b{word}\\b']
    action: {action}
    stages: [input, output]
    message:
      nl: "Dit mag niet."
      en: "This is not allowed."
"""


async def bundle(kept: Retained) -> str:
    """The digest of a bundle in force with a rule that flags and one that refuses."""
    policies = kept.plane.policies
    files = await policies.active()
    more = RULE.format(id=FLAGGING, word="ontslag", action="flag")
    more += RULE.format(id=REFUSING, word="wapen", action="refuse")
    files["content.yaml"] = files["content.yaml"].rstrip() + "\n" + more
    async with kept.plane.database.write() as connection:
        await policies.activate_files(connection, files, LOCAL_OPERATOR, author="k_author")
    return bundle_digest(files)


async def asked(
    trail: Trail, request: str, matched: list[str], digest: str, *, age: int = 0, **closing: Any
) -> None:
    at = NOW - age * DAY
    about = {"principal": "k_app", "team": "hr", "model": "assistant", "purpose": "hiring"}
    fields: dict[str, Any] = {**about, "level": "internal", "rules": matched}
    await trail.record(Entry(INTENT, request, at, fields, bundle=digest))
    await trail.record(Entry(CLOSE, request, at + 9, {"outcome": "ok", **closing}, bundle=digest))


async def found(kept: Retained, **asked: Any) -> ReviewListResponse:
    await kept.plane.reviews.run()
    return await kept.plane.reviews.list(ReviewQuestion(**asked))


async def ids(kept: Retained, **asked: Any) -> list[str]:
    return [one.request for one in (await found(kept, **asked)).reviews]


async def test_only_requests_that_a_flagging_rule_matched_are_listed(kept: Retained) -> None:
    digest = await bundle(kept)
    async with kept.trail() as trail:
        await asked(trail, "a" * 32, [FLAGGING], digest)
        await asked(trail, "b" * 32, [REFUSING], digest)
        await asked(trail, "c" * 32, [], digest)
        await asked(trail, "d" * 32, [REFUSING, FLAGGING], digest, age=1)
        await asked(trail, "e" * 32, [FLAGGING], "sha256:unknown")
    listed = await found(kept)
    assert [one.request for one in listed.reviews] == ["a" * 32, "d" * 32]
    assert (listed.open, listed.before) == (2, None)
    first = listed.reviews[0]
    assert (first.rules, first.state, first.time) == ([FLAGGING], "open", NOW)
    assert (first.team, first.key, first.model) == ("hr", "k_app", "assistant")
    assert (first.use_case, first.level) == ("hiring", "internal")


async def test_an_answer_can_be_flagged_after_its_request(kept: Retained) -> None:
    digest = await bundle(kept)
    async with kept.trail() as trail:
        await asked(trail, "a" * 32, [], digest, rules=[FLAGGING])
    assert await ids(kept) == ["a" * 32]


async def test_a_rule_that_flagged_then_counts_also_when_it_refuses_now(kept: Retained) -> None:
    digest = await bundle(kept)
    async with kept.trail() as trail:
        await asked(trail, "a" * 32, [FLAGGING], digest)
    files = await kept.plane.policies.active()
    files["content.yaml"] = files["content.yaml"].replace("action: flag", "action: refuse")
    async with kept.plane.database.write() as connection:
        await kept.plane.policies.activate_files(connection, files, OFFICER, author="k_author")
    assert await ids(kept) == ["a" * 32]


async def test_two_control_planes_list_each_request_once(kept: Retained) -> None:
    digest = await bundle(kept)
    async with kept.trail() as trail:
        for number in range(20):
            await asked(trail, f"{number:032x}", [FLAGGING], digest)
    await asyncio.gather(*(kept.plane.reviews.run() for _ in range(3)))
    await kept.plane.close()
    await kept.open()  # another process goes on from the stored position
    assert len(await ids(kept)) == 20


async def test_pages_hold_each_review_once_also_at_one_moment(kept: Retained) -> None:
    digest = await bundle(kept)
    async with kept.trail() as trail:
        for number in range(7):
            await asked(trail, f"{number:032x}", [FLAGGING], digest, age=number % 2)
    seen: list[str] = []
    before: str | None = None
    while True:
        page = await found(kept, limit=2, before=before)
        seen += [one.request for one in page.reviews]
        before = page.before
        if before is None:
            break
    assert len(seen) == len(set(seen)) == 7
    with pytest.raises(InvalidRequest):
        await found(kept, before="yesterday")


async def test_a_filter_takes_the_id_of_a_rule_as_it_is(kept: Retained) -> None:
    digest = await bundle(kept)
    async with kept.trail() as trail:
        await asked(trail, "a" * 32, [FLAGGING], digest)
    assert await ids(kept, rule=FLAGGING) == ["a" * 32]
    for other in ("ask", "%", "ask-for-dismissa_", '"'):
        assert await ids(kept, rule=other) == []


async def test_a_decision_is_made_once_and_is_on_record(kept: Retained) -> None:
    digest = await bundle(kept)
    async with kept.trail() as trail:
        await asked(trail, "a" * 32, [FLAGGING], digest)
    await found(kept)
    decide = kept.plane.reviews.decide
    done = await decide("a" * 32, "nothing", OFFICER, reference=None, reason="a question of law")
    assert (done.state, done.outcome, done.decided_by) == ("decided", "nothing", OFFICER.id)
    with pytest.raises(InvalidRequest, match="already"):
        await decide("a" * 32, "nothing", OFFICER, reference=None, reason="once more")
    assert await ids(kept, state="open") == []
    assert await ids(kept, state="decided") == ["a" * 32]
    (entry,) = await kept.told("control:review:decide")
    assert (entry["of_request"], entry["rules"]) == ("a" * 32, [FLAGGING])
    assert (entry["outcome"], entry["reason"]) == ("nothing", "a question of law")


async def test_what_follows_is_a_proposal_or_incident_that_exists(kept: Retained) -> None:
    digest = await bundle(kept)
    plane = kept.plane
    async with kept.trail() as trail:
        for name in "abc":
            await asked(trail, name * 32, [FLAGGING], digest)
    await found(kept)
    change = TermChange([Term("deny", "Kwartelplan", "PERSON")], [])
    term = await plane.proposals.create(await plane.terms.draft(change), OFFICER, comment="new")
    opened = await plane.incidents.create(
        NewIncident(kind="other", description="a plan", aware=NOW, requests=("b" * 32,)), OFFICER
    )
    refused: list[tuple[ReviewOutcome, str | None]] = [
        ("term", None),
        ("rule", term),
        ("incident", term),
        ("term", opened.id),
        ("nothing", term),
        ("incident", "incident_0"),
    ]
    for wrong, reference in refused:
        with pytest.raises(InvalidRequest):
            await plane.reviews.decide("a" * 32, wrong, OFFICER, reference=reference, reason="why")
    follows: list[tuple[str, ReviewOutcome, str]] = [
        ("a", "term", term),
        ("b", "incident", opened.id),
    ]
    for request, outcome, reference in follows:
        done = await plane.reviews.decide(
            request * 32,
            outcome,
            OFFICER,
            reference=reference,
            reason="why",
        )
        assert done.reference == reference
    with pytest.raises(InvalidRequest, match="no flagged request"):
        await plane.reviews.decide("f" * 32, "nothing", OFFICER, reference=None, reason="why")


async def test_a_review_goes_when_its_entries_do(kept: Retained) -> None:
    digest = await bundle(kept)
    async with kept.trail() as trail:
        await asked(trail, "a" * 32, [FLAGGING], digest, age=4000)
        await asked(trail, "b" * 32, [FLAGGING], digest)
    assert await ids(kept) == ["b" * 32, "a" * 32]
    await kept.plane.expiry.run()
    assert await ids(kept) == ["b" * 32]


async def test_a_review_goes_also_behind_many_older_ones_that_stay(kept: Retained) -> None:
    """Entries of a class with a shorter period expire before older ones of another class."""
    digest = await bundle(kept)
    async with kept.trail() as trail:
        for number in range(203):
            await asked(trail, f"{number:032x}", [FLAGGING], digest, age=300 - number)
    assert len(await ids(kept, limit=200)) == 200
    gone = f"{202:032x}"
    for database in await kept.plane.trail.databases():
        async with database.write() as connection:
            row = text("DELETE FROM audit_detail WHERE request = :request")
            await connection.execute(row, {"request": gone})
    for _ in range(3):
        await kept.plane.reviews.run()
    assert (await found(kept)).open == 202


async def test_home_counts_open_reviews_for_who_may_read_them(kept: Retained) -> None:
    digest = await bundle(kept)
    async with kept.trail() as trail:
        await asked(trail, "a" * 32, [FLAGGING], digest)
    await found(kept)
    waiting = (await kept.plane.home.show(OFFICER)).reviews
    assert waiting is not None
    assert waiting.count == 1
    owner = Actor("k_owner", "owner", frozenset({"model_owner"}), "sign-on")
    assert (await kept.plane.home.show(owner)).reviews is None


async def test_over_http(kept: Retained) -> None:
    digest = await bundle(kept)
    async with kept.trail() as trail:
        await asked(trail, "a" * 32, [FLAGGING], digest)
    roles = ["compliance_officer"]
    key = await issued(kept.plane, NewKey(name="desk", kind="admin", roles=roles, owner="desk"))
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(control_app(kept.plane)),
        base_url="http://control/admin/v1",
        headers={"authorization": f"Bearer {key}"},
    ) as client:
        listed = (await client.get("/reviews", params={"state": "open"})).json()
        assert [one["request"] for one in listed["reviews"]] == ["a" * 32]
        wrong = await client.post("/reviews/" + "a" * 32 + "/decide", json={"outcome": "rule"})
        assert wrong.status_code == 400
        body = {"outcome": "nothing", "reason": "a question of law"}
        done = await client.post("/reviews/" + "a" * 32 + "/decide", json=body)
        assert done.json()["state"] == "decided"
        assert (await client.get("/reviews/" + "a" * 32)).json() == done.json()
        missing = await client.get("/reviews/" + "f" * 32)
        assert missing.status_code == 404
