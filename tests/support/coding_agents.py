"""Real coding agents, run once without a person in a folder of their own, against a base URL."""

import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from tests.support import npm_package

SOURCE = Path(__file__).with_name("agents")
CACHE = Path(tempfile.gettempdir()) / "sluis-test-agents"
TASK = "List the files of this folder and say how many there are."
_ALLOWED = ("Bash", "Read", "Write", "Edit")
_CODEX = """\
model = "{model}"
model_provider = "sluis"
approval_policy = "never"
sandbox_mode = "danger-full-access"
check_for_update_on_startup = false
analytics = {{enabled = false}}
features = {{plugins = false}}
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


def install() -> None:
    """Fill a cache outside the repository with the pinned agents, unless they are there.

    Raises:
        RuntimeError: when npm cannot install them.
    """
    CACHE.mkdir(parents=True, exist_ok=True)
    npm_package.install(SOURCE, CACHE, ())
    claude = CACHE / "node_modules" / "@anthropic-ai" / "claude-code"
    # It puts the binary of this platform in its place; npm runs no scripts here.
    subprocess.run(["node", "install.cjs"], cwd=claude, check=True, timeout=120)  # noqa: S607


def install_aider() -> None:
    """Fill a cache outside the repository with the agent that is no package of npm.

    Raises:
        CalledProcessError: when pip cannot install it.
    """
    lock, folder = SOURCE / "python" / "requirements.lock", CACHE / "python"
    digest = hashlib.sha256(lock.read_bytes()).hexdigest()
    done = folder / "installed.sha256"
    if done.exists() and done.read_text(encoding="utf-8") == digest:
        return
    shutil.rmtree(folder, ignore_errors=True)
    subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True, timeout=120)
    pip = [str(folder / "bin" / "python"), "-m", "pip", "install", "--quiet", "--no-deps"]
    binaries = ["--only-binary", ":all:", "--require-hashes", "-r", str(lock)]
    subprocess.run([*pip, *binaries], check=True, timeout=600)
    done.write_text(digest, encoding="utf-8")


def binary(agent: str) -> Path:
    """The program of an agent; absent where its package has none for this platform."""
    if agent == "aider":
        return CACHE / "python" / "bin" / "aider"
    return CACHE / "node_modules" / _BINARIES.get(agent, f".bin/{agent}")


def run(
    agent: str,
    home: Path,
    *,
    url: str,
    key: str,
    model: str,
    proxy: str,
    files: Mapping[str, str] = MappingProxyType({}),
) -> Ran:
    """Run an agent; its connections to other hosts go to a proxy.

    ``home`` becomes its home with a small project in ``work``, with more ``files`` if there are.
    """
    work = home / "work"
    work.mkdir(parents=True)
    (work / "README.md").write_text("# demo\nA small project.\n", encoding="utf-8")
    for name, text in files.items():
        (work / name).write_text(text, encoding="utf-8")
    subprocess.run(["git", "init", "-q", "."], cwd=work, check=True)  # noqa: S607 - of the machine
    kept = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
    others = {"HTTPS_PROXY": proxy, "HTTP_PROXY": proxy, "NO_PROXY": "127.0.0.1,localhost"}
    commands, settings = _AGENTS[agent](home, url, key, model)
    env = {**kept, **others, "HOME": str(home), **settings}
    *before, last = [[str(binary(agent)), *one] for one in commands]
    for command in before:
        subprocess.run(command, cwd=work, env=env, check=True, capture_output=True, timeout=120)
    process = subprocess.Popen(
        last,
        cwd=work,
        env=env,
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


Commands = list[list[str]]  # arguments; the last one is the task


def _claude(home: Path, url: str, key: str, model: str) -> tuple[Commands, Mapping[str, str]]:
    settings = {
        "ANTHROPIC_BASE_URL": url,
        "ANTHROPIC_MODEL": model,
        "ANTHROPIC_API_KEY": key,
        "DISABLE_AUTOUPDATER": "1",
        "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1",
    }
    asked = ["-p", TASK, "--output-format", "text", "--allowedTools", *_ALLOWED]
    return [asked], settings


def _codex(home: Path, url: str, key: str, model: str) -> tuple[Commands, Mapping[str, str]]:
    _write(home / ".codex" / "config.toml", _CODEX.format(url=url, model=model))
    settings = {"SLUIS_KEY": key, "CODEX_HOME": str(home / ".codex")}
    return [["exec", "--skip-git-repo-check", TASK]], settings


def _opencode(home: Path, url: str, key: str, model: str) -> tuple[Commands, Mapping[str, str]]:
    provider = {
        "npm": "@ai-sdk/openai-compatible",
        "name": "sluis",
        "options": {"baseURL": f"{url}/v1", "apiKey": "{env:SLUIS_KEY}"},
        "models": {model: {"name": model}},
    }
    chosen = dict.fromkeys(("model", "small_model"), f"sluis/{model}")
    others = {"autoupdate": False, "share": "disabled", "enabled_providers": ["sluis"]}
    config = {"provider": {"sluis": provider}, **chosen, **others}
    _write(home / ".config" / "opencode" / "opencode.json", json.dumps(config))
    off = ("AUTOUPDATE", "DEFAULT_PLUGINS", "LSP_DOWNLOAD", "MODELS_FETCH")
    settings = {f"OPENCODE_DISABLE_{name}": "1" for name in off}
    return [["run", TASK]], {"SLUIS_KEY": key, **settings}


def _cline(home: Path, url: str, key: str, model: str) -> tuple[Commands, Mapping[str, str]]:
    config = {"telemetryOptOut": True, "autoUpdateEnabled": False}
    folder = home / ".cline" / "data" / "settings"
    _write(folder / "global-settings.json", json.dumps(config))
    provider = ["-p", "openai-compatible", "-b", f"{url}/v1", "-k", key, "-m", model]
    asked = ["-P", "openai-compatible", "-m", model, "--timeout", "150", TASK]
    # Without it a daemon stays behind, which later runs would share.
    return [["auth", *provider], asked], {"CLINE_SESSION_BACKEND_MODE": "local"}


def _continue(home: Path, url: str, key: str, model: str) -> tuple[Commands, Mapping[str, str]]:
    served = {"name": "sluis", "provider": "openai", "model": model, "apiKey": key}
    able = {"apiBase": f"{url}/v1", "roles": ["chat"], "capabilities": ["tool_use"]}
    config = {"name": "sluis", "version": "1.0.0", "schema": "v1", "models": [{**served, **able}]}
    path = home / "continue" / "config.yaml"
    _write(path, json.dumps(config))
    return [["--config", str(path), "--auto", "-p", TASK]], {"CONTINUE_TELEMETRY_ENABLED": "0"}


def _aider(home: Path, url: str, key: str, model: str) -> tuple[Commands, Mapping[str, str]]:
    place = ["--openai-api-base", f"{url}/v1", "--openai-api-key", key]
    quiet = ["--analytics-disable", "--no-check-update", "--no-show-release-notes"]
    alone = ["--no-show-model-warnings", "--no-gitignore", "--no-auto-commits", "--map-tokens", "0"]
    files = [path.name for path in sorted((home / "work").glob("*.py"))]
    asked = ["--model", f"openai/{model}", "--edit-format", "diff", "--yes-always", "-m", TASK]
    return [[*place, *quiet, *alone, *asked, *files]], {}


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True)
    path.write_text(text, encoding="utf-8")


_BINARIES = {"opencode": "opencode-linux-x64-baseline/bin/opencode"}
_AGENTS = {
    "claude": _claude,
    "codex": _codex,
    "opencode": _opencode,
    "cline": _cline,
    "cn": _continue,
    "aider": _aider,
}
