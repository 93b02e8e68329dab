"""Reports from a real trail: recorded, signed, stored, the same again, and part of an export."""

import hashlib
import io
import json
import subprocess
import sys
import zipfile
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pypdf
import pytest
import yaml
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from pyarrow import parquet
from sqlalchemy import text

from gateway.core.errors import InvalidRequest, TrailDamaged
from gateway.core.snapshot import Contract
from gateway.core.system.secrets import PUBLIC, create
from gateway.evidence import CLOSE, INTENT, Entry, Trail
from gateway.evidence.ledger_store import LedgerStore
from gateway.evidence.postgres_store import PostgresStore
from gateway.governance.actor import LOCAL_OPERATOR
from gateway.governance.audit.search import Search
from gateway.governance.catalogue.config_file import parse
from gateway.governance.merkle_log.signing_keys import hand_over
from gateway.governance.plane import ControlPlane, build
from gateway.governance.policies.bundle import read_bundle
from gateway.governance.reports.facts import holds
from gateway.governance.reports.kinds import FORMATS, KINDS, LANGUAGES
from gateway.governance.reports.service import UPKEEP, ReportRequest
from gateway.governance.usage.samples import REFUSAL
from tests.support.installation import ADMIN_KEY, OFFICER_KEY, Installation
from tests.support.persons import TWO_PERSONS, applied, secret_of
from tests.support.reported import SINCE, UNTIL, asked, closing, departing
from tests.support.schema import migrate

pytestmark = pytest.mark.integration
DAY = 86_400_000
VERIFIER = Path(__file__).resolve().parents[3] / "gateway" / "evidence" / "verify.py"
CONFIG = """
version: 1
organisation: {name: "Gemeente Noorderhaaks", contact: "privacy@noorderhaaks.example"}
reports:
  timezone: Europe/Amsterdam
  regular: [{kind: activity, every: month}, {kind: processing, every: week}]
providers:
  - {name: openai-eu, kind: openai, zone: eu, base_url: "https://llm.example.eu/v1",
     region: "EU", retention_days: 0, trains_on_data: false}
deployments: [{name: gpt-eu, provider: openai-eu, model: gpt-5-mini}]
use_cases:
  - {name: letters, owner: team, legal_basis: contract, risk: limited, dpia: "https://x.example/1"}
"""


def verify(package: Path, key: Path) -> int:
    command = [sys.executable, "-I", str(VERIFIER), str(package), "--key", str(key)]
    return subprocess.run(command, capture_output=True, check=False).returncode


class Clock:
    """Epoch seconds that a test sets."""

    def __init__(self) -> None:
        self.now = UNTIL / 1000 + 3600

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(params=["sqlite", "postgres"])
async def plane(
    request: pytest.FixtureRequest, tmp_path: Path, clock: Clock
) -> AsyncIterator[ControlPlane]:
    secrets = create(tmp_path / "secrets")
    if request.param == "sqlite":
        url, data_dir = f"sqlite:///{tmp_path / 'governance.db'}", tmp_path
    else:
        url, data_dir = request.getfixturevalue("postgres_url"), None
    built = build(database_url=url, secrets=secrets, data_dir=data_dir, wall=clock)
    await migrate(built.database)
    await built.open()
    config = parse(CONFIG + (TWO_PERSONS if data_dir is None else ""), source="sluis.yaml")
    await built.catalogue.apply(config, LOCAL_OPERATOR, resolve=secret_of)
    yield built
    await built.close()


Make = Callable[[], Trail]


@pytest.fixture
def make(plane: ControlPlane, tmp_path: Path) -> Make:
    def trail() -> Trail:
        store: LedgerStore | PostgresStore = (
            LedgerStore(tmp_path / "audit-gateway.db")
            if plane.database.is_sqlite
            else PostgresStore(plane.database.url)
        )
        return Trail(store, kek=plane.secrets.kek, origin="gateway")

    return trail


async def filled(make: Make, start: int = SINCE, count: int = 40) -> None:
    """So many answered requests from a moment on, one a minute, and a refusal."""
    trail = make()
    await trail.start(clock_ms=start)
    for number in range(count):
        request, at = f"{start + number:032x}", start + number * 60_000
        await trail.record(Entry(INTENT, request, at, departing(), "sha256:b"))
        await trail.record(Entry(CLOSE, request, at + 900, closing(), "sha256:b"))
    refused = {**asked(), "outcome": "access_denied", "refused_by": ["restricted.stays-inside"]}
    await trail.record(Entry(REFUSAL, f"{start - 1:032x}", start, refused, "sha256:b"))
    await trail.stop(clock_ms=start + count * 60_000)


