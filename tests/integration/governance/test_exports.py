"""Exports by profile on both databases: their content, approvals, and expired entries."""

import asyncio
import io
import json
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pypdf
import pytest
from pyarrow import parquet
from sqlalchemy import text

from gateway.core.errors import TrailDamaged
from gateway.core.system.secrets import PUBLIC
from gateway.evidence import CLOSE, INTENT, Entry
from gateway.evidence.disclosure_profile import WITHHELD, DisclosureProfile
from gateway.evidence.export import ExportResult
from gateway.governance.actor import LOCAL_OPERATOR, Actor
from gateway.governance.audit.exports import VALID_S, ExportRequest, PendingExport
from gateway.governance.catalogue.config_file import parse
from gateway.governance.policies.bundle import read_bundle
from gateway.governance.retention import service as expiry
from gateway.governance.retention.service import EVENT
from tests.support.persons import applied
from tests.support.retained import CONFIG, DAY, NOW, Clock, Retained

pytestmark = pytest.mark.integration
VERIFIER = Path(__file__).resolve().parents[3] / "gateway" / "evidence" / "verify.py"
ASKING = Actor("k_auditor", "auditor", frozenset({"auditor"}), "sign-on")
OFFICER = Actor("k_officer", "officer", frozenset({"compliance_officer"}), "sign-on")
WHY = "complaint 2026-17"
CANARY = "Zwartkanarie"
ALL_FORMS = ("jsonl", "csv", "parquet", "pdf")
FULL = ExportRequest(0, NOW + DAY, ("jsonl",), DisclosureProfile.FULL, WHY)


