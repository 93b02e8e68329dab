"""The image of ``make image``: what it contains, and processes that run in it.

A part of ``make campaign``: building takes minutes and needs root. SLUIS_IMAGE names an archive
that is there already.
"""

import json
import subprocess
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.contract.anthropic.conftest import ALIASES, CLAUDE
from tests.support import image as images
from tests.support.anthropic_api import AnthropicServer
from tests.support.image import DATA, ROOT, Image, ImageInstallation, descendants, locked
from tests.support.installation import APP_KEY, OFFICER_KEY
from tests.support.openai_api import OpenAIApi

OBSTACLE = images.obstacle()
pytestmark = [
    pytest.mark.e2e,
    pytest.mark.slow,
    pytest.mark.timeout(1800),
    pytest.mark.skipif(OBSTACLE is not None, reason=str(OBSTACLE)),
]
USER = 10001  # as the chart runs it
LARGEST_MB = 700
PERSONAL = "Mijn naam is Jan de Vries, bsn 111222333, mail jan.devries@example.nl."
TOOLS = (
    "apt",
    "apt-get",
    "as",
    "c++",
    "cc",
    "curl",
    "g++",
    "gcc",
    "git",
    "ld",
    "make",
    "perl",
    "pip",
    "uv",
)
DEVELOPMENT = ("coverage", "hatchling", "hypothesis", "mypy", "pip", "pytest", "ruff", "torch")


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> Image:
    return images.unpack(images.archive(), tmp_path_factory.mktemp("image"))


@pytest.fixture(scope="module")
def bom(image: Image) -> dict[str, Any]:
    path = image.root / "usr/share/doc/sluis/sbom.cdx.json"
    return dict(json.loads(path.read_text("utf-8")))


@pytest.fixture(scope="module")
def claude() -> Iterator[AnthropicServer]:
    with AnthropicServer() as server:
        yield server


@pytest.fixture(scope="module")
def before(image: Image) -> dict[str, tuple[int, int, int]]:
    return image.listing()


@pytest.fixture(scope="module")
def sluis(
    tmp_path_factory: pytest.TempPathFactory,
    image: Image,
    before: dict[str, tuple[int, int, int]],
    config: str,
    claude: AnthropicServer,
) -> Iterator[ImageInstallation]:
    installation = ImageInstallation(tmp_path_factory.mktemp("sluis"), image=image)
    config = config.replace("deployments:\n", CLAUDE.format(url=claude.url), 1)
    try:
        installation.sluis("secrets", "create")
        installation.apply(config.replace("aliases:\n", ALIASES, 1))
        installation.start("control", "gateway")
        yield installation
    finally:
        installation.stop()


def test_the_configuration_names_the_user_and_the_command(image: Image) -> None:
    assert image.config["User"] == f"{USER}:{USER}"
    assert image.config["Entrypoint"] == ["sluis"]
    assert image.config["Labels"]["org.opencontainers.image.version"]
    assert len(image.config["Labels"]["org.opencontainers.image.revision"]) == 40


def test_no_tool_is_left_that_builds_or_fetches(image: Image) -> None:
    folders = [
        image.root / name for name in ("usr/bin", "usr/sbin", "usr/local/bin", "opt/sluis/bin")
    ]
    assert [name for name in TOOLS for folder in folders if (folder / name).exists()] == []
    assert not (image.root / "var/lib/apt").exists()
    assert list((image.root / "var/cache").iterdir()) == []
    assert list((image.root / "tmp").iterdir()) == []


def test_no_package_of_development_is_in_it(image: Image) -> None:
    assert [name for name in DEVELOPMENT if (image.packages / name).exists()] == []


def test_policies_and_migrations_are_in_the_wheel(image: Image) -> None:
    bundled = image.packages / "gateway/_bundled"
    assert (bundled / "policies/levels.yaml").is_file()
    assert (bundled / "migrations/env.py").is_file()


def test_files_belong_to_root_except_the_data_folder(image: Image) -> None:
    owned = [path for path in image.root.rglob("*") if path.lstat().st_uid == USER]
    assert owned == [image.root / DATA.lstrip("/")]


def test_no_program_raises_rights(image: Image) -> None:
    programs = (path for path in image.root.rglob("*") if path.is_file() and not path.is_symlink())
    assert [path for path in programs if path.stat().st_mode & 0o6000] == []


def test_nothing_of_the_machine_that_built_it_is_in_it(image: Image) -> None:
    for name in ("etc/hostname", "etc/resolv.conf"):
        path = image.root / name
        assert not path.exists() or not path.read_text("utf-8").strip()
    assert {path.name for path in (image.root / "opt/sluis/bin").iterdir()} - {"sluis"} == {
        "python", "python3", f"python{image.python}",
    }  # fmt: skip


def test_every_wheel_of_the_lock_is_in_the_sbom(image: Image, bom: dict[str, Any]) -> None:
    listed = {item["name"]: item for item in bom["components"] if "pkg:pypi/" in item["purl"]}
    wanted = locked(ROOT / "requirements-runtime.lock", image.python)
    assert set(listed) == {*wanted, "sluis"}
    for name, (version, hashes) in wanted.items():
        assert listed[name]["version"] == version
        assert listed[name]["purl"] == f"pkg:pypi/{name}@{version}"
        assert listed[name]["hashes"][0]["content"] in hashes


