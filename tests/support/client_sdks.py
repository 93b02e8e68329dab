"""SDKs of clients, pinned with hashes, in a cache outside the repository; and their programs."""

import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from tests.support import npm_package

SOURCE = Path(__file__).with_name("sdks")
CACHE = Path(tempfile.gettempdir()) / "sluis-test-sdks"
_NODE_PACKAGES = ("ai", "@ai-sdk/openai", "@ai-sdk/openai-compatible", "@ai-sdk/anthropic")
Outcomes = dict[str, Any]


def install() -> None:
    """Fill the cache with the pinned SDKs, unless they are there.

    Raises:
        CalledProcessError: when pip cannot install them.
        RuntimeError: when npm cannot install them.
    """
    lock = SOURCE / "python" / "requirements.lock"
    digest = hashlib.sha256(lock.read_bytes()).hexdigest()
    done = CACHE / "python.sha256"
    if not (done.exists() and done.read_text(encoding="utf-8") == digest):
        CACHE.mkdir(parents=True, exist_ok=True)
        folder = CACHE / "python"
        shutil.rmtree(folder, ignore_errors=True)
        subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True, timeout=120)
        pip = [str(folder / "bin" / "python"), "-m", "pip", "install", "--quiet", "--no-deps"]
        subprocess.run([*pip, "--require-hashes", "-r", str(lock)], check=True, timeout=600)
        done.write_text(digest, encoding="utf-8")
    node = CACHE / "node"
    node.mkdir(parents=True, exist_ok=True)
    npm_package.install(SOURCE / "node", node, _NODE_PACKAGES)


def run(program: str, **settings: str) -> Outcomes:
    """What a program shows, by case; every other host is unreachable for it."""
    kept = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
    closed = {"HTTPS_PROXY": "http://127.0.0.1:9", "NO_PROXY": "127.0.0.1,localhost"}
    done = subprocess.run(
        _command(program),
        env={**kept, **closed, "HOME": str(CACHE), **settings},
        capture_output=True,
        text=True,
        check=False,
        timeout=180,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return dict(json.loads(done.stdout.splitlines()[-1]))


def _command(program: str) -> list[str]:
    if program.endswith(".mjs"):
        # Modules are found beside the program, so it runs where the packages are.
        here = shutil.copy(SOURCE / "node" / program, CACHE / "node")
        return ["node", str(here)]
    return [str(CACHE / "python" / "bin" / "python"), str(SOURCE / "python" / program)]