def wanted(kind: str = "activity", form: str = "json", language: str = "en") -> ReportRequest:
    return ReportRequest(kind, SINCE, UNTIL, language, form, "Europe/Amsterdam")


async def told(plane: ControlPlane, kind: str = "activity") -> dict[str, Any]:
    made = await plane.reports.create(wanted(kind), LOCAL_OPERATOR)
    return dict(json.loads(made.data))


async def recorded(plane: ControlPlane, event: str) -> list[dict[str, Any]]:
    page = await Search(plane.trail).page({"event": event})
    query = "SELECT disclosure FROM audit_detail WHERE log = :log AND seq = :seq"
    found = []
    for row in page.rows:
        rows = await plane.trail.rows(query, {"log": row["log"], "seq": row["seq"]})
        found.append(json.loads(bytes(rows[0]["disclosure"]))[1])
    return found


async def test_the_figures_are_those_of_the_trail(plane: ControlPlane, make: Make) -> None:
    await filled(make)
    await filled(make, UNTIL + DAY)  # the next month
    facts = (await told(plane))["facts"]
    counts = facts["counts"]
    assert (counts["requests"], counts["answered"], counts["refused"]) == (41, 40, 1)
    assert (counts["departures"], counts["open"]) == (40, 0)
    assert counts["usage"][0]["cost_micros"] == {"EUR": 40 * 250}
    rows = await plane.trail.rows(
        "SELECT COUNT(*) AS number FROM audit_entry WHERE time >= :since AND time < :until",
        {"since": SINCE, "until": UNTIL},
    )
    assert counts["entries"] == sum(row["number"] for row in rows)
    newest = await plane.trail.log.latest()
    assert newest is not None
    assert facts["source"]["size"] <= newest.size
    assert facts["register"]["providers"][0]["region"] == "EU"
    stated = yaml.safe_load(read_bundle()["retention.yaml"])
    assert facts["rules"]["retention"] == stated["classes"]


async def test_every_kind_comes_in_every_form_and_is_on_record(
    plane: ControlPlane, make: Make
) -> None:
    await filled(make, count=2)
    made = {}
    for kind in KINDS:
        for form in FORMATS:
            file = await plane.reports.create(wanted(kind, form, "nl"), LOCAL_OPERATOR)
            assert file.name == f"sluis-{kind}-2026-11-01-2026-11-30.nl.{form}"
            assert hashlib.sha256(file.data).hexdigest() == file.sha256
            made[file.sha256] = (kind, form, file.digest)
    entries = await recorded(plane, "control:report:make")
    assert {e["file_sha256"]: (e["kind"], e["format"], e["report"]) for e in entries} == made
    assert {(e["since"], e["until"], e["principal"]) for e in entries} == {
        (SINCE, UNTIL, "local:operator")
    }


async def test_a_report_of_an_empty_or_future_period_is_one_too(plane: ControlPlane) -> None:
    later = ReportRequest("activity", UNTIL + 400 * DAY, UNTIL + 500 * DAY, "nl", "pdf")
    file = await plane.reports.create(later, LOCAL_OPERATOR)
    page = pypdf.PdfReader(io.BytesIO(file.data)).pages[1].extract_text()
    assert "In deze periode is niets vastgelegd." in " ".join(page.split())
    with pytest.raises(InvalidRequest, match="ends before"):
        await plane.reports.create(
            ReportRequest("activity", UNTIL, SINCE, "nl", "pdf"), LOCAL_OPERATOR
        )


async def test_what_was_erased_is_counted_and_shown_as_erased(
    plane: ControlPlane, make: Make
) -> None:
    await filled(make, count=3)
    await erase(plane, "outcome = 'access_denied'")
    counts = (await told(plane))["facts"]["counts"]
    assert counts["erased"] == 1
    assert counts["requests"] == 4
    assert counts["outcomes"] == {"ok": 3, "(erased)": 1}


async def erase(plane: ControlPlane, where: str) -> None:
    for database in await plane.trail.databases():
        async with database.write() as connection:
            await connection.execute(text(f"DELETE FROM audit_detail WHERE {where}"))


