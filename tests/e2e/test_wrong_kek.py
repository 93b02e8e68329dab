"""A key-encryption key of another installation: no process starts, and nothing is written."""

import json
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.support.installation import Installation

pytestmark = [pytest.mark.e2e, pytest.mark.slow, pytest.mark.nightly]
OTHER = "ab" * 32


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory, config: str) -> Iterator[Installation]:
    sluis = Installation(tmp_path_factory.mktemp("kek"))
    sluis.apply(config)
    sluis.start("control", "gateway")
    assert sluis.ask("Hello").status_code == 200
    sluis.stop()
    yield sluis
    sluis.stop()


@pytest.fixture
def wrong_key(own: Installation) -> Iterator[Installation]:
    file = own.data_dir / "secrets" / "kek"
    right = file.read_text(encoding="ascii")
    file.write_text(OTHER, encoding="ascii")
    yield own
    file.write_text(right, encoding="ascii")


def rows(file: Path) -> dict[str, list[tuple[object, ...]]]:
    with closing(sqlite3.connect(file)) as db:
        tables = [
            name for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type='table'")
        ]
        return {table: db.execute(f"SELECT * FROM {table}").fetchall() for table in tables}


def stored(sluis: Installation) -> list[dict[str, list[tuple[object, ...]]]]:
    return [rows(sluis.data_dir / name) for name in ("governance.db", "audit-gateway.db")]


@pytest.mark.parametrize("part", ["gateway", "control"])
def test_a_process_refuses_to_start(wrong_key: Installation, part: str) -> None:
    before = stored(wrong_key)
    ended = subprocess.run(
        [sys.executable, "-m", "gateway", part],
        env=wrong_key.environment(),
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert ended.returncode == 1
    assert "key-encryption key (kek or kek.wrapped) is not the one" in ended.stderr
    assert OTHER not in ended.stdout + ended.stderr
    assert stored(wrong_key) == before


def test_the_doctor_names_the_wrong_key(wrong_key: Installation) -> None:
    before = stored(wrong_key)
    said = wrong_key.sluis("doctor", "--json", check=False)
    failed = [one for one in json.loads(said.stdout)["checks"] if not one["ok"]]
    assert "key-encryption key is that of the database" in [one["check"] for one in failed]
    assert said.returncode != 0
    assert stored(wrong_key) == before


def test_a_command_with_the_wrong_key_changes_nothing(wrong_key: Installation) -> None:
    before = stored(wrong_key)
    said = wrong_key.sluis("keys", "create", "x", "--team", "support", check=False)
    assert said.returncode == 1
    assert stored(wrong_key) == before


def test_an_installation_from_before_the_check_records_its_key(own: Installation) -> None:
    for name in ("governance.db", "audit-gateway.db"):
        with closing(sqlite3.connect(own.data_dir / name)) as db, db:
            db.execute("DELETE FROM kek_check")
    own.start("control", "gateway")
    assert own.ask("Hello again").status_code == 200
    own.stop()
    assert all(len(one["kek_check"]) == 1 for one in stored(own))


def test_the_doctor_is_content_with_the_right_key(own: Installation) -> None:
    said = own.sluis("doctor", "--json", check=False)
    checks = {one["check"]: one["ok"] for one in json.loads(said.stdout)["checks"]}
    assert checks["key-encryption key is that of the database"]


def test_the_data_directory_is_the_owners_alone(own: Installation) -> None:
    own.data_dir.chmod(0o755)  # as an older version made it
    own.sluis("keys", "list")
    assert own.data_dir.stat().st_mode & 0o777 == 0o700
