"""Complaints on both databases: anybody with a receipt may complain; nothing else is told."""

import json
import logging
from ipaddress import ip_network
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest

from gateway.core.errors import InvalidRequest, RateLimited
from gateway.evidence import CLOSE, INTENT, Entry, Value
from gateway.governance.actor import LOCAL_OPERATOR, Actor
from gateway.governance.app import create_app
from gateway.governance.cases.deadlines.rules import DeadlineFields, packaged
from gateway.governance.cases.errors import AlreadyClosed
from gateway.governance.cases.incidents.service import NewIncident
from gateway.governance.cases.intake_limiter import IntakeLimiter
from gateway.governance.holds.service import OnHold
from gateway.governance.reports.service import ReportRequest
from tests.integration.governance.test_incidents import client, everything
from tests.support.control_app import control_app
from tests.support.retained import DAY, NOW, Retained, person

pytestmark = pytest.mark.integration
OFFICER = Actor("k_officer", "officer", frozenset({"compliance_officer"}), "sign-on")
JAN = "Jan Kwijtelaar"
REQUEST = "a" * 32
TEXT = f"Dit antwoord over {JAN} klopt niet."
WEEKS = 42 * DAY
HOUR = 3_600_000


@pytest.fixture
async def asked(kept: Retained) -> Retained:
    """With one request in the trail."""
    async with kept.trail() as trail:
        await kept.asked(trail, REQUEST, age=1)
    return kept


def public(kept: Retained, address: str = "192.0.2.7", app: Any = None) -> httpx.AsyncClient:
    """Somebody without a credential."""
    app = app or control_app(kept.plane)
    return httpx.AsyncClient(
        transport=httpx.ASGITransport(app, client=(address, 1)), base_url="http://test"
    )


async def complain(
    kept: Retained, address: str = "192.0.2.7", *, app: Any = None, **changed: Any
) -> httpx.Response:
    body = {"receipt": REQUEST, "text": TEXT, "language": "nl", **changed}
    async with public(kept, address, app) as anybody:
        return await anybody.post("/complaints", json=body)


@pytest.mark.parametrize("receipt", [REQUEST, f"req_{REQUEST}", f" {REQUEST.upper()} "])
async def test_a_complaint_is_opened_told_about_and_freezes_its_request(
    asked: Retained, receipt: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    answer = await complain(asked, receipt=receipt)
    assert answer.status_code == 201
    made = answer.json()
    assert made.keys() == {"id", "message"}
    assert made["id"].startswith("complaint_")
    assert made["id"] in made["message"]
    assert "klacht" in made["message"]
    assert "privacy@voorbeeld.nl" in made["message"]
    (told,) = await asked.told("control:complaint:open")
    assert (told["complaint"], told["of_request"], told["language"]) == (made["id"], REQUEST, "nl")
    assert told["deadline"] == NOW + WEEKS
    (hold,) = await asked.plane.holds.list()
    assert (hold.id, hold.requests) == (told["hold"], [REQUEST])
    with pytest.raises(OnHold):
        await asked.plane.subjects.erase(person(JAN), LOCAL_OPERATOR, reason="nr 7")
    assert "klopt niet" not in await everything(asked) + caplog.text


async def test_the_answer_is_in_the_language_of_who_complains(asked: Retained) -> None:
    assert "complaint has been received" in (await complain(asked, language="en")).json()["message"]


async def test_unknown_and_malformed_receipts_are_answered_alike(asked: Retained) -> None:
    receipts = ("b" * 32, "", "x", "' OR 1=1 --", "req_", "é" * 64, "trail")
    answers = [await complain(asked, receipt=receipt) for receipt in receipts]
    assert {answer.status_code for answer in answers} == {404}
    (body,) = {answer.text for answer in answers}
    assert "Bij dit nummer" in body
    assert "this number" in body
    assert not (await asked.plane.complaints.list()).complaints
    assert not await asked.plane.holds.list()


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"{", 400),
        (b"[]", 400),
        (b'{"receipt": "\\ud800", "text": "abc", "language": "nl"}', 400),
        (b'{"receipt": 1, "text": "abc", "language": "nl"}', 400),
        (b'{"receipt": "x", "text": "  ", "language": "nl"}', 400),
        (b'{"receipt": "x", "text": "abc", "language": "de"}', 400),
        (b'{"receipt": "x", "text": "abc", "language": "nl", "more": 1}', 400),
        pytest.param(
            b'{"receipt": "x", "language": "nl", "text": "' + b"a" * 10_001 + b'"}', 400, id="long"
        ),
        pytest.param(b" " * 200_000, 413, id="too large"),
    ],
)
async def test_what_is_no_complaint_is_refused_in_both_languages(
    asked: Retained, body: bytes, status: int
) -> None:
    async with public(asked) as anybody:
        answer = await anybody.post("/complaints", content=body)
    assert answer.status_code == status
    message = answer.json()["error"]["message"]
    assert "klacht" in message
    assert "complaint" in message


