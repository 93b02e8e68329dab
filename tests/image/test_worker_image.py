"""The image of ``make image-worker``; SLUIS_WORKER_IMAGE names the archive, which is large."""

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.test_handover import CONFIG
from tests.support import image as images
from tests.support.image import DATA, ROOT, Image, ImageInstallation, locked
from tests.support.installation import ADMIN_KEY, OFFICER_KEY
from tests.support.tiny_model import make_tiny

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


@pytest.fixture
def sluis(tmp_path: Path, image: Image) -> Iterator[ImageInstallation]:
    """All processes in the image, and a tiny model of two people behind the worker."""
    installation = ImageInstallation(tmp_path, image=image)
    try:
        installation.sluis("secrets", "create")
        installation.apply(CONFIG.format(worker=installation.worker))
        installation.start("control", "gateway")
        for path in [*make_tiny(installation.mounted / "tiny").rglob("*")]:
            path.chmod(0o644)  # for the user of the image
        installation.sluis("models", "register", "tiny", "1", "--base", f"{DATA}/tiny")
        for who, call, body in (
            (OFFICER_KEY, "approve", {}),
            (ADMIN_KEY, "promote", {"tag": "production"}),
        ):
            done = installation.admin("POST", f"/models/tiny/1/{call}", who, json=body)
            assert done.is_success, done.text
        installation.start("worker")
        yield installation
    finally:
        installation.stop()


def test_its_worker_answers_through_the_gateway(sluis: ImageInstallation) -> None:
    said = [{"role": "user", "content": "Mijn naam is Jan de Vries."}]
    body = {"model": "inside", "messages": said, "max_tokens": 4}
    answers = [sluis.ask({**body, "stream": stream}) for stream in (False, True)]
    assert [answer.status_code for answer in answers] == [200, 200], answers[0].text
    assert answers[0].json()["usage"]["completion_tokens"] == 4
    assert "[DONE]" in answers[1].text
    assert answers[0].headers["x-sluis-model-version"] == "tiny@1"
