"""A release says what it is made of, and anyone can check that with openssl and sha256sum."""

import hashlib
import io
import json
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

pytestmark = pytest.mark.unit
SCRIPT = Path(__file__).resolve().parents[3] / "scripts" / "release.py"
IMAGE = "a" * 64
BUILDER = "urn:example:builder"


def run(*command: str, cwd: Path, check: bool = True) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, cwd=cwd, check=check, capture_output=True, text=True)


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A repository with the script, a lock, and a folder with the files of a release."""
    root = tmp_path / "checkout"
    (root / "scripts").mkdir(parents=True)
    (root / "scripts" / "release.py").write_bytes(SCRIPT.read_bytes())
    (root / "requirements.lock").write_text("pinned\n", encoding="utf-8")
    (root / ".gitignore").write_text("dist\n*.pem\n*.pub\n", encoding="utf-8")
    run("git", "init", "-q", cwd=root)
    run("git", "add", ".", cwd=root)
    who = ("-c", "user.name=t", "-c", "user.email=t@example.nl")
    run("git", *who, "commit", "-q", "-m", "x", cwd=root)
    (root / "dist").mkdir()
    (root / "dist" / "sluis-1-py3-none-any.whl").write_bytes(b"wheel")
    index = json.dumps({"manifests": [{"digest": f"sha256:{IMAGE}"}]}).encode()
    with tarfile.open(root / "dist" / "sluis-gateway.tar", "w") as tar:
        member = tarfile.TarInfo("index.json")
        member.size = len(index)
        tar.addfile(member, io.BytesIO(index))
    run("openssl", "genpkey", "-algorithm", "ed25519", "-out", "release.pem", cwd=root)
    run("openssl", "pkey", "-in", "release.pem", "-pubout", "-out", "release.pub", cwd=root)
    return root


def release(root: Path, *more: str, check: bool = True) -> subprocess.CompletedProcess[str]:
    script = (sys.executable, "scripts/release.py", "dist", "--builder", BUILDER)
    return run(*script, *more, cwd=root, check=check)


def verified(root: Path) -> bool:
    command = "pkeyutl -verify -pubin -inkey ../release.pub -rawin -in provenance.json"
    sig = ("-sigfile", "provenance.json.sig")
    return run("openssl", *command.split(), *sig, cwd=root / "dist", check=False).returncode == 0


def test_the_statement_names_files_images_source_and_builder(checkout: Path) -> None:
    release(checkout, "--key", "release.pem")
    made = json.loads((checkout / "dist/provenance.json").read_text(encoding="utf-8"))
    digests = {one["name"]: one["digest"]["sha256"] for one in made["subject"]}
    assert digests["sluis-1-py3-none-any.whl"] == hashlib.sha256(b"wheel").hexdigest()
    assert digests["sluis-gateway.tar#image"] == IMAGE
    source, lock = made["predicate"]["buildDefinition"]["resolvedDependencies"]
    head = run("git", "rev-parse", "HEAD", cwd=checkout).stdout.strip()
    assert source["digest"]["gitCommit"] == head
    assert lock["uri"] == "requirements.lock"
    assert made["predicate"]["runDetails"]["builder"]["id"] == BUILDER


def test_openssl_and_sha256sum_verify_it_and_see_a_change(checkout: Path) -> None:
    release(checkout, "--key", "release.pem")
    assert verified(checkout)
    run("sha256sum", "--check", "--strict", "SHA256SUMS", cwd=checkout / "dist")
    statement = checkout / "dist/provenance.json"
    statement.write_text(statement.read_text(encoding="utf-8") + " ", encoding="utf-8")
    assert not verified(checkout)


def test_without_a_key_no_older_signature_stays(checkout: Path) -> None:
    release(checkout, "--key", "release.pem")
    release(checkout)
    assert not (checkout / "dist/provenance.json.sig").exists()


def test_a_changed_tree_is_refused(checkout: Path) -> None:
    (checkout / "requirements.lock").write_text("other\n", encoding="utf-8")
    refused = release(checkout, check=False)
    assert refused.returncode != 0
    assert "commit them" in refused.stderr
    assert not (checkout / "dist/provenance.json").exists()


def test_a_key_of_another_kind_is_refused(checkout: Path) -> None:
    run("openssl", "genpkey", "-algorithm", "ed448", "-out", "other.pem", cwd=checkout)
    refused = release(checkout, "--key", "other.pem", check=False)
    assert "no Ed25519 key" in refused.stderr