def test_every_debian_package_is_in_the_sbom(image: Image, bom: dict[str, Any]) -> None:
    listed = {item["name"] for item in bom["components"] if "pkg:deb/" in item["purl"]}
    status = (image.root / "var/lib/dpkg/status").read_text("utf-8")
    installed = {
        block.split("\n", 1)[0].removeprefix("Package: ")
        for block in status.split("\n\n")
        if "\nStatus: install ok installed" in block
    }
    assert listed == installed
    assert "python3" in listed


def test_the_size_is_bounded(image: Image) -> None:
    size = subprocess.run(
        ["/usr/bin/du", "-sb", image.root],
        capture_output=True,
        text=True,
        check=True,
    )
    assert int(size.stdout.split()[0]) < LARGEST_MB * 10**6


def test_a_request_is_redacted_and_on_record(sluis: ImageInstallation, eu: OpenAIApi) -> None:
    answer = sluis.ask(PERSONAL)
    assert answer.status_code == 200
    assert answer.headers["x-sluis-redacted"] == "3"
    assert "Jan de Vries" not in eu.bodies[-1].decode()
    assert "Jan de Vries" in answer.json()["choices"][0]["message"]["content"]
    receipt = answer.headers["x-sluis-audit-id"]

    def stored() -> list[dict[str, Any]]:
        found = sluis.admin("GET", f"/audit/{receipt}", OFFICER_KEY)
        return list(found.json()["entries"]) if found.is_success else []

    sluis.until(lambda: len(stored()) == 2, "the control plane shows both entries")
    intent = stored()[0]["fields"]
    assert intent["zone"] == "eu"
    assert intent["body_sha256"] in eu.digests
    assert "Jan de Vries" not in json.dumps(stored())


def test_the_translator_runs(sluis: ImageInstallation) -> None:
    answer = sluis.ask({
        "model": "claude-only",
        "messages": [{"role": "user", "content": "What is a lock?"}],
    })
    assert answer.status_code == 200, answer.text


def test_reports_are_made_in_every_format(sluis: ImageInstallation) -> None:
    wanted = {"kind": "activity", "from": "2026-01-01", "to": "2026-12-31"}
    for form in ("pdf", "csv", "json", "parquet"):
        sluis.sluis(
            "reports", "make", "--kind", wanted["kind"], "--from", wanted["from"],
            "--to", wanted["to"], "--format", form, "--output", f"{DATA}/report.{form}",
        )  # fmt: skip
        assert (sluis.mounted / f"report.{form}").stat().st_size > 0


def test_both_planes_say_that_they_are_ready(sluis: ImageInstallation) -> None:
    for url in (sluis.url, sluis.control):
        assert httpx.get(f"{url}/readyz").status_code == 200


def test_the_console_starts(sluis: ImageInstallation) -> None:
    health = partial(_healthy, f"http://127.0.0.1:{sluis.console_port}/_stcore/health")
    sluis.begin("console")
    sluis.until(health, "the console is healthy", sluis.process("console"))


def test_every_process_is_of_the_user_without_capabilities(sluis: ImageInstallation) -> None:
    sluis.ask("What is a lock?")
    processes = [
        one for part in ("control", "gateway") for one in descendants(sluis.process(part).pid)
    ]
    assert len(processes) > 3  # detectors, and what isolates documents and rules
    for one in processes:
        status = Path(f"/proc/{one}/status").read_text("utf-8")
        rows = dict(line.split(":\t", 1) for line in status.splitlines() if ":\t" in line)
        assert rows["Uid"].split() == [str(USER)] * 4
        assert rows["Gid"].split() == [str(USER)] * 4
        assert int(rows["CapEff"], 16) == 0


def test_the_root_is_read_only(sluis: ImageInstallation) -> None:
    for part in ("control", "gateway"):
        mounts = Path(f"/proc/{sluis.process(part).pid}/mountinfo").read_text("utf-8")
        points = {line.split()[4]: line.split()[5].split(",") for line in mounts.splitlines()}
        assert "ro" in points["/"]
    for path in ("/x", "/opt/sluis/x", "/etc/x", "/usr/x"):
        tried = subprocess.run(sluis.inside("touch", path), capture_output=True, check=False)
        assert tried.returncode != 0


def test_processes_write_to_the_data_folder_and_nowhere_else(
    sluis: ImageInstallation, image: Image, before: dict[str, tuple[int, int, int]]
) -> None:
    for _ in range(2):
        assert sluis.ask(PERSONAL, APP_KEY).status_code == 200
    assert image.listing() == before
    assert (sluis.mounted / "data/audit-gateway.db").exists()
    assert list(sluis.folder.glob("*.erasures.jsonl")) == []


def _healthy(url: str) -> bool:
    try:
        return httpx.get(url, timeout=2).status_code == 200
    except httpx.HTTPError:
        return False
