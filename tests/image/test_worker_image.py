"""The image of ``make image-worker``; SLUIS_WORKER_IMAGE names the archive, which is large."""

import json
import os
import subprocess
from pathlib import Path

import pytest

from tests.support import image as images
from tests.support.image import ROOT, Image, ImageInstallation, locked

_ARCHIVE = os.environ.get("SLUIS_WORKER_IMAGE")
pytestmark = [
    pytest.mark.e2e,
    pytest.mark.slow,
    pytest.mark.timeout(900),
    pytest.mark.skipif(
        _ARCHIVE is None or os.geteuid() != 0, reason="SLUIS_WORKER_IMAGE is not set, or not root"
    ),
]


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> Image:
    assert _ARCHIVE is not None
    return images.unpack(Path(_ARCHIVE), tmp_path_factory.mktemp("image"))


def test_every_wheel_of_the_lock_and_torch_are_in_the_sbom(image: Image) -> None:
    path = image.root / "usr/share/doc/sluis/sbom.cdx.json"
    listed = {
        item["name"]: item
        for item in json.loads(path.read_text("utf-8"))["components"]
        if "pkg:pypi/" in item["purl"]
    }
    wanted = locked(ROOT / "requirements-worker.lock", image.python)
    assert {*wanted, "torch"} <= set(listed)
    for name, (version, hashes) in wanted.items():
        assert listed[name]["version"] == version
        assert listed[name]["hashes"][0]["content"] in hashes


def test_it_loads_what_the_worker_needs(image: Image, tmp_path: Path) -> None:
    installation = ImageInstallation(tmp_path, image=image)
    code = "import gateway.processes.model_worker, peft, torch, transformers, xgrammar"
    subprocess.run(
        installation.inside("python", "-c", f"{code}; print(torch.ones(2).sum())"),
        env=installation.environment(),
        check=True,
        timeout=300,
    )
