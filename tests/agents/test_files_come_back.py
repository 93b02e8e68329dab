"""Real coding agents write files as they would without the gateway; a part of ``make campaign``.

The provider writes back what it saw: a copy of each file, and an edit. On disk is then what the
agent makes of the same answers when no value was replaced: each byte of the files.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from random import Random

import httpx
import pytest

from tests.support import coding_agents
from tests.support.file_agent import FIRST, LAST, FileAgent, changed
from tests.support.installation import APP_KEY, Installation
from tests.support.planted_files import MAILS, NAMES, planted_files
from tests.support.refusing_proxy import RefusingProxy

pytestmark = [pytest.mark.e2e, pytest.mark.slow, pytest.mark.timeout(3600)]
MODEL = "claude-sonnet-4-5"
CONFIG = """\
version: 1
providers:
  - {{name: p, kind: {kind}, base_url: "{url}", zone: eu, api_key: "env:TEST_UPSTREAM_KEY",
     contract: {{region: EU, transfer_basis: none-needed, review: 2099-12-31}}}}
deployments: [{{name: d, provider: p, model: m}}]
aliases: [{{name: claude-sonnet-4-5, candidates: [d]}}]
teams: [{{name: support}}]
keys:
  - {{name: app, team: support, secret: "env:TEST_APP_KEY", clearance: restricted}}
"""
KINDS = {
    "claude": "anthropic",
    "codex": "openai",
    "opencode": "openai",
    "cn": "openai",
    "aider": "openai",
}
A_SESSION = 5  # files
_LARGEST = 4000  # characters of a file


@pytest.fixture(scope="module", autouse=True)
def _installed() -> None:
    coding_agents.install()
    coding_agents.install_aider()


@pytest.fixture(params=list(KINDS))
def agent(request: pytest.FixtureRequest) -> str:
    found = str(request.param)
    if not coding_agents.binary(found).exists():
        pytest.skip(f"{found} has no package for this platform")
    return found


@pytest.fixture
def provider(agent: str) -> Iterator[FileAgent]:
    with FileAgent(turns=0) as running:
        yield running


@pytest.fixture
def sluis(tmp_path: Path, agent: str, provider: FileAgent) -> Iterator[Installation]:
    made = Installation(tmp_path / "sluis")
    base = provider.url if KINDS[agent] == "anthropic" else f"{provider.url}/v1"
    made.apply(CONFIG.format(kind=KINDS[agent], url=base))
    try:
        made.start("control", "gateway")
        yield made
    finally:
        made.stop()


@pytest.mark.parametrize("wanted", [A_SESSION, pytest.param(100, marks=pytest.mark.nightly)])
def test_an_agent_writes_the_bytes_that_it_read(
    tmp_path: Path, sluis: Installation, provider: FileAgent, agent: str, wanted: int
) -> None:
    files = files_that_may_leave(sluis, wanted)
    for number in range(0, wanted, A_SESSION):
        session = dict(list(files.items())[number : number + A_SESSION])
        work = session_of(agent, tmp_path / f"home-{number}", sluis, provider, session)
        for name, text in session.items():
            assert (work / f"copy_{name}").read_text(encoding="utf-8") == text, name
            assert (work / name).read_text(encoding="utf-8") == changed(text), name
        sent = str(provider.bodies)
        assert not any(one in sent for one in (*NAMES, *MAILS))


def session_of(
    agent: str, home: Path, sluis: Installation, provider: FileAgent, files: dict[str, str]
) -> Path:
    """The folder in which an agent worked on some files."""
    provider.begin(list(files), str(home / "work"))
    place = {"url": sluis.url, "key": APP_KEY, "model": MODEL}
    with RefusingProxy() as proxy:
        ran = coding_agents.run(agent, home, **place, proxy=proxy.url, files=files)
    assert ran.code == 0, ran.said
    return home / "work"


def files_that_may_leave(sluis: Installation, wanted: int) -> dict[str, str]:
    """So many files with persons in which the real detectors see nothing that has to stay."""
    files: dict[str, str] = {}
    for planted in planted_files(wanted * 3, Random(5), _LARGEST):
        text = f"{FIRST}\n{planted.rstrip()}\n{LAST}\n"
        if may_leave(sluis, text):
            files[f"file_{len(files)}.py"] = text
        if len(files) == wanted:
            return files
    raise AssertionError(f"only {len(files)} files may leave")


def may_leave(sluis: Installation, text: str) -> bool:
    """Whether it has no secret, is not restricted, and keeps its line numbers when it has them.

    A detector may take the number of a line for that of a house; docs/limitations.md says so.
    """
    lines = enumerate(text.split("\n"), start=1)
    for shown in (text, "\n".join(f"{number}\t{line}" for number, line in lines)):
        headers, url = {"authorization": f"Bearer {APP_KEY}"}, f"{sluis.url}/v1/privacy/detect"
        seen = httpx.post(url, headers=headers, json={"text": shown}, timeout=60).json()
        for span in seen["spans"]:
            value = shown[span["start"] : span["end"]]
            if span["type"] == "SECRET" or re.search(r"(?:^|\n)\d+\t", value):
                return False
        if seen["sensitivity"] == "restricted":
            return False
    return True
