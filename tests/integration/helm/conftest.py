"""The chart, rendered by a real helm."""

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from tests.support.chart import CHART, Document

ROOT = Path(__file__).resolve().parents[3]
PROFILES = tuple(sorted(p.name.removesuffix("-values.yaml") for p in (CHART / "ci").iterdir()))


def profile_arguments(name: str | None) -> list[str]:
    return [] if name is None else [f"--values={CHART / 'ci' / f'{name}-values.yaml'}"]


@pytest.fixture(scope="session")
def helm() -> Callable[..., "subprocess.CompletedProcess[str]"]:
    found = subprocess.run(
        [ROOT / "scripts" / "helm.sh"], capture_output=True, text=True, check=True, timeout=240
    )
    binary = found.stdout.strip()
    if not binary:
        pytest.skip(found.stderr.strip().splitlines()[-1])

    def call(
        *arguments: str, profile: str | None = "default", values: Document | None = None
    ) -> "subprocess.CompletedProcess[str]":
        command, *rest = arguments
        names = ["sluis"] if command == "template" else []
        argv = [binary, command, *names, str(CHART), *profile_arguments(profile), *rest]
        text = None if values is None else yaml.safe_dump(values)
        argv += [] if text is None else ["--values=-"]
        return subprocess.run(
            argv, input=text, capture_output=True, text=True, check=False, timeout=60
        )

    return call


@pytest.fixture(scope="session")
def rendered(
    helm: Callable[..., "subprocess.CompletedProcess[str]"],
) -> dict[str, list[Document]]:
    documents = {}
    for profile in PROFILES:
        done = helm("template", profile=profile)
        assert done.returncode == 0, done.stderr
        documents[profile] = [item for item in yaml.safe_load_all(done.stdout) if item]
    return documents


@pytest.fixture(scope="session")
def render(
    helm: Callable[..., "subprocess.CompletedProcess[str]"],
) -> Callable[..., list[Document]]:
    """Renders values over a profile."""

    def documents(values: Document, *, profile: str = "default") -> list[Document]:
        done = helm("template", profile=profile, values=values)
        assert done.returncode == 0, done.stderr
        return [item for item in yaml.safe_load_all(done.stdout) if item]

    return documents


@pytest.fixture(scope="session")
def refused(
    helm: Callable[..., "subprocess.CompletedProcess[str]"],
) -> Callable[..., str]:
    """The message with which values over a profile are refused."""

    def message(values: Document, *, profile: str | None = "default") -> str:
        done = helm("template", profile=profile, values=values)
        assert done.returncode != 0, "rendered"
        return done.stderr

    return message
