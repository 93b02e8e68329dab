"""Real coding agents, run once without a person in a folder of their own, against a base URL."""

import os
import signal
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.support import npm_package

SOURCE = Path(__file__).with_name("agents")
TASK = "List the files of this folder and say how many there are."
_CODEX = """\
model = "{model}"
model_provider = "sluis"
approval_policy = "never"
sandbox_mode = "danger-full-access"
[model_providers.sluis]
name = "sluis"
base_url = "{url}/v1"
env_key = "SLUIS_KEY"
wire_api = "responses"
"""


@dataclass(frozen=True)
class Ran:
    """What an agent said, and how it ended."""

    code: int
    said: str


def install(folder: Path) -> None:
    """Fill a folder with the pinned agents.

    Raises:
        RuntimeError: when npm cannot install them.
    """
    npm_package.install(SOURCE, folder, ())
    claude = folder / "node_modules" / "@anthropic-ai" / "claude-code"
    # It puts the binary of this platform in its place; npm runs no scripts here.
    subprocess.run(["node", "install.cjs"], cwd=claude, check=True, timeout=120)  # noqa: S607


def run(agent: str, folder: Path, home: Path, *, url: str, key: str, model: str) -> Ran:
    """Run an agent; every other host is unreachable for it.

    ``folder`` has its package, ``home`` becomes its home with a small project in ``work``.
    """
    work = home / "work"
    work.mkdir(parents=True)
    (work / "README.md").write_text("# demo\nA small project.\n", encoding="utf-8")
    subprocess.run(["git", "init", "-q", "."], cwd=work, check=True)  # noqa: S607 - of the machine
    kept = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
    closed = {"HTTPS_PROXY": "http://127.0.0.1:9", "NO_PROXY": "127.0.0.1,localhost"}
    command, settings = _AGENTS[agent](home, url, key, model)
    process = subprocess.Popen(
        [str(folder / "node_modules" / ".bin" / command[0]), *command[1:]],
        cwd=work,
        env={**kept, **closed, "HOME": str(home), **settings},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
        text=True,
    )
    try:
        said, _ = process.communicate(timeout=180)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        said, _ = process.communicate()
    return Ran(process.returncode, said)


def _claude(home: Path, url: str, key: str, model: str) -> tuple[list[str], Mapping[str, str]]:
    settings = {
        "ANTHROPIC_BASE_URL": url,
        "ANTHROPIC_MODEL": model,
        "ANTHROPIC_API_KEY": key,
        "DISABLE_AUTOUPDATER": "1",
        "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1",
    }
    asked = ["-p", TASK, "--output-format", "text", "--allowedTools", "Bash", "Read"]
    return ["claude", *asked], settings


def _codex(home: Path, url: str, key: str, model: str) -> tuple[list[str], Mapping[str, str]]:
    (home / ".codex").mkdir()
    text = _CODEX.format(url=url, model=model)
    (home / ".codex" / "config.toml").write_text(text, encoding="utf-8")
    settings = {"SLUIS_KEY": key, "CODEX_HOME": str(home / ".codex")}
    return ["codex", "exec", "--skip-git-repo-check", TASK], settings


_AGENTS = {"claude": _claude, "codex": _codex}