async def test_a_network_and_all_together_are_limited_and_what_was_refused_is_counted(
    asked: Retained,
) -> None:
    app = create_app(asked.plane, resolve=lambda _: None)
    answers = [await complain(asked, app=app, receipt="x") for _ in range(25)]
    assert [answer.status_code for answer in answers] == [404] * 20 + [429] * 5
    assert int(answers[-1].headers["retry-after"]) > 60
    answers.append(await complain(asked, "192.0.2.99", app=app))
    assert answers[-1].status_code == 429  # the same network
    assert (await complain(asked, "198.51.100.7", app=app)).status_code == 201
    for number in range(30):  # some more than 200, as time passes meanwhile
        asked.clock.ms += 1000  # counts of a second are written when it is over
        address = f"203.0.{number}.1"
        answers += [await complain(asked, address, app=app, receipt="x") for _ in range(10)]
        if answers[-1].status_code == 429:  # all together
            break
    assert 200 <= len(answers) < 300
    await asked.plane.complaints.stop()
    told = await asked.told("access:complaint:count")
    for status, outcome in ((404, "not_found"), (429, "rate_limit_exceeded")):
        counted = sum(one["count"] for one in told if one["outcome"] == outcome)
        assert counted == sum(answer.status_code == status for answer in answers)
    assert "192.0.2" not in str(told)


async def test_a_network_may_try_again_when_its_hour_has_passed_bit_by_bit(kept: Retained) -> None:
    passed = [0.0]
    door = IntakeLimiter(
        kept.plane.database,
        kept.plane.journal,
        pepper=b"p" * 32,
        wall=kept.clock,
        clock=lambda: passed[0],
    )

    async def attempts(number: int) -> None:
        for _ in range(number):
            async with door.attempt("2001:db8:1:2:3::4"):
                pass

    await attempts(20)
    passed[0] += 180
    await attempts(1)
    passed[0] += 3600
    await attempts(20)
    with pytest.raises(RateLimited) as refused:
        await attempts(1)
    assert refused.value.retry_after == 180
    await door.stop()
    (told,) = await kept.told("access:complaint:count")
    assert (told["count"], told["outcome"]) == (1, "rate_limit_exceeded")


async def test_an_officer_reads_with_a_reason_and_decides_once(asked: Retained) -> None:
    identity = (await complain(asked)).json()["id"]
    complaints = asked.plane.complaints
    asked.clock.ms += WEEKS + 1
    (shown,) = (await complaints.list()).complaints
    assert (shown.state, shown.request, shown.deadline) == (
        "overdue",
        REQUEST,
        NOW + WEEKS,
    )
    assert await complaints.reveal(identity, OFFICER, reason="to decide on it") == {"text": TEXT}
    (told,) = await asked.told("control:complaint:reveal")
    assert (told["complaint"], told["reason"]) == (identity, "to decide on it")
    await complaints.decide(identity, OFFICER, outcome="partly", reasons=f"{JAN} heeft gelijk")
    (told,) = await asked.told("control:complaint:decide")
    assert (told["complaint"], told["outcome"], told["of_request"]) == (identity, "partly", REQUEST)
    (shown,) = (await complaints.list()).complaints
    assert (shown.state, shown.outcome) == ("decided", "partly")
    with pytest.raises(AlreadyClosed, match=identity):
        await complaints.decide(identity, OFFICER, outcome="rejected", reasons="no")
    with pytest.raises(InvalidRequest, match="no such complaint"):
        await complaints.decide("complaint_0", OFFICER, outcome="rejected", reasons="no")
    texts = await complaints.reveal(identity, OFFICER, reason="to answer him")
    assert texts == {"text": TEXT, "reasons": f"{JAN} heeft gelijk"}
    assert "Kwijtelaar" not in await everything(asked)
    assert [hold.state for hold in await asked.plane.holds.list()] == ["active"]


