"""The worked example of docs/evidence.md, run as an auditor would, with what it says compared."""

import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from gateway.core.system.secrets import PUBLIC
from gateway.evidence import verify
from tests.support.installation import Installation, config_for
from tests.support.openai_api import OpenAIApi

pytestmark = pytest.mark.integration
GUIDE = Path(__file__).resolve().parents[3] / "docs" / "evidence.md"
_BLOCK = re.compile(r"```(console|python)\n(.*?)```", re.DOTALL)
_PERIOD = re.compile(r"^PERIOD: .*\n", re.MULTILINE)
_ANY_PERIOD = {"2026-11-01": "2020-01-01", "2026-11-30": "2100-01-01"}


@pytest.fixture
def asked(tmp_path: Path, eu: OpenAIApi, internal_provider: OpenAIApi) -> Installation:
    """An installation that answered something, with the entries of its gateway."""
    made = Installation(tmp_path / "sluis")
    made.apply(
        config_for(eu=eu.url, global_provider=eu.url, internal_provider=internal_provider.url)
    )
    made.start("gateway")
    assert made.ask("Mijn naam is Jan de Vries.").status_code == 200
    made.stop()
    return made


def numbers_aside(text: str) -> str:
    """Counts differ from run to run; the words may not."""
    return re.sub(r"\d+", "N", text).strip()


def test_the_worked_example_says_what_the_guide_shows(asked: Installation, tmp_path: Path) -> None:
    folder = tmp_path / "auditor"
    folder.mkdir()
    shutil.copy(asked.data_dir / "secrets" / PUBLIC, folder / "signing.pub")
    shutil.copy(verify.__file__, folder / "verify.py")
    commands = {"sluis": ["-m", "gateway"], "python3": ["-I"]}
    codes = []
    for kind, block in _BLOCK.findall(GUIDE.read_text(encoding="utf-8")):
        if kind == "python":
            subprocess.run([sys.executable, "-I", "-c", block], cwd=folder, check=True)
            continue
        shown = ""
        for line in block.splitlines():
            if not line.startswith("$ "):
                shown += line + "\n"
                continue
            name, *arguments = shlex.split(line[2:])
            done = subprocess.run(
                [
                    sys.executable,
                    *commands[name],
                    *(_ANY_PERIOD.get(one, one) for one in arguments),
                ],
                cwd=folder,
                env=asked.environment(),
                capture_output=True,
                text=True,
                check=False,
            )
            codes.append(done.returncode)
        if shown:
            # The period of the example is over; that of this test goes on for years.
            shown = _PERIOD.sub(verify.TEXTS["en"]["no_end"] + "\n", shown)
            assert numbers_aside(done.stdout) == numbers_aside(shown)
    assert codes == [0, 0, 1, 0, 0]
