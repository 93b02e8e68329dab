"""Write SHA256SUMS and a signed statement of provenance beside the files of a release.

  .venv/bin/python scripts/release.py dist --builder URI --key release.pem

The statement is in-toto's (https://in-toto.io/Statement/v1) with SLSA's predicate
(https://slsa.dev/spec/v1.0/provenance): the digest of each file and of the image in each archive,
the commit and the locks that they were built from, and who built them. --key is an Ed25519 private
key in PEM, of whoever releases; without it nothing is signed.
"""

import argparse
import hashlib
import json
import subprocess
import tarfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

ROOT = Path(__file__).resolve().parents[1]
SUMS, STATEMENT, SIGNATURE = "SHA256SUMS", "provenance.json", "provenance.json.sig"
_OWN = {SUMS, STATEMENT, SIGNATURE}
_BUILD_TYPE = "urn:sluis:build:make-release:1"
_LOCKS = "requirements*.lock"


def digest_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def images_in(archive: Path) -> Iterator[tuple[str, str]]:
    """Name and digest of each image of an OCI archive: what a registry shows after a push."""
    with tarfile.open(archive) as tar:
        index = tar.extractfile("index.json")
        if index is None:
            raise SystemExit(f"{archive} is no OCI archive: build it with make image.")
        for manifest in json.load(index)["manifests"]:
            algorithm, _, digest = manifest["digest"].partition(":")
            if algorithm == "sha256":
                yield f"{archive.name}#image", digest


def subjects(folder: Path) -> list[dict[str, Any]]:
    """Every file of the release, and the images in its archives."""
    files = sorted(file for file in folder.iterdir() if file.is_file() and file.name not in _OWN)
    if not files:
        raise SystemExit(f"{folder} is empty: run make release, and make image before it.")
    found = [(file.name, digest_of(file)) for file in files]
    for file in files:
        if file.suffix == ".tar":
            found += images_in(file)
    return [{"name": name, "digest": {"sha256": digest}} for name, digest in found]


def commit(root: Path) -> str:
    """The commit of a tree without changes; others would not be what the statement says."""
    if _git(root, "status", "--porcelain", "--untracked-files=no"):
        raise SystemExit("The tree has changes: commit them, then release.")
    return _git(root, "rev-parse", "HEAD")


def _git(root: Path, *arguments: str) -> str:
    command = ["git", *arguments]
    done = subprocess.run(command, cwd=root, check=True, capture_output=True, text=True)
    return done.stdout.strip()


def statement(folder: Path, *, root: Path, builder: str) -> dict[str, Any]:
    """The statement of provenance of all files in a folder."""
    materials = [
        {"uri": lock.name, "digest": {"sha256": digest_of(lock)}}
        for lock in sorted(root.glob(_LOCKS))
    ]
    source = {"uri": "git", "digest": {"gitCommit": commit(root)}}
    return {
        "_type": "https://in-toto.io/Statement/v1",
        "subject": subjects(folder),
        "predicateType": "https://slsa.dev/provenance/v1",
        "predicate": {
            "buildDefinition": {
                "buildType": _BUILD_TYPE,
                "externalParameters": {"command": "make release"},
                "resolvedDependencies": [source, *materials],
            },
            "runDetails": {
                "builder": {"id": builder},
                "metadata": {"finishedOn": datetime.now(UTC).isoformat(timespec="seconds")},
            },
        },
    }


def write(folder: Path, made: dict[str, Any], key: Path | None) -> None:
    """Writes the sums and the statement, and signs the statement."""
    named = {one["name"]: one["digest"]["sha256"] for one in made["subject"]}
    sums = "".join(f"{digest}  {name}\n" for name, digest in named.items() if "#" not in name)
    (folder / SUMS).write_text(sums, encoding="utf-8")
    text = json.dumps(made, indent=2) + "\n"
    (folder / STATEMENT).write_text(text, encoding="utf-8")
    (folder / SIGNATURE).unlink(missing_ok=True)  # of another statement
    if key is not None:
        private = load_pem_private_key(key.read_bytes(), password=None)
        if not isinstance(private, Ed25519PrivateKey):
            raise SystemExit("--key is no Ed25519 key: openssl genpkey -algorithm ed25519")
        (folder / SIGNATURE).write_bytes(private.sign(text.encode()))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--builder", required=True, help="URI of who builds, such as a CI job")
    parser.add_argument("--key", type=Path, help="Ed25519 private key, PEM")
    given = parser.parse_args()
    write(given.folder, statement(given.folder, root=ROOT, builder=given.builder), given.key)


if __name__ == "__main__":
    main()