async def test_the_desk_is_for_officers(asked: Retained) -> None:
    identity = (await complain(asked)).json()["id"]
    decision = {"outcome": "upheld", "reasons": "the answer was wrong"}
    async with await client(asked, "platform_admin") as admin:
        assert (await admin.get("/complaints")).status_code == 403
    async with await client(asked, "auditor") as auditor:
        (shown,) = (await auditor.get("/complaints")).json()["complaints"]
        assert "klopt" not in str(shown)
        assert (
            await auditor.post(f"/complaints/{identity}/decide", json=decision)
        ).status_code == 403
    async with await client(asked, "compliance_officer") as officer:
        assert (await officer.get(f"/complaints/{identity}")).json()["state"] == "open"
        path = f"/complaints/{identity}/reveal"
        assert (await officer.post(path, json={"reason": "short"})).status_code == 400
        assert (await officer.post(path, json={"reason": "to decide on it"})).status_code == 200
        done = await officer.post(f"/complaints/{identity}/decide", json=decision)
        assert done.json()["state"] == "decided"


async def test_reports_count_what_happened_and_what_waits(asked: Retained) -> None:
    incidents, complaints = asked.plane.incidents, asked.plane.complaints
    late = await incidents.create(NewIncident("data_breach", "x", NOW - 4 * DAY), OFFICER)
    asked.clock.ms += DAY
    since = asked.clock.ms
    await incidents.create(NewIncident("death", "x", since), OFFICER)
    done = await incidents.create(NewIncident("other", "x", since), OFFICER)
    await incidents.close(done.id, OFFICER, outcome="nothing")
    identity = (await complain(asked)).json()["id"]
    assert (await complain(asked, text="again")).json()["id"] == identity
    await complaints.decide(identity, OFFICER, outcome="upheld", reasons="it was wrong")
    asked.clock.ms += HOUR
    until = asked.clock.ms
    await incidents.close(late.id, OFFICER, outcome="after the period", reported=until)
    tables = await _tables(asked, since, until)
    assert tables["incidents"] == [
        ["datalek", 0, 0, 1, 1],
        ["overlijden van een persoon", 1, 0, 1, 0],
        ["anders", 1, 1, 0, 0],
    ]
    assert dict(tables["complaints"]) == {
        "ontvangen": 1,
        "beslist: gegrond": 1,
        "beslist: deels gegrond": 0,
        "beslist: ongegrond": 0,
        "open aan het eind": 0,
        "waarvan te laat": 0,
    }


async def _tables(kept: Retained, since: int, until: int) -> dict[str, list[list[Any]]]:
    """The rows of a report's tables by their ids."""
    wanted = ReportRequest("activity", since, until, "nl", "json")
    file = await kept.plane.reports.create(wanted, OFFICER)
    sections = json.loads(file.data)["document"]["sections"]
    return {table["id"]: table["rows"] for one in sections for table in one["tables"]}


async def test_a_receipt_has_one_complaint_and_one_hold_however_often_it_is_sent(
    asked: Retained,
) -> None:
    first, *others = [await complain(asked, f"192.0.{n}.7", text=f"{n} {JAN}") for n in range(5)]
    assert {answer.json()["id"] for answer in others} == {first.json()["id"]}
    assert len(await asked.plane.holds.list()) == 1
    assert len(await asked.told("control:complaint:open")) == 1
    (shown,) = (await asked.plane.complaints.list()).complaints
    assert [(one.number, one.direction) for one in shown.messages] == [
        (number, "received") for number in range(1, 5)
    ]
    texts = await asked.plane.complaints.reveal(shown.id, OFFICER, reason="to decide on it")
    assert (texts["text"], texts["message.4"]) == (f"0 {JAN}", f"4 {JAN}")
    assert "Kwijtelaar" not in await everything(asked)


async def test_complaints_about_one_answer_are_limited_whatever_the_network(
    asked: Retained,
) -> None:
    app = create_app(asked.plane, resolve=lambda _: None)
    answers = [await complain(asked, f"192.0.{n}.7", app=app) for n in range(12)]
    assert [answer.status_code for answer in answers] == [201] * 10 + [429] * 2
    assert int(answers[-1].headers["retry-after"]) > 60


async def test_a_new_complaint_after_the_decision_uses_the_hold_that_is_in_force(
    asked: Retained,
) -> None:
    first = (await complain(asked)).json()["id"]
    await asked.plane.complaints.decide(first, OFFICER, outcome="rejected", reasons="it is right")
    second = (await complain(asked)).json()["id"]
    assert second != first
    (hold,) = await asked.plane.holds.list()
    await asked.plane.complaints.decide(second, OFFICER, outcome="rejected", reasons="it is right")
    await asked.plane.holds.release(hold.id, OFFICER, reason="settled for good")
    await complain(asked)
    assert len(await asked.plane.holds.list()) == 2


