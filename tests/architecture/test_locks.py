"""The locks of the image are subsets of requirements.lock, without tools of development."""

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

_ROOT = Path(__file__).resolve().parents[2]
_ENTRY = re.compile(r"^([a-z0-9][^ ]*==.*?)(?: \\)?\n((?:    --hash=.*\n)+)", re.MULTILINE)
_SUBSETS = ("requirements-runtime.lock", "requirements-worker.lock", "requirements-build.lock")
_DEVELOPMENT = {"coverage", "hypothesis", "mypy", "playwright", "pytest", "ruff", "uv"}


def entries(name: str) -> dict[str, frozenset[str]]:
    """The pins of a lock, without their markers, and the hashes of each."""
    text = (_ROOT / name).read_text(encoding="utf-8")
    return {
        pin.partition(" ;")[0]: frozenset(re.findall(r"sha256:[0-9a-f]{64}", hashes))
        for pin, hashes in _ENTRY.findall(text)
    }


def packages(name: str) -> set[str]:
    return {pin.partition("==")[0] for pin in entries(name)}


def declared(*extras: str) -> set[str]:
    """The packages that the project and these extras ask for on Linux on x86-64."""
    project = tomllib.loads((_ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    asked = [*project["dependencies"]]
    for extra in extras:
        asked += project["optional-dependencies"][extra]
    pins = map(Requirement, asked)
    return {canonicalize_name(pin.name) for pin in pins}


@pytest.mark.parametrize("name", _SUBSETS)
def test_it_has_the_pins_and_hashes_of_the_whole_lock(name: str) -> None:
    whole, part = entries("requirements.lock"), entries(name)
    assert part
    assert {pin for pin, hashes in part.items() if whole.get(pin) != hashes} == set()


@pytest.mark.parametrize("name", _SUBSETS[:2])
def test_it_has_no_tool_of_development(name: str) -> None:
    assert packages(name) & _DEVELOPMENT == set()


def test_the_runtime_lock_has_what_the_image_is_declared_to_need() -> None:
    declarations = declared("console", "reports", "detectors")
    assert declarations - packages("requirements-runtime.lock") == set()


def test_the_worker_lock_adds_the_worker_without_torch() -> None:
    runtime, worker = entries("requirements-runtime.lock"), entries("requirements-worker.lock")
    assert set(runtime) - set(worker) == set()
    assert declared("worker") - packages("requirements-worker.lock") == {"torch"}


def test_every_entry_of_the_runtime_lock_has_hashes() -> None:
    text = (_ROOT / "requirements-runtime.lock").read_text(encoding="utf-8")
    assert len(re.findall(r"^[a-z0-9][^ ]*==", text, re.MULTILINE)) == len(_ENTRY.findall(text))