def verified(kept: Retained, package: Path) -> str:
    """What the verifier says of a package, which must hold."""
    command = [sys.executable, "-I", str(VERIFIER), str(package), "--lang", "en", "--key"]
    done = subprocess.run(
        [*command, str(kept.folder / "secrets" / PUBLIC)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    return done.stdout


def opened(package: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(package) as source:
        return {name: source.read(name) for name in source.namelist()}


def texts_of(parts: dict[str, bytes]) -> str:
    """All that can be read in a package: the tables and the reports too."""
    found = []
    for name, data in parts.items():
        if name.endswith(".pdf"):
            pages = pypdf.PdfReader(io.BytesIO(data)).pages
            found.append("".join(page.extract_text() for page in pages))
        elif name.endswith(".parquet"):
            found.append(str(parquet.read_table(io.BytesIO(data)).to_pylist()))
        else:
            found.append(data.decode())
    return "\n".join(found)


async def telling(kept: Retained) -> None:
    """A request whose every value that a profile may withhold is a canary, with stored bodies."""
    people: dict[str, Any] = {name: f"{CANARY}-{name}" for name in WITHHELD}
    config = CONFIG.replace("privacy@voorbeeld.nl", f"{CANARY}@voorbeeld.nl").replace(
        '"team support"', f'"{CANARY}"'
    )
    await applied(kept.plane, parse(config, source="s"))
    async with kept.trail() as trail:
        fields = {"zone": "eu", "level": "internal", "deployment": "gpt-eu", **people}
        intent = Entry(INTENT, "a" * 32, NOW - 1000, fields, "b", subject="k_app")
        await trail.record(intent, json.dumps([f"{CANARY}-asked"]).encode())
        close = Entry(
            CLOSE, "a" * 32, NOW - 900, {"outcome": "ok", "cost_micros": 7}, "b", subject="k_app"
        )
        await trail.record(close, json.dumps([f"{CANARY}-answer"]).encode())
        await trail.record(Entry("control:thing:do", "", NOW - 800, people))


async def exported(kept: Retained, path: Path, **wanted: Any) -> dict[str, bytes]:
    given = {"since": 0, "until": NOW + DAY, "formats": ALL_FORMS, **wanted}
    done = await kept.plane.exports.make(path, ASKING, ExportRequest(**given))
    assert isinstance(done, ExportResult)
    return opened(path)


async def approved(kept: Retained, wanted: ExportRequest = FULL, by: Actor = OFFICER) -> str:
    """Asks for a full package, and has it released; gives the proposal."""
    asked = await kept.plane.exports.make(kept.folder / "none.zip", ASKING, wanted)
    assert isinstance(asked, PendingExport)
    assert not (kept.folder / "none.zip").exists()
    await kept.plane.proposals.decide(asked.proposal, by, approve=True, comment="")
    return asked.proposal


async def test_a_metadata_package_names_nobody_anywhere_and_is_complete(
    kept: Retained, tmp_path: Path
) -> None:
    await telling(kept)
    package = tmp_path / "m.zip"
    parts = await exported(
        kept, package, profile=DisclosureProfile.METADATA, reason=f"for {CANARY}"
    )
    assert CANARY not in texts_of(parts)
    assert "k_auditor" not in texts_of(parts)
    assert "PROFILE metadata" in verified(kept, package)
    lines = [json.loads(line) for line in parts["entries.jsonl"].splitlines()]
    zones = [value[2] for line in lines for value in line["disclosure"] if value[1] == "zone"]
    assert zones == ["eu"]
    assert len(lines) == await kept.count("audit_entry") - 1  # all but its own
    facts = json.loads(parts["report.json"])["facts"]
    assert [one["team"] for one in facts["counts"]["usage"]] == ["(withheld)"]
    assert {one["actor"] for one in facts["counts"]["changes"]} == {"(withheld)"}
    assert facts["counts"]["answered"] == 1
    reports = {name: texts_of({name: parts[name]}) for name in ("report.nl.pdf", "report.en.pdf")}
    assert "achtergehouden" in reports["report.nl.pdf"]
    assert "withheld" in reports["report.en.pdf"]
    # The departure lies before this period: what is looked up elsewhere is withheld as well.
    later = {"profile": DisclosureProfile.METADATA, "since": NOW - 950, "formats": ("pdf",)}
    parts = await exported(kept, package, **later)
    assert json.loads(parts["report.json"])["facts"]["counts"]["answered"] == 1
    assert CANARY not in texts_of(parts)


async def test_a_full_package_holds_the_bodies_that_were_recorded_and_the_usual_one_none(
    kept: Retained, tmp_path: Path
) -> None:
    await telling(kept)
    parts = await exported(kept, tmp_path / "p.zip")
    assert f"{CANARY}-principal" in parts["entries.jsonl"].decode()
    assert f"{CANARY}-asked" not in texts_of(parts)
    assert "PROFILE pseudonymised" in verified(kept, tmp_path / "p.zip")
    proposal = await approved(kept)
    package = tmp_path / "f.zip"
    wanted = {
        "profile": DisclosureProfile.FULL,
        "formats": ("jsonl", "csv"),
        "reason": "another reason",
    }
    parts = await exported(kept, package, **wanted)
    said = verified(kept, package)
    assert "and 2 stored bodies" in said
    assert f"(proposal {proposal})" in said
    lines = [json.loads(line) for line in parts["entries.jsonl"].splitlines()]
    bodies = [line["body"]["text"] for line in lines if "body" in line]
    assert bodies == [f'["{CANARY}-asked"]', f'["{CANARY}-answer"]']
    assert f"{CANARY}-asked" not in parts["entries.csv"].decode()
    shown = await kept.plane.reveals.reveal("a" * 32, OFFICER, code="audit", reason=WHY)
    assert isinstance(shown, list)
    assert [json.loads(one) for one in bodies] == [one.body for one in shown]
    await steps_on_record(kept, proposal)


async def steps_on_record(kept: Retained, proposal: str) -> None:
    """Asked, released, made: each with period, profile and reason."""
    about = {"since": 0, "until": NOW + DAY, "profile": "full", "reason": WHY}
    proposed = await kept.told("control:proposal:create")
    (asked,) = [one for one in proposed if one["proposal"] == proposal]
    assert asked.items() >= {**about, "principal": ASKING.id}.items()
    (released,) = await kept.told("control:audit:approve")
    assert (
        released.items()
        >= {
            **about,
            "proposal": proposal,
            "principal": OFFICER.id,
            "requested_by": ASKING.id,
            "valid_until": kept.clock.ms + VALID_S * 1000,
        }.items()
    )
    usual, given = await kept.told("control:audit:export")
    assert usual["profile"] == "pseudonymised"
    assert (
        given.items()
        >= {**about, "approval": proposal, "principal": ASKING.id, "bodies": 2}.items()
    )
    assert "one_person" not in given


async def test_no_package_is_there_that_is_not_on_record(
    kept: Retained, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def full_disk(*_: Any, **__: Any) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(kept.plane.journal, "record", full_disk)
    with pytest.raises(OSError, match="disk full"):
        await exported(kept, tmp_path / "p.zip", formats=("jsonl",))
    assert list(tmp_path.glob("*.zip*")) == []


async def test_a_body_without_its_key_is_missing_and_a_changed_one_is_not_given_out(
    kept: Retained, tmp_path: Path
) -> None:
    await telling(kept)
    await approved(kept)
    database = (await kept.plane.trail.databases())[-1]
    async with database.write() as connection:
        await connection.execute(text("UPDATE subject_key SET subject = 'hidden'"))
    await exported(kept, tmp_path / "f.zip", profile=DisclosureProfile.FULL)
    said = verified(kept, tmp_path / "f.zip")
    assert "The bodies of 2 entries are not in the package, and no entry is named" in said
    async with database.write() as connection:
        await connection.execute(text("UPDATE subject_key SET subject = 'k_app'"))
        await connection.execute(
            text(
                "UPDATE audit_detail SET payload = (SELECT o.payload FROM audit_detail o "
                f"WHERE o.event = '{CLOSE}') WHERE event = '{INTENT}'"
            )
        )
    with pytest.raises(TrailDamaged, match="stored body"):
        await exported(kept, tmp_path / "f.zip", profile=DisclosureProfile.FULL)


async def test_what_expired_is_told_with_the_entry_that_records_it(
    kept: Retained, tmp_path: Path
) -> None:
    async with kept.trail() as trail:
        for number in range(3):
            await kept.asked(trail, f"{number:032x}", age=400)
        await kept.asked(trail, "e" * 32, age=100)
        await kept.asked(trail, "f" * 32, age=1)
    await kept.plane.expiry.run()
    (seq,) = {
        row["seq"]
        for row in await kept.plane.trail.rows(
            "SELECT seq FROM audit_entry WHERE event = :event", {"event": EVENT}
        )
    }
    wanted = ExportRequest(0, NOW + 2 * DAY, ALL_FORMS, DisclosureProfile.FULL, WHY)
    await approved(kept, wanted)
    parts = await exported(
        kept, tmp_path / "f.zip", profile=DisclosureProfile.FULL, until=NOW + 2 * DAY
    )
    said = verified(kept, tmp_path / "f.zip")
    assert f"The values of 6 entries have expired: see entry {seq} of the log control" in said
    assert f"The bodies of 8 entries have expired: see entry {seq} of the log control" in said
    assert "and 2 stored bodies" in said
    rows = parquet.read_table(io.BytesIO(parts["entries.parquet"])).to_pylist()
    assert sum((row["gone"], row["gone_entry"]) == ("expired", seq) for row in rows) == 6
    assert parts["entries.csv"].decode().count(f"expired,{seq}\r\n") == 6
    before = await exported(kept, tmp_path / "b.zip", until=NOW - 50 * DAY)
    assert before
    assert f"see entry {seq} of the log control, outside" in verified(kept, tmp_path / "b.zip")


async def test_what_goes_while_a_run_goes_on_has_no_entry_yet(
    kept: Retained, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with kept.trail() as trail:
        await kept.asked(trail, "a" * 32, age=400)

    class PowerCutError(Exception):
        """Ends a run before its entry."""

    async def cut(*_: Any, **__: Any) -> None:
        raise PowerCutError

    with monkeypatch.context() as patched:
        patched.setattr(expiry.Expiry, "_finish", cut)
        with pytest.raises(PowerCutError):
            await kept.plane.expiry.run()
    await exported(kept, tmp_path / "p.zip")
    assert "the entry that records it was not written yet" in verified(kept, tmp_path / "p.zip")
    # It is continued under a rule that keeps more: its entry says the cut-off that was used.
    files = read_bundle()
    files["retention.yaml"] = files["retention.yaml"].replace("366", "500")
    async with kept.plane.database.write() as connection:
        await kept.plane.policies.activate_files(connection, files, LOCAL_OPERATOR, author="x")
    await kept.plane.expiry.run()
    await exported(kept, tmp_path / "p.zip")
    assert "The values of 2 entries have expired: see entry" in verified(kept, tmp_path / "p.zip")


async def test_nothing_goes_once_its_run_is_over(
    kept: Retained, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two control planes around midnight: the later one finds more, the other ends the run."""
    async with kept.trail() as trail:
        await kept.asked(trail, "a" * 32, age=400)
        await kept.asked(trail, "b" * 32, age=366)
    other = Retained(kept.folder, kept.url, Clock(kept.clock.ms + DAY))
    await other.open()
    reached, ended = asyncio.Event(), asyncio.Event()
    first, second = kept.plane.expiry, other.plane.expiry
    of_first, of_second = first._remove, second._remove

    async def once_the_other_is_on_its_way(*arguments: Any) -> None:
        await reached.wait()
        await of_first(*arguments)

    async def once_the_other_is_done(*arguments: Any) -> None:
        reached.set()
        await ended.wait()
        await of_second(*arguments)

    async def to_the_end() -> None:
        await first.run()
        ended.set()

    monkeypatch.setattr(first, "_remove", once_the_other_is_on_its_way)
    monkeypatch.setattr(second, "_remove", once_the_other_is_done)
    await asyncio.gather(to_the_end(), second.run())
    assert (await kept.left())["disclosures"] == 2
    await second.run()
    await other.plane.close()
    assert (await kept.left())["disclosures"] == 0
    assert [told["removed"]["disclosures"] for told in await kept.told(EVENT)] == [2, 2]
    await exported(kept, tmp_path / "p.zip", until=NOW + 3 * DAY)
    assert "The values of 4 entries have expired: see entry" in verified(kept, tmp_path / "p.zip")
