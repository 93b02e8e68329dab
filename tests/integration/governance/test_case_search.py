"""Finding the cases of a person: in texts, by their requests, on record, in pages."""

import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

from gateway.core.errors import InvalidRequest
from gateway.governance.actor import Actor
from gateway.governance.cases.complaints.service import NewComplaint
from gateway.governance.cases.incidents.service import NewIncident
from gateway.governance.cases.person_requests.service import NewPersonRequest
from gateway.governance.cases.search.service import PersonSearch
from gateway.governance.person_keys import DataSubject
from tests.integration.governance.test_incidents import client
from tests.support.retained import NOW, PEOPLE, Retained, person

pytestmark = pytest.mark.integration
OFFICER = Actor("k_officer", "officer", frozenset({"compliance_officer"}), "sign-on")
EVENT = "control:case:search"
WHY = "request 2026-117"
REQUEST = "a" * 32
JAN, MAIL = "Jan Kwijtelaar", "jan.kwijtelaar@voorbeeld.nl"


async def incident(kept: Retained, description: str, **given: Any) -> str:
    new = NewIncident(**{"kind": "other", "description": description, "aware": NOW, **given})
    return (await kept.plane.incidents.create(new, OFFICER)).id


async def request(kept: Retained, text: str) -> str:
    new = NewPersonRequest("access", NOW - 1, "mevr. Els", text)
    return (await kept.plane.person_requests.create(new, OFFICER)).id


async def found(kept: Retained, **question: Any) -> dict[str, list[str]]:
    """The parts that were found, by case."""
    page = await kept.plane.case_search.search(PersonSearch(**question), OFFICER, reason=WHY)
    return {one.id: list(one.parts) for one in page.cases}


@pytest.mark.parametrize(
    ("type_", "value", "written"),
    [
        ("PERSON", JAN, "Dhr. J. zag hoe JAN  KWIJTELAAR schrok"),
        ("PERSON", "Jan van der Kwijt-Elaar", "aan de heer Jan van der Kwijt Elaar."),
        ("EMAIL", MAIL, f"mail <{MAIL.upper()}>, en bel"),
        ("PHONE", "+31 6 12345678", "bel (06) 12 34 56 78, na 5 uur"),
        ("IBAN", "NL91ABNA0417164300", "op NL91 ABNA 0417 1643 00 gestort"),
        ("BSN", "111222333", "bsn 111.222.333;"),
        ("IP_ADDRESS", "192.0.2.17", "vanaf 192.0.2.17."),
    ],
    ids=["name", "name-of-parts", "email", "phone", "iban", "bsn", "address"],
)
async def test_an_identifier_is_found_in_each_of_its_spellings(
    kept: Retained, type_: str, value: str, written: str
) -> None:
    case = await incident(kept, written)
    await incident(kept, "een heel ander verhaal over 2026 en Jan Kwijt, 12 34 56")
    assert await found(kept, subjects=(DataSubject(type_, value),)) == {case: ["description"]}


@pytest.mark.parametrize(
    ("type_", "value"), [("CITY", "Utrecht"), ("POSTCODE", "3511 AB")], ids=["city", "postcode"]
)
async def test_what_many_share_finds_nobody(kept: Retained, type_: str, value: str) -> None:
    await incident(kept, "in 3511 AB Utrecht")
    assert await found(kept, subjects=(DataSubject(type_, value),)) == {}


async def test_words_are_found_without_case_and_accents_in_one_text(kept: Retained) -> None:
    case = await request(kept, "Ik ben Zoë Müller, en wil weten")
    other = await request(kept, "namens Zoe")
    assert await found(kept, words="ZOE muller") == {case: ["text"]}
    assert set(await found(kept, words="zoë")) == {case, other}
    await kept.plane.person_requests.write(other, OFFICER, text="Geachte Muller", sent=True)
    assert await found(kept, words="muller") == {other: ["message.1"], case: ["text"]}