async def test_an_export_carries_the_report_in_both_languages_and_verifies(
    plane: ControlPlane, make: Make, tmp_path: Path
) -> None:
    await filled(make)
    package = tmp_path / "november.zip"
    await plane.trail.export(
        package,
        LOCAL_OPERATOR,
        since=SINCE,
        until=UNTIL,
        formats=["jsonl", "csv", "parquet", "pdf"],
    )
    assert verify(package, tmp_path / "secrets" / PUBLIC) == 0
    with zipfile.ZipFile(package) as opened:
        parts = {name: opened.read(name) for name in opened.namelist()}
    manifest = json.loads(parts["manifest.json"])
    for name, language in (("report.nl.pdf", "nl-NL"), ("report.en.pdf", "en-GB")):
        assert manifest["parts"][name] == hashlib.sha256(parts[name]).hexdigest()
        assert str(pypdf.PdfReader(io.BytesIO(parts[name])).root_object["/Lang"]) == language
    table = parquet.read_table(io.BytesIO(parts["entries.parquet"]))
    assert table.num_rows == manifest["count"] == len(parts["entries.jsonl"].splitlines())
    facts = json.loads(parts["report.json"])["facts"]
    assert facts["counts"]["requests"] == 41
    assert facts["source"]["root"] == manifest["root"]
    changed = tmp_path / "changed.zip"
    with zipfile.ZipFile(changed, "w") as out:
        for name, data in parts.items():
            out.writestr(name, data + b" " if name == "report.nl.pdf" else data)
    assert verify(changed, tmp_path / "secrets" / PUBLIC) == 1


async def test_the_register_states_every_field_of_a_contract_in_both_languages(
    plane: ControlPlane, make: Make
) -> None:
    """A field that a contract gets later is stated too, or this fails."""
    given: dict[str, Any] = {
        "review": "2031-07-29",
        "subprocessors": ["First Sub BV", "Second Sub BV"],
    }
    for field in Contract.__struct_fields__:
        given.setdefault(field, f"what {field} says")
    provider = {"name": "stated", "kind": "openai", "zone": "eu", "contract": given}
    config = yaml.safe_load(CONFIG)
    config["providers"].append({**provider, "base_url": "https://stated.example.eu/v1"})
    text = yaml.safe_dump(config) + ("" if plane.database.is_sqlite else TWO_PERSONS)
    await applied(plane, parse(text, source="sluis.yaml"))
    await filled(make)
    for language in LANGUAGES:
        file = await plane.reports.create(wanted("processing", "pdf", language), LOCAL_OPERATOR)
        pages = pypdf.PdfReader(io.BytesIO(file.data)).pages
        shown = "".join("".join(page.extract_text() for page in pages).split())
        for field, value in given.items():
            for one in value if isinstance(value, list) else [value]:
                assert one.replace(" ", "") in shown, (field, language, shown)


async def test_regular_reports_are_made_once_signed_and_given_again(
    plane: ControlPlane, make: Make, clock: Clock
) -> None:
    await filled(make)
    assert await plane.reports.make_due() == 2
    assert await plane.reports.make_due() == 0
    stored = await plane.reports.list()
    assert {(one.kind, one.every) for one in stored} == {
        ("activity", "month"),
        ("processing", "week"),
    }
    month = next(one for one in stored if one.kind == "activity")
    assert (month.since, month.until) == (SINCE, UNTIL)
    entries = await recorded(plane, "control:report:make")
    assert {entry["principal"] for entry in entries} == {UPKEEP.id}
    assert month.digest in {entry["report"] for entry in entries}
    first = await plane.reports.get(month.id, LOCAL_OPERATOR, language="nl", form="pdf")
    clock.now += 40 * 86_400
    again = await plane.reports.get(month.id, LOCAL_OPERATOR, language="nl", form="pdf")
    assert first.data == again.data
    assert len(await recorded(plane, "control:report:read")) == 2
    public = Ed25519PublicKey.from_public_bytes(
        plane.secrets.signing.public_key().public_bytes_raw()
    )
    file = await plane.reports.get(month.id, LOCAL_OPERATOR, language="en", form="json")
    signed = json.loads(file.data)
    facts = json.dumps(
        signed["facts"], sort_keys=True, separators=(",", ":"), ensure_ascii=False
    ).encode()
    assert holds(facts, signed["signature"], public)
    assert hashlib.sha256(facts).hexdigest() == month.digest == file.digest
    assert await plane.reports.make_due() == 5 + 1  # five weeks, and December


