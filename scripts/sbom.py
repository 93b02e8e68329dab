"""Write the SBOM of the image (CycloneDX 1.6, JSON) from what pip and dpkg say they installed.

pip's reports name the wheel of each package with its SHA-256, and dpkg lists the Debian packages.
cyclonedx-bom does neither: in an environment it finds no hashes, and it reads no dpkg database.
The same input gives the same bytes. The file names no registry.

    sbom.py --debian debian.tsv --output sbom.cdx.json REPORT.json …
"""

import argparse
import json
import re
import uuid
from collections.abc import Iterable
from pathlib import Path
from typing import Any
from urllib.parse import quote

_NAMESPACE = uuid.UUID("8f1d1a52-7a6b-4b3e-9d0c-3f1f0f6f2f5e")
_DISTRIBUTION = "debian"


def python_component(item: dict[str, Any]) -> dict[str, Any]:
    """Return the component of one entry of a report of pip."""
    metadata = item["metadata"]
    name = re.sub(r"[-_.]+", "-", metadata["name"]).lower()
    purl = f"pkg:pypi/{name}@{quote(metadata['version'])}"
    component: dict[str, Any] = {
        "type": "library",
        "bom-ref": purl,
        "name": name,
        "version": metadata["version"],
        "purl": purl,
    }
    digest = item["download_info"].get("archive_info", {}).get("hashes", {}).get("sha256")
    if digest:
        component["hashes"] = [{"alg": "SHA-256", "content": digest}]
    if expression := metadata.get("license_expression"):
        component["licenses"] = [{"expression": expression}]
    return component


def debian_component(line: str) -> dict[str, Any]:
    """Return the component of a line of dpkg-query: name, version and architecture."""
    package, version, architecture = line.split("\t")
    name = package.partition(":")[0]
    purl = f"pkg:deb/{_DISTRIBUTION}/{name}@{quote(version)}?arch={architecture}"
    return {"type": "library", "bom-ref": purl, "name": name, "version": version, "purl": purl}


def document(reports: Iterable[dict[str, Any]], debian: Iterable[str]) -> dict[str, Any]:
    """Return the SBOM: the packages sorted by purl, each once."""
    found = [python_component(item) for report in reports for item in report["install"]]
    found += [debian_component(line) for line in debian if line.strip()]
    components = sorted(
        {item["purl"]: item for item in found}.values(), key=lambda item: str(item["purl"])
    )
    version = next((item["version"] for item in components if item["name"] == "sluis"), "0")
    content = json.dumps(components, sort_keys=True)
    return {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{uuid.uuid5(_NAMESPACE, content)}",
        "version": 1,
        "metadata": {"component": {"type": "container", "name": "sluis", "version": version}},
        "components": components,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description="Write the SBOM of the image")
    parser.add_argument("--debian", type=Path, required=True)
    parser.add_argument("--output", type=Path, required=True)
    parser.add_argument("reports", type=Path, nargs="+")
    options = parser.parse_args()
    reports = [json.loads(path.read_text("utf-8")) for path in options.reports]
    bom = document(reports, options.debian.read_text("utf-8").splitlines())
    options.output.write_text(json.dumps(bom, indent=1) + "\n", "utf-8")
    print(f"{len(bom['components'])} packages in {options.output}")


if __name__ == "__main__":
    main()