async def test_cases_are_found_by_the_requests_that_they_are_about(kept: Retained) -> None:
    async with kept.trail() as trail:
        await kept.asked(trail, REQUEST, age=1)
    made = await kept.plane.complaints.create(NewComplaint(REQUEST, "Dit klopt niet.", "nl"))
    other = await incident(kept, "zie de klacht", requests=(REQUEST,))
    await incident(kept, "iets anders")
    for question in ({"subjects": tuple(person(PEOPLE["jjj222"]))}, {"pseudonym": "k_app"}):
        page = await kept.plane.case_search.search(PersonSearch(**question), OFFICER, reason=WHY)
        assert {one.id for one in page.cases} == {made.id, other}
        assert all(one.in_requests and not one.parts for one in page.cases)


async def test_a_search_is_on_record_without_what_was_searched(kept: Retained) -> None:
    await incident(kept, f"over {JAN}")
    await incident(kept, "over iets anders")
    await found(kept, subjects=tuple(person(JAN)), words="kwijtelaar")
    (told,) = await kept.told(EVENT)
    assert (told["found"], told["count"], told["subjects"]) == (1, 2, 1)
    assert (told["principal"], told["reason"]) == (OFFICER.id, WHY)
    assert "kwijtelaar" not in str(told).lower()
    assert kept.name(JAN) not in str(told)


async def test_pages_are_bounded_and_lead_on(kept: Retained) -> None:
    made = []
    for number in range(5):
        kept.clock.ms += 1
        made.append(await incident(kept, f"{JAN}, keer {number}"))
    seen: list[str] = []
    before = None
    for size in (2, 2, 1):
        question = PersonSearch(subjects=tuple(person(JAN)), limit=2, before=before)
        page = await kept.plane.case_search.search(question, OFFICER, reason=WHY)
        assert len(page.cases) == size
        seen += [one.id for one in page.cases]
        before = page.before
    assert (seen, before) == (made[::-1], None)


@pytest.mark.parametrize(
    ("question", "reason", "said"),
    [
        ({}, WHY, "Say whom to look for"),
        ({"words": "jo"}, WHY, "three characters"),
        ({"words": "Kwijtelaar"}, "zaak van kwijtelaar", "names the person"),
        ({"subjects": tuple(person(JAN))}, f"zaak van {JAN}", "names the person"),
        ({"words": "kwijtelaar", "before": "x"}, WHY, "before is not"),
    ],
    ids=["nobody", "short", "words", "name", "page"],
)
async def test_a_search_that_cannot_be_leaves_no_entry(
    kept: Retained, question: dict[str, Any], reason: str, said: str
) -> None:
    with pytest.raises(InvalidRequest, match=said):
        await kept.plane.case_search.search(PersonSearch(**question), OFFICER, reason=reason)
    assert await kept.told(EVENT) == []


async def test_officers_search_and_others_do_not(kept: Retained) -> None:
    case = await request(kept, f"over {JAN}")
    body = {"words": "kwijtelaar", "reason": WHY}
    async with await client(kept, "compliance_officer") as officer:
        page = (await officer.post("/cases/search", json=body)).json()
        assert [one["id"] for one in page["cases"]] == [case]
        assert "kwijtelaar" not in str(page).lower()
    async with await client(kept, "auditor") as auditor:
        assert (await auditor.post("/cases/search", json=body)).status_code == 403


async def test_an_access_package_names_the_cases_and_leaves_their_texts_out(
    kept: Retained, tmp_path: Path
) -> None:
    case = await incident(kept, f"{JAN} en Petra Zoekgeraakt ruilden van dossier")
    given = await kept.plane.subject_access.export(
        tmp_path / "a.zip", person(JAN), OFFICER, reason=WHY
    )
    assert given.cases == 1
    with zipfile.ZipFile(tmp_path / "a.zip") as package:
        (named,) = json.loads(package.read("cases.json"))
        told = {name: package.read(name).decode() for name in package.namelist()}
    assert (named["id"], named["parts"]) == (case, ["description"])
    assert "1 cases (incidents" in told["README.txt"]
    assert "1 zaken (incidenten" in told["LEESMIJ.txt"]
    assert "Zoekgeraakt" not in str(told)
    (entry,) = await kept.told("subject:access:export")
    assert entry["count"] == 1