async def test_a_stored_report_counts_the_same_again_until_something_was_erased(
    plane: ControlPlane, make: Make, clock: Clock
) -> None:
    await filled(make)
    await plane.reports.make_due()
    month = next(one for one in await plane.reports.list() if one.kind == "activity")
    await filled(make, UNTIL - 3_600_000, count=5)  # written later than the report was made
    clock.now += 86_400
    same = await plane.reports.check(month.id, LOCAL_OPERATOR)
    assert same.same is True
    assert len(await recorded(plane, "control:report:check")) == 1
    await erase(plane, "outcome = 'access_denied'")
    changed = await plane.reports.check(month.id, LOCAL_OPERATOR)
    assert (changed.same, changed.erased_then, changed.erased_now) == (False, 0, 1)
    with pytest.raises(InvalidRequest, match="no such report"):
        await plane.reports.check("nowhere", LOCAL_OPERATOR)


async def test_a_stored_report_is_read_under_a_new_key_and_refused_once_changed(
    plane: ControlPlane, make: Make, clock: Clock
) -> None:
    await filled(make)
    await plane.reports.make_due()
    month = next(one for one in await plane.reports.list() if one.kind == "activity")
    new = Ed25519PrivateKey.generate()
    async with plane.database.write() as connection:
        await hand_over(
            connection, plane.journal, LOCAL_OPERATOR, old=plane.secrets.signing, new=new
        )
    after = build(
        database_url=plane.database.url,
        secrets=replace(plane.secrets, signing=new),
        data_dir=None,
        wall=clock,
    )
    file = await after.reports.get(month.id, LOCAL_OPERATOR, language="en", form="json")
    old = plane.secrets.signing.public_key().public_bytes_raw().hex()
    assert json.loads(file.data)["key"] == old
    async with plane.database.write() as connection:
        await connection.execute(text("UPDATE report SET signature = upper(substr(signature, 2))"))
    with pytest.raises(TrailDamaged, match="not what was signed"):
        await after.reports.get(month.id, LOCAL_OPERATOR, language="en", form="json")
    await after.close()


def test_reports_over_http_and_from_the_command_line(sluis: Installation, tmp_path: Path) -> None:
    sluis.ask("Mijn naam is Jan de Vries.")
    body = {"kind": "activity", "since": 0, "until": 2**42, "language": "nl", "format": "pdf"}
    assert sluis.admin("POST", "/reports", ADMIN_KEY, json=body).status_code == 403
    answer = sluis.admin("POST", "/reports", OFFICER_KEY, json=body)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.content.startswith(b"%PDF-")
    assert "Jan" not in extracted(answer)
    digest = hashlib.sha256(answer.content).hexdigest()
    assert answer.headers["x-sluis-sha256"] == digest
    listed = sluis.admin("GET", "/reports", OFFICER_KEY).json()
    assert listed["kinds"] == list(KINDS)
    for wrong in (
        {**body, "kind": "gossip"},
        {**body, "language": "fr"},
        {**body, "timezone": "Mars/Base"},
        {**body, "until": 2**60},
    ):
        assert sluis.admin("POST", "/reports", OFFICER_KEY, json=wrong).status_code == 400
    assert (
        sluis.admin("GET", "/reports/nowhere", OFFICER_KEY).json()["error"]["code"] == "not_found"
    )
    output = tmp_path / "register.csv"
    done = sluis.sluis(
        "report",
        "make",
        "--kind",
        "algorithms",
        "--from",
        "2026-01-01",
        "--to",
        "2030-12-31",
        "--format",
        "csv",
        "--output",
        str(output),
        "--json",
    )
    assert json.loads(done.stdout)["sha256"] == hashlib.sha256(output.read_bytes()).hexdigest()
    assert "inside-only" in output.read_text(encoding="utf-8-sig")
    assert "stored" in json.loads(sluis.sluis("report", "list", "--json").stdout)
    refused = sluis.sluis("report", "get", "nowhere", "--output", str(tmp_path / "x"), check=False)
    assert refused.returncode == 1
    assert "no such report" in refused.stderr


def extracted(answer: httpx.Response) -> str:
    reader = pypdf.PdfReader(io.BytesIO(answer.content))
    return "".join(page.extract_text() for page in reader.pages)
