"""The SBOM of the image, from reports as pip writes them and lines as dpkg does."""

import json
import runpy
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

_ROOT = Path(__file__).resolve().parents[2]
_SCRIPT = _ROOT / "scripts" / "sbom.py"
_DEBIAN = "libc6:amd64\t2.41-12+deb13u4\tamd64\npython3\t3.13.5-1\tamd64\n"


def _installed(name: str, version: str, digest: str | None, **metadata: str) -> dict[str, Any]:
    archive = {"hashes": {"sha256": digest}} if digest else {}
    url = "https://packages.example/simple/a.whl"
    return {
        "metadata": {"name": name, "version": version, **metadata},
        "download_info": {"url": url, "archive_info": archive},
    }


REPORTS = [
    {
        "install": [
            _installed("Faker_Thing", "1.0+local", "a" * 64, license_expression="MIT"),
            _installed("orjson", "3.13.0", "b" * 64),
        ]
    },
    {"install": [_installed("sluis", "0.1.0", None), _installed("orjson", "3.13.0", "b" * 64)]},
]


@pytest.fixture
def bom(tmp_path: Path) -> dict[str, Any]:
    reports = [tmp_path / f"{number}.json" for number in range(len(REPORTS))]
    for path, report in zip(reports, REPORTS, strict=True):
        path.write_text(json.dumps(report), encoding="utf-8")
    debian, output = tmp_path / "debian.tsv", tmp_path / "bom.json"
    debian.write_text(_DEBIAN, encoding="utf-8")
    options = ("--debian", str(debian), "--output", str(output))
    command = [sys.executable, str(_SCRIPT), *options, *map(str, reports)]
    subprocess.run(command, check=True, capture_output=True)
    return dict(json.loads(output.read_text("utf-8")))


def test_each_package_is_there_once_with_version_hash_and_purl(bom: dict[str, Any]) -> None:
    found = {item["purl"]: item for item in bom["components"]}
    assert list(found) == [
        "pkg:deb/debian/libc6@2.41-12%2Bdeb13u4?arch=amd64",
        "pkg:deb/debian/python3@3.13.5-1?arch=amd64",
        "pkg:pypi/faker-thing@1.0%2Blocal",
        "pkg:pypi/orjson@3.13.0",
        "pkg:pypi/sluis@0.1.0",
    ]
    assert len(bom["components"]) == len(found)
    assert found["pkg:pypi/orjson@3.13.0"]["hashes"] == [{"alg": "SHA-256", "content": "b" * 64}]
    assert found["pkg:pypi/faker-thing@1.0%2Blocal"]["licenses"] == [{"expression": "MIT"}]
    assert bom["metadata"]["component"]["version"] == "0.1.0"


def test_it_names_no_registry(bom: dict[str, Any]) -> None:
    assert "packages.example" not in json.dumps(bom)


def test_the_same_packages_give_the_same_document(bom: dict[str, Any]) -> None:
    script = runpy.run_path(str(_SCRIPT))
    assert script["document"](reversed(REPORTS), reversed(_DEBIAN.splitlines())) == bom
