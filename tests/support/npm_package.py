"""Packages of npm that tests start, installed from a lock file and known to load."""

import fcntl
import shutil
import subprocess
from pathlib import Path

_NPM = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
_ATTEMPTS = 3


def install(source: Path, folder: Path, packages: tuple[str, ...]) -> None:
    """Fill `folder` with what the lock file in `source` names, unless it is there already.

    npm may report success and leave a file empty after an interrupted download, so the packages
    have to load before they count as installed; otherwise npm tries again, with its own cache.

    Workers that run tests at the same time wait for each other.

    Raises:
        RuntimeError: if the packages do not load after three attempts; it says what node said.
    """
    with (folder / "turn").open("w") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)
        _install(source, folder, packages)


def _install(source: Path, folder: Path, packages: tuple[str, ...]) -> None:
    lock = (source / "package-lock.json").read_text(encoding="utf-8")
    installed = folder / "installed.json"
    if installed.exists() and installed.read_text(encoding="utf-8") == lock:
        return
    for name in ("package.json", "package-lock.json"):
        shutil.copy(source / name, folder)
    said = ""
    for attempt in range(_ATTEMPTS):
        cache = ["--cache", str(folder / f"cache-{attempt}")] if attempt else []
        said = _run([*_NPM, *cache], folder) or _run(_loading(packages), folder)
        if not said:
            installed.write_text(lock, encoding="utf-8")
            return
    raise RuntimeError(f"{', '.join(packages)} could not be installed into {folder}:\n{said}")


def _loading(packages: tuple[str, ...]) -> list[str]:
    lines = "".join(f"await import('{name}');" for name in packages)
    return ["node", "--input-type=module", "--eval", lines]


def _run(command: list[str], folder: Path) -> str:
    """What a command said when it failed; nothing when it succeeded."""
    try:
        done = subprocess.run(
            command, cwd=folder, check=False, capture_output=True, text=True, timeout=300
        )
    except subprocess.TimeoutExpired:
        return f"{command[0]} did not end within five minutes"
    return done.stderr[-2000:] or f"exit code {done.returncode}" if done.returncode else ""