async def test_the_answer_and_letters_are_kept_with_the_complaint(asked: Retained) -> None:
    identity = (await complain(asked)).json()["id"]
    complaints = asked.plane.complaints
    await complaints.write(identity, OFFICER, text=f"{JAN} belde", sent=False)
    await complaints.decide(
        identity, OFFICER, outcome="upheld", reasons="wrong", answer=f"Beste {JAN}"
    )
    shown = await complaints.get(identity)
    assert [(one.by, one.direction) for one in shown.messages] == [
        (OFFICER.id, "received"),
        (OFFICER.id, "sent"),
    ]
    texts = await complaints.reveal(identity, OFFICER, reason="to answer him")
    assert texts["message.2"] == f"Beste {JAN}"
    told = await asked.told("control:case:message")
    assert [(one["case"], one["direction"]) for one in told] == [
        (identity, "received"),
        (identity, "sent"),
    ]


async def test_a_public_body_may_adjourn_once(asked: Retained) -> None:
    rules = packaged().rules
    for name, in_use in (("awb-9-11", True), ("complaint", False)):
        stated = {**rules[name].model_dump(exclude={"id"}), "in_use": in_use}
        row = DeadlineFields.model_validate(stated)
        draft = await asked.plane.deadlines.draft(name, row, reason="a municipality")
        proposal = await asked.plane.proposals.create(draft, OFFICER, comment="")
        second = Actor("k_2", "second", frozenset({"data_protection_officer"}), "sign-on")
        await asked.plane.proposals.decide(proposal, second, approve=True, comment="")
    identity = (await complain(asked)).json()["id"]
    complaints = asked.plane.complaints
    assert (await complaints.get(identity)).article == "awb-9-11"
    shown = await complaints.extend(identity, OFFICER, reason="a committee advises")
    assert shown.deadline == NOW + WEEKS + 28 * DAY
    assert len(await asked.told("control:complaint:extend")) == 1
    with pytest.raises(InvalidRequest, match="no further extension"):
        await complaints.extend(identity, OFFICER, reason="once more")


async def form(
    kept: Retained, body: str | None = None, *, query: str = "", **headers: str
) -> httpx.Response:
    """The page, or what a browser gets that sends the form."""
    async with public(kept) as anybody:
        if body is None:
            return await anybody.get(f"/complaints{query}", headers=headers)
        headers = {"content-type": "application/x-www-form-urlencoded", **headers}
        return await anybody.post(f"/complaints{query}", content=body, headers=headers)


async def test_the_form_is_in_both_languages_and_needs_no_script(asked: Retained) -> None:
    english = await form(asked, query="?language=en")
    for page, language, label in (
        (await form(asked, query="?language=nl"), "nl", "Wat is er mis?"),
        (english, "en", "What is wrong?"),
    ):
        assert page.status_code == 200
        assert f'<html lang="{language}">' in page.text
        assert f'<label for="text">{label}</label>' in page.text
        assert '<label for="receipt">' in page.text
        assert "<script" not in page.text
        assert "Gemeente Voorbeeld" in page.text
        assert page.headers["content-security-policy"].startswith("default-src 'none'; style-src")
        assert page.headers["cache-control"] == "no-store"
    browser = {"accept-language": "nl-NL,nl;q=0.9"}
    assert '<html lang="nl">' in (await form(asked, **browser)).text


async def test_the_form_sends_a_complaint(asked: Retained) -> None:
    body = urlencode({"receipt": REQUEST, "text": f"Regel één\r\n{JAN}", "language": "nl"})
    answer = await form(asked, body, query="?language=nl")
    assert answer.status_code == 201
    (shown,) = (await asked.plane.complaints.list()).complaints
    assert shown.id in answer.text
    texts = await asked.plane.complaints.reveal(shown.id, OFFICER, reason="to decide on it")
    assert texts == {"text": f"Regel één\n{JAN}"}


