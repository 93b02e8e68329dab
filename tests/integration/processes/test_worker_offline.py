"""``sluis worker`` loads nothing from a hub, whatever the environment of the operator says."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.integration
# The command, and what the library of the hub has read from the environment by its end.
SCRIPT = """\
import atexit, sys
from gateway.processes.cli import main

def said():
    constants = sys.modules["huggingface_hub.constants"]
    print("offline", constants.HF_HUB_OFFLINE, "transformers" in sys.modules)

atexit.register(said)
main()
"""


def test_it_is_offline_before_the_libraries_are_imported(tmp_path: Path) -> None:
    command = [sys.executable, "-c", SCRIPT, "worker", "--data-dir", str(tmp_path / "none")]
    environment = {**os.environ, "HF_HUB_OFFLINE": "0", "TRANSFORMERS_OFFLINE": "0"}
    done = subprocess.run(
        command, env=environment, capture_output=True, text=True, check=False, timeout=120
    )
    assert "no secrets" in done.stderr  # it ended where it had imported all, and served nothing
    assert done.stdout.splitlines()[-1] == "offline True True"
