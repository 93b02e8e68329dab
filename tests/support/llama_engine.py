"""llama.cpp, a second real engine, as a process: from PyPI, in its own environment."""

import shutil
import subprocess
import threading
import time
import venv
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest

from tests.support.ports import free_port

_SOURCE = Path(__file__).parent / "llama_cpp"
_START_S = 60


def install(config: pytest.Config) -> Path:
    """The Python that has it, installed once from the lock file into pytest's cache."""
    folder = Path(config.cache.mkdir("llama-cpp"))
    installed, lock = folder / "installed.lock", _SOURCE / "requirements.lock"
    wanted = lock.read_text(encoding="utf-8")
    if not installed.exists() or installed.read_text(encoding="utf-8") != wanted:
        shutil.rmtree(folder / "venv", ignore_errors=True)
        venv.create(folder / "venv", with_pip=True)
        pip = str(folder / "venv" / "bin" / "pip")
        options = ["--quiet", "--only-binary", ":all:", "--require-hashes"]
        done = subprocess.run(
            [pip, "install", *options, "--requirement", str(lock)],
            check=False,
            capture_output=True,
            text=True,
            timeout=600,
        )
        if done.returncode:
            raise RuntimeError(f"llama.cpp could not be installed:\n{done.stderr[-2000:]}")
        installed.write_text(wanted, encoding="utf-8")
    return folder / "venv" / "bin" / "python"


@dataclass
class LlamaEngine:
    """A server of one model; started again it keeps its address."""

    python: Path
    model: Path
    log: Path
    port: int = field(default_factory=free_port)
    _process: "subprocess.Popen[bytes] | None" = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/v1"

    def start(self, name: str, key: str) -> None:
        """Serves under a name, to who has the key; waits until the model is loaded."""
        self.stop()
        arguments = [str(self.model), name, str(self.port), key]
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [self.python, _SOURCE / "serve.py", *arguments], stdout=log, stderr=log
            )
        ends = time.monotonic() + _START_S
        while not self._ready():
            assert self._process.poll() is None, self.log.read_text(encoding="utf-8")[-3000:]
            assert time.monotonic() < ends, f"llama.cpp did not answer within {_START_S} s"
            threading.Event().wait(0.05)

    def stop(self) -> None:
        if self._process is not None:
            self._process.terminate()
            self._process.wait(timeout=30)
            self._process = None

    def _ready(self) -> bool:
        try:
            found = httpx.get(f"http://127.0.0.1:{self.port}/health", trust_env=False)
        except httpx.HTTPError:
            return False
        return found.status_code == 200
