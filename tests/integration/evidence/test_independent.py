"""Independent code verifies our log: PyPI's aics-tlog, in its own virtual environment."""

import json
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from gateway.evidence.checkpoint import origin_of, parse_notes
from gateway.evidence.witness import WitnessConfig, WitnessEndpoint, WitnessKey
from gateway.governance.merkle_log.log_reader import LogReader
from gateway.governance.merkle_log.signing_keys import public_of
from gateway.governance.merkle_log.tables import log_witness
from gateway.governance.plane import ControlPlane, build
from tests.integration.evidence.test_trail import Make, make, plane
from tests.integration.evidence.test_witnesses import happened
from tests.support.packages import key, public
from tests.support.witnesses import WitnessServer

__all__ = ["make", "plane"]
# One worker at a time: the first to come makes the other Python's environment.
pytestmark = [pytest.mark.integration, pytest.mark.xdist_group("independent")]
ROOT = Path(__file__).resolve().parents[3]
SCRIPT = ROOT / "scripts" / "independent-log.sh"
PROGRAM = ROOT / "tests" / "support" / "independent_check.py"


@pytest.fixture(scope="session")
def independent() -> Path:
    """A Python with aics-tlog."""
    found = subprocess.run([SCRIPT], capture_output=True, text=True, check=True, timeout=240)
    if not found.stdout:
        pytest.skip(found.stderr.strip().splitlines()[-1])
    return Path(found.stdout.strip())


def checked(python: Path, file: Path) -> object:
    command = [str(python), "-I", str(PROGRAM), str(file)]
    return json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


@pytest.fixture
async def witnessed(
    plane: ControlPlane, tmp_path: Path
) -> AsyncIterator[tuple[ControlPlane, WitnessServer]]:
    own = public_of(plane.secrets.signing)
    with WitnessServer(key=key(11), logs={origin_of(own): [own]}) as server:
        built = build(
            database_url=plane.database.url,
            secrets=plane.secrets,
            data_dir=tmp_path if plane.database.is_sqlite else None,
            witnessing=WitnessConfig(
                (WitnessEndpoint.parse(server.url),), (WitnessKey.parse(server.vkey),)
            ),
        )
        yield built, server
        await built.close()


async def test_an_independent_tool_agrees(
    independent: Path, witnessed: tuple[ControlPlane, WitnessServer], make: Make, tmp_path: Path
) -> None:
    plane, server = witnessed
    await happened(plane, make, 0)
    old = await plane.trail.log.latest()
    await happened(plane, make, 1000, count=300)
    await plane.trail.witnesses.show()
    newest = await plane.trail.log.latest()
    assert old is not None
    assert newest is not None
    async with plane.database.read() as connection:
        note = (await connection.execute(log_witness.select())).one().note
    reader = LogReader(plane.database)
    rows = [row async for row in (await plane.trail.entries(0, 2**50))[1]]
    assert len(rows) == newest.size
    own = public_of(plane.secrets.signing)
    given = {
        "origin": origin_of(own),
        "key": own.hex(),
        "note": note,
        "size": newest.size,
        "witness": server.name,
        "witness_key": public(server.key).hex(),
        "leaves": [row.leaf.hex() for row in rows],
        "old": old.size,
        "grown": [node.hex() for node in await reader.growth(old.size, newest.size)],
        "inclusion": {
            index: [node.hex() for node in await reader.inclusion(index, newest)]
            for index in (0, 1, 21, 255, 256, newest.size - 1)
        },
    }
    file = tmp_path / "given.json"
    file.write_text(json.dumps(given), encoding="utf-8")
    result = checked(independent, file)
    (head,) = parse_notes(newest.note)
    assert result == {
        "signed and cosigned": True,
        "changed and still signed": False,
        "root": (await reader.head(newest.size)).hex(),
        "size": int(head.body.split("\n")[1]),
        "included": True,
        "another leaf included": False,
        "grown": True,
        "grown from another": False,
    }