async def test_a_refused_form_says_why_and_keeps_what_was_typed_as_text(asked: Retained) -> None:
    hostile = '"><script>alert(1)</script></textarea>\u202egnikaf'
    body = urlencode({"receipt": hostile, "text": hostile, "language": "en"})
    answer = await form(asked, body, query="?language=en")
    assert answer.status_code == 404
    assert 'role="alert"' in answer.text
    assert "No answer is known by this number." in answer.text
    assert "Bij dit nummer" not in answer.text
    assert "<script" not in answer.text
    assert "&lt;script&gt;" in answer.text
    assert not (await asked.plane.complaints.list()).complaints


@pytest.mark.parametrize(
    "body",
    [
        "",
        "receipt",
        "receipt=%ff&text=a",
        "receipt=a&receipt=b&text=c",
        "a=1",
        "text=%20&receipt=a",
    ],
)
async def test_what_is_no_form_is_refused_on_the_page(asked: Retained, body: str) -> None:
    answer = await form(asked, body, query="?language=nl")
    assert answer.status_code == 400
    assert "Deze klacht is niet gelezen." in answer.text


async def test_a_trusted_proxy_says_who_calls_and_nobody_else(asked: Retained) -> None:
    networks = [ip_network("192.0.2.0/24")]
    app = create_app(asked.plane, resolve=lambda _: None, trusted_proxies=networks)

    async def sent(peer: str, forwarded: str) -> int:
        async with public(asked, peer, app) as anybody:
            headers = {"x-forwarded-for": forwarded}
            body = {"receipt": "x", "text": TEXT, "language": "nl"}
            return (await anybody.post("/complaints", json=body, headers=headers)).status_code

    for number in range(20):
        assert await sent("192.0.2.1", "198.51.100.9, 192.0.2.2") == 404, number
    assert await sent("192.0.2.1", "198.51.100.9") == 429
    assert await sent("192.0.2.1", "203.0.113.9") == 404  # another network behind the same proxy
    assert await sent("192.0.2.1", "203.0.113.9, 198.51.100.9") == 429  # written by the caller
    for _ in range(20):
        await sent("203.0.114.1", "203.0.113.50")
    assert await sent("203.0.114.1", "203.0.113.51") == 429  # the header of a stranger is ignored


async def test_the_explanation_names_model_rules_data_and_who_decided(kept: Retained) -> None:
    async with kept.trail() as trail:
        fields: dict[str, Value] = {
            "purpose": "hiring",
            "deployment": "gpt-eu",
            "provider": "example-eu",
            "zone": "eu",
            "level": "restricted",
            "findings": {"PERSON": 2, "HEALTH": 1},
            "redacted": 3,
            "policies": ["clearance.redacted"],
        }
        await trail.record(Entry(INTENT, REQUEST, NOW, fields, "b", subject="k"), b"{}")
        closing: dict[str, Value] = {"outcome": "ok", "rules": ["topics.health"]}
        await trail.record(Entry(CLOSE, REQUEST, NOW + 5, closing, "b", subject="k"))
    identity = (await complain(kept)).json()["id"]
    await kept.plane.complaints.decide(identity, OFFICER, outcome="partly", reasons="half wrong")
    async with await client(kept, "auditor") as auditor:
        path = f"/complaints/{identity}/explanation"
        english = (await auditor.get(f"{path}?language=en")).json()["sentences"]
        dutch = (await auditor.get(path)).json()["sentences"]
        assert (await auditor.get(f"{path}?language=de")).status_code == 400
        assert (await auditor.get("/complaints/complaint_0/explanation")).status_code == 404
    text = " ".join(english)
    for said in (
        "the use case hiring. Responsible for that: team hr.",
        "from the language model gpt-eu, at example-eu. That model runs: EU.",
        "kinds of data were found in the text: health, person.",
        "3 values were replaced",
        "where the text could go: clearance.redacted.",
        "content matched: topics.health.",
        "The answer was given.",
        "made by a computer",
        f"known as {OFFICER.id}, decided about the complaint on",
        "upheld in part",
    ):
        assert said in text, said
    assert "gezondheid, persoon" in " ".join(dutch)
    assert len(dutch) == len(english)


async def test_a_refused_request_is_explained_as_such(kept: Retained) -> None:
    async with kept.trail() as trail:
        fields: dict[str, Value] = {
            "outcome": "access_denied",
            "refused_by": ["stop.use_case"],
            "level": "internal",
        }
        await trail.record(Entry("request:refusal:record", REQUEST, NOW, fields, "b"))
    identity = (await complain(kept)).json()["id"]
    text = " ".join((await kept.plane.complaints.explain(identity, "en")).sentences)
    assert "No language model was used." in text
    assert "refused by: stop.use_case." in text
    assert "not decided yet" in text
