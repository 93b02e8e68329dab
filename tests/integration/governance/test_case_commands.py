"""``sluis incidents`` and ``sluis complaints`` on the machine itself."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from gateway.governance.cases.complaints.service import NewComplaint
from gateway.processes.cli import main
from tests.support.retained import Retained

pytestmark = pytest.mark.integration
REQUEST = "a" * 32


@pytest.fixture
def complaint(tmp_path: Path) -> str:
    """An installation with a request in its trail, and a complaint about it."""

    async def prepare() -> str:
        made = Retained(tmp_path, None)
        await made.set_up()
        async with made.trail() as trail:
            await made.asked(trail, REQUEST, age=1)
        told = await made.plane.complaints.create(NewComplaint(REQUEST, "Dit klopt niet.", "nl"))
        await made.plane.close()
        return told.id

    return asyncio.run(prepare())


def sluis(folder: Path, *arguments: str) -> Result:
    variables: dict[str, str | None] = {
        "SLUIS_DATA_DIR": str(folder / "data"),
        "SLUIS_SECRETS_DIR": str(folder / "secrets"),
        "SLUIS_DATABASE_URL": None,
        "SLUIS_URL": None,
    }
    return CliRunner(env=variables).invoke(main, arguments)


def told(result: Result) -> Any:
    assert result.exit_code == 0, result.output
    return json.loads(result.output)


def test_an_incident_is_opened_shown_and_closed(tmp_path: Path, complaint: str) -> None:
    arguments = (
        "incidents",
        "open",
        "--kind",
        "data_breach",
        "--aware",
        "2026-01-05T10:00",
        "--audit-id",
        REQUEST,
        "--description",
        "verkeerde ontvanger",
        "--json",
    )
    made = told(sluis(tmp_path, *arguments))
    assert (made["article"], made["state"]) == ("gdpr-33", "overdue")
    assert made["judgement"] == "not_judged"
    assert made["deadline"] - made["aware"] == 72 * 3_600_000
    identity = made["id"]
    listed = sluis(tmp_path, "incidents", "list").output
    assert identity in listed
    assert "overdue" in listed
    late = ("incidents", "list", "--state", "overdue", "--limit", "1", "--json")
    assert told(sluis(tmp_path, *late))["totals"] == {"open": 1, "overdue": 1, "ended": 0}
    assert not told(sluis(tmp_path, "incidents", "list", "--state", "closed", "--json"))[
        "incidents"
    ]
    bare = told(sluis(tmp_path, "incidents", "show", identity, "--json"))
    assert "description" not in bare
    why = ("--reason", "to report it to the authority")
    whole = told(sluis(tmp_path, "incidents", "show", identity, *why, "--json"))
    assert whole["description"] == "verkeerde ontvanger"
    judge = ("incidents", "judge", identity, "--reasons", "namen van klanten", "--json")
    assert sluis(tmp_path, *judge).exit_code == 2  # neither a deadline nor that none binds
    judged = told(sluis(tmp_path, *judge, "--rule", "gdpr-33", "--severity", "high"))
    assert (judged["judgement"], judged["severity"]) == ("report", "high")
    draft = ("incidents", "draft", identity, "--rule", "gdpr-33", "--reason", "report to them")
    assert "## Wie meldt" in sluis(tmp_path, *draft).output
    contain = ("incidents", "contain", identity, "--use-case", "hiring", "--reason", "wrong advice")
    stopped = told(sluis(tmp_path, *contain, "--wait", "--json"))
    assert [(one["kind"], one["name"]) for one in stopped["stops"]] == [("use_case", "hiring")]
    follow = ("incidents", "follow", identity, "--json")
    assert sluis(tmp_path, *follow).exit_code == 2
    assert told(sluis(tmp_path, *follow, "--text", "add a rule"))["number"] == 1
    assert told(sluis(tmp_path, *follow, "--done", "1"))["done"]
    report = ("incidents", "report", identity, "--rule", "gdpr-33", "--at", "2026-01-07")
    reported = told(sluis(tmp_path, *report, "--json"))
    assert [one["state"] for one in reported["clocks"]] == ["reported"]
    close = ("incidents", "close", identity, "--outcome", "gemeld", "--reported", "2026-01-07")
    assert told(sluis(tmp_path, *close, "--json"))["state"] == "closed"
    again = sluis(tmp_path, *close)
    assert again.exit_code == 1
    assert again.output == f"Error: The incident {identity} was closed before.\n"
    held = told(sluis(tmp_path, "holds", "list", "--json"))["holds"]
    assert made["hold"] in {one["id"] for one in held if one["state"] == "active"}


def test_a_deadline_is_verified_by_another_person(tmp_path: Path, complaint: str) -> None:
    listed = sluis(tmp_path, "deadlines", "list").output
    assert "not verified" in listed
    verify = ("deadlines", "verify", "gdpr-33", "--by", "J. Jansen", "--on", "2026-11-30")
    waiting = told(sluis(tmp_path, *verify, "--reason", "read the law", "--json"))
    assert waiting["waiting"] == ["deadline gdpr-33"]
    sluis(tmp_path, "proposals", "approve", waiting["proposal"])
    rows = told(sluis(tmp_path, "deadlines", "list", "--json"))["deadlines"]
    (row,) = [one for one in rows if one["id"] == "gdpr-33"]
    assert (row["verified_on"], row["verified_by"], row["own"]) == ("2026-11-30", "J. Jansen", True)
    file = tmp_path / "row.yaml"
    file.write_text("[1]")
    bad = sluis(tmp_path, "deadlines", "set", "gdpr-33", "-f", str(file), "--reason", "new")
    assert "cannot be read" in bad.output
    stated = {name: value for name, value in row.items() if name not in ("id", "own", "applies")}
    file.write_text(json.dumps({**stated, "hours": 24}))
    set_ = ("deadlines", "set", "gdpr-33", "-f", str(file), "--reason", "stricter", "--json")
    assert told(sluis(tmp_path, *set_))["applied"] == []
    reset = ("deadlines", "reset", "gdpr-33", "--reason", "as released", "--json")
    assert told(sluis(tmp_path, *reset))["waiting"] == ["deadline gdpr-33"]


def test_a_complaint_is_read_and_decided(tmp_path: Path, complaint: str) -> None:
    (listed,) = told(sluis(tmp_path, "complaints", "list", "--json"))["complaints"]
    assert (listed["id"], listed["state"], listed["request"]) == (complaint, "open", REQUEST)
    why = ("--reason", "to decide about it")
    shown = told(sluis(tmp_path, "complaints", "show", complaint, *why, "--json"))
    assert shown["text"] == "Dit klopt niet."
    explained = sluis(tmp_path, "complaints", "explain", complaint, "--language", "en")
    assert "The answer came from the language model gpt-eu" in explained.output
    letter = ("--direction", "received", "--text", "belde", "--json")
    write = ("complaints", "write", complaint, *letter)
    assert told(sluis(tmp_path, *write))["number"] == 1
    extended = sluis(tmp_path, "complaints", "extend", complaint, "--reason", "we told him")
    assert "allows no further extension" in extended.output
    decide = ("complaints", "decide", complaint, "--outcome", "upheld", "--reasons", "zij klopt")
    assert told(sluis(tmp_path, *decide, "--json"))["outcome"] == "upheld"
    again = sluis(tmp_path, *decide)
    assert again.exit_code == 1
    assert "was decided before" in again.output


def test_a_request_of_a_person_is_recorded_and_decided(tmp_path: Path, complaint: str) -> None:
    opened = ("requests", "open", "--kind", "access", "--received", "2026-01-05")
    asked = ("--person", "Jan Kwijtelaar", "--text", "wat is er van mij?", "--json")
    made = told(sluis(tmp_path, *opened, *asked))
    identity = made["id"]
    assert (made["article"], made["state"]) == ("gdpr-12-3", "overdue")
    assert "Kwijtelaar" not in sluis(tmp_path, "requests", "list").output
    how = ("--how", "passport at the desk", "--json")
    assert told(sluis(tmp_path, "requests", "identify", identity, *how))["identified"]
    late = sluis(tmp_path, "requests", "extend", identity, "--reason", "many requests")
    assert "The deadline has passed" in late.output
    letter = ("--direction", "sent", "--text", "Beste Jan", "--json")
    assert told(sluis(tmp_path, "requests", "write", identity, *letter))["number"] == 1
    decide = ("requests", "decide", identity, "--outcome", "granted", "--reasons", "as asked")
    assert told(sluis(tmp_path, *decide, "--json"))["state"] == "decided"
    why = ("--reason", "to check the answer", "--json")
    shown = told(sluis(tmp_path, "requests", "show", identity, *why))
    assert (shown["person"], shown["message.1"]) == ("Jan Kwijtelaar", "Beste Jan")


def test_the_cases_of_a_person_are_found_and_say_how_long_their_texts_are_kept(
    tmp_path: Path, complaint: str
) -> None:
    search = ("cases", "search", "--reason", "request 2026-117")
    assert sluis(tmp_path, *search).exit_code == 2  # nobody to look for
    found = told(sluis(tmp_path, *search, "--words", "klopt niet", "--json"))
    assert [(one["id"], one["parts"]) for one in found["cases"]] == [(complaint, ["text"])]
    by_name = ("--subject", "PERSON=Jan Kwijtelaar")  # whom its request mentions
    assert complaint in sluis(tmp_path, *search, *by_name).output
    assert "texts: 1 kept" in sluis(tmp_path, "complaints", "show", complaint).output
    decide = ("complaints", "decide", complaint, "--outcome", "upheld", "--reasons", "right")
    assert sluis(tmp_path, *decide).exit_code == 0
    assert "texts: 2 kept until 20" in sluis(tmp_path, "complaints", "show", complaint).output
    assert "2 kept until 20" in sluis(tmp_path, "complaints", "list").output
