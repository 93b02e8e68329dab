"""Packages and receipts that were handed out verify, by the command and by the script alone."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.compatibility.installation import STORED
from tests.compatibility.product import FROZEN, PATTERNS, ROOT

pytestmark = pytest.mark.contract
KEY = STORED / "signing.pub"
OLDER = FROZEN / "format-3"
PACKAGES = {
    "full": (STORED / "full.zip", KEY, "PROFILE full"),
    "metadata": (STORED / "metadata.zip", KEY, "PROFILE metadata"),
    "selected": (STORED / "selected.zip", KEY, "SELECTION zone=eu"),
    "format 3": (OLDER / "package.zip", OLDER / "signing.pub", "an older form"),
}
packages = pytest.mark.parametrize(
    ("package", "key", "says"), list(PACKAGES.values()), ids=list(PACKAGES)
)


def run(*command: str, folder: Path) -> subprocess.CompletedProcess[str]:
    environment = {"PYTHONPATH": str(ROOT), "SLUIS_CACHE_DIR": str(PATTERNS)}
    return subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False,
        timeout=60,
    )  # fmt: skip


def by_command(*arguments: str, folder: Path) -> subprocess.CompletedProcess[str]:
    return run(sys.executable, "-m", "gateway", *arguments, folder=folder)


def by_script(
    package: Path, key: Path, folder: Path, *more: str
) -> subprocess.CompletedProcess[str]:
    """A copy of the script, away from the rest of the product."""
    script = folder / "verify.py"
    script.write_bytes((ROOT / "gateway" / "evidence" / "verify.py").read_bytes())
    arguments = [str(package), "--key", str(key), "--language", "en", *more]
    return run(sys.executable, "-I", str(script), *arguments, folder=folder)


@packages
def test_the_command_finds_it_whole(package: Path, key: Path, says: str, tmp_path: Path) -> None:
    arguments = ("audit", "verify", str(package), "--key", str(key), "--language", "en")
    done = by_command(*arguments, folder=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.startswith("HOLDS: ")
    assert says in done.stdout


@packages
def test_the_script_alone_finds_it_whole(
    package: Path, key: Path, says: str, tmp_path: Path
) -> None:
    done = by_script(package, key, tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.startswith("HOLDS: ")
    assert says in done.stdout


@packages
def test_the_end_of_a_period_without_entries_around_it_is_not_proven(
    package: Path, key: Path, says: str, tmp_path: Path
) -> None:
    done = by_script(package, key, tmp_path, "--statement")
    assert "NOT PROVEN: the end of the period" in done.stdout
    assert "1. NOT PROVEN" in done.stdout


@packages
def test_the_script_finds_a_missing_entry(
    package: Path, key: Path, says: str, tmp_path: Path
) -> None:
    changed = tmp_path / "changed.zip"
    with zipfile.ZipFile(package) as old, zipfile.ZipFile(changed, "w") as new:
        for part in old.infolist():
            data = old.read(part)
            if part.filename == "entries.jsonl":
                data = b"".join(data.splitlines(keepends=True)[1:])
            new.writestr(part, data)
    done = by_script(changed, key, tmp_path)
    assert done.returncode == 1, done.stdout + done.stderr
    assert "TAMPERED" in done.stdout + done.stderr


def test_the_key_of_another_is_told(tmp_path: Path) -> None:
    done = by_script(STORED / "full.zip", OLDER / "signing.pub", tmp_path)
    assert done.returncode == 3, done.stdout + done.stderr


def test_a_receipt_holds(tmp_path: Path) -> None:
    receipt = STORED / "receipt.json"
    command = ("audit", "verify-receipt")
    done = by_command(*command, str(receipt), "--key", str(KEY), folder=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "request:departure:intent" in done.stdout
    changed = tmp_path / "receipt.json"
    text = receipt.read_text(encoding="utf-8")
    changed.write_text(text.replace("departure:intent", "departure:nothing"), encoding="utf-8")
    done = by_command(*command, str(changed), "--key", str(KEY), folder=tmp_path)
    assert done.returncode == 1, done.stdout + done.stderr
