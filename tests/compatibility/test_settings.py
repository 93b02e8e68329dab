"""Every environment variable that was read is read; a value that cannot be used is named."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.compatibility.product import ROOT, Product, frozen

pytestmark = pytest.mark.contract
# Runs a command of the product, and says in the end which variables it asked for.
_CODE = """
import json, os, runpy, sys
asked, known = set(), os.environ._data
class Recorded(dict):
    def __getitem__(self, key):
        asked.add(os.fsdecode(key))
        return dict.__getitem__(self, key)
os.environ._data = Recorded(known)
sys.argv = ["sluis", *sys.argv[1:]]
try:
    runpy.run_module("gateway", run_name="__main__")
finally:
    print("ASKED", json.dumps(sorted(asked)))
"""


def asked(folder: Path, **environment: str) -> set[str]:
    """The variables that a command asks for which looks at all settings."""
    kept = {name: text for name, text in os.environ.items() if not name.startswith("SLUIS_")}
    kept |= {"PYTHONPATH": str(ROOT), "SLUIS_DATA_DIR": str(folder), **environment}
    done = subprocess.run(
        [sys.executable, "-c", _CODE, "secrets", "create"],
        cwd=ROOT, env=kept, capture_output=True, text=True, check=False,
    )  # fmt: skip
    return set(json.loads(done.stdout.rpartition("ASKED ")[2]))


def test_every_frozen_variable_is_read(tmp_path: Path) -> None:
    found = asked(tmp_path / "one")
    stamped = {"SLUIS_WITNESSES": "tsa+http://127.0.0.1:9/tsa"}
    found |= asked(tmp_path / "two", **stamped)
    gone = sorted(set(frozen("settings.json")) - found)
    assert not gone


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SLUIS_DATA_PORT", "http"),
        ("SLUIS_DETECTORS", "-1"),
        ("SLUIS_CONSOLE_URL", "http://sluis.example.org"),
        ("SLUIS_WORKER_CERT", "cert.pem"),
        ("SLUIS_SNAPSHOT_REFUSE_AFTER", "a day"),
    ],
)
def test_a_value_that_cannot_be_used_is_named(tmp_path: Path, name: str, value: str) -> None:
    product = Product(tmp_path / "data", {name: value})
    done = product.sluis("secrets", "create", check=False)
    assert done.returncode == 1
    assert name in done.stderr
    assert not (tmp_path / "data").exists()
