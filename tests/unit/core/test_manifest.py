"""The digest of a model directory: fixed form, every byte counts, nothing else gets in."""

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.core.manifest import (
    DigestMismatch,
    FileDigest,
    ManifestError,
    manifest_of,
    verify,
    version_digest,
)

NOT_ROOT = 65_534
GOLDEN = "sha256:98f0f34e0ed4f5ccf1508a75c6e5fbecb49406e037b8b51848d2711bcbfa2a01"
GOLDEN_VERSION = "sha256:f56b0b092eee42dab94c0ee2a1d556a38721d220d0c6ad18dcc10e02840bfce1"


@pytest.fixture
def model(tmp_path: Path) -> Path:
    directory = tmp_path / "model"
    (directory / "sub").mkdir(parents=True)
    (directory / "config.json").write_bytes(b'{"model_type":"llama"}')
    (directory / "model.safetensors").write_bytes(b"\x00" * 3_000_000)
    (directory / "README.md").write_bytes("één".encode())
    (directory / "sub" / "vocab.txt").write_bytes(b"a\n")
    return directory


def test_the_form_is_fixed(model: Path) -> None:
    manifest = manifest_of(model)
    assert [file.path for file in manifest.files] == [
        "README.md",
        "config.json",
        "model.safetensors",
        "sub/vocab.txt",
    ]
    assert manifest.size == 3_000_000 + 22 + 5 + 2
    assert manifest.digest == GOLDEN
    assert version_digest(GOLDEN, None) == GOLDEN_VERSION
    assert version_digest(GOLDEN, GOLDEN) not in (GOLDEN_VERSION, GOLDEN)


def test_the_location_does_not_count(model: Path, tmp_path: Path) -> None:
    before = manifest_of(model)
    moved = model.rename(tmp_path / "elsewhere")
    link = tmp_path / "link"
    link.symlink_to(moved)
    assert manifest_of(moved) == before == manifest_of(link)
    assert verify(moved, before.digest) == before


@pytest.mark.parametrize("name", ["config.json", "model.safetensors", "README.md", "sub/vocab.txt"])
def test_any_changed_byte_is_another_model(model: Path, name: str) -> None:
    digest = manifest_of(model).digest
    content = bytearray((model / name).read_bytes())
    content[-2] ^= 1
    (model / name).write_bytes(content if name != "config.json" else b'{"model_type":"lLama"}')
    with pytest.raises(DigestMismatch, match="was approved"):
        verify(model, digest)


def test_added_removed_and_renamed_files_count(model: Path) -> None:
    digests = {manifest_of(model).digest}
    (model / "NOTICE").write_bytes(b"")
    digests.add(manifest_of(model).digest)
    (model / "NOTICE").rename(model / "LICENSE")
    digests.add(manifest_of(model).digest)
    (model / "sub" / "vocab.txt").unlink()
    digests.add(manifest_of(model).digest)
    assert len(digests) == 4


@pytest.mark.parametrize(
    "name",
    [
        "pytorch_model.bin",
        "model.pt",
        "model.pth",
        "x.pkl",
        "x.ckpt",
        "x.npy",
        "x.joblib",
        "modeling.py",
        "x.so",
        "model.safetensors.exe",
        "readme.md",
        "sub/x.py",
    ],
)
def test_other_files_are_refused_by_name(model: Path, name: str) -> None:
    (model / name).write_bytes(b"x")
    with pytest.raises(ManifestError, match=name.replace(".", r"\.")):
        manifest_of(model)


@pytest.mark.parametrize("name", ["config.json", "tokenizer_config.json", "sub/config.json"])
def test_code_by_configuration_is_refused(model: Path, name: str) -> None:
    (model / name).write_text('{"auto_map": {"AutoModel": "x.Model"}}', encoding="utf-8")
    with pytest.raises(ManifestError, match="auto_map"):
        manifest_of(model)
    (model / name).write_text("{", encoding="utf-8")
    with pytest.raises(ManifestError, match="not JSON"):
        manifest_of(model)


def test_links_out_and_linked_folders_are_refused(model: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside.json"
    outside.write_text("{}", encoding="utf-8")
    link = model / "link.json"
    link.symlink_to(outside)
    with pytest.raises(ManifestError, match="links outside"):
        manifest_of(model)
    link.unlink()
    link.symlink_to("/dev/null")
    with pytest.raises(ManifestError, match="links outside"):
        manifest_of(model)
    link.unlink()
    (model / "again").symlink_to(model / "sub")
    with pytest.raises(ManifestError, match="linked directory"):
        manifest_of(model)


def test_a_link_inside_is_the_file_it_names(model: Path) -> None:
    (model / "special.txt").symlink_to(model / "sub" / "vocab.txt")
    assert "special.txt" in [file.path for file in manifest_of(model).files]


def test_a_file_that_is_not_plain_is_refused(model: Path) -> None:
    os.mkfifo(model / "pipe.json")
    with pytest.raises(ManifestError, match="not a plain file"):
        manifest_of(model)


@pytest.mark.parametrize("path", ["../x.json", "/etc/x.json", "a/../../x.json", "", "a\\b.json"])
def test_paths_that_leave_are_refused(path: str) -> None:
    with pytest.raises(ManifestError):
        FileDigest(path=path, size=1, sha256="sha256:0")


@pytest.fixture
def as_other_user() -> Iterator[Path]:
    """A folder that all may enter, for a process that is not root meanwhile."""
    with tempfile.TemporaryDirectory() as name:
        folder, before = Path(name), os.geteuid()
        folder.chmod(0o755)
        yield folder
        os.seteuid(before)


def test_a_file_that_may_not_be_read_is_named(as_other_user: Path) -> None:
    file = as_other_user / "config.json"
    file.write_text("{}", encoding="utf-8")
    file.chmod(0)
    if os.geteuid() == 0:
        os.seteuid(NOT_ROOT)
    with pytest.raises(ManifestError, match=r"config\.json cannot be read: let the user"):
        manifest_of(as_other_user)


def test_nothing_is_not_a_model(tmp_path: Path) -> None:
    with pytest.raises(ManifestError, match="holds no files"):
        manifest_of(tmp_path)
    with pytest.raises(ManifestError, match="not a directory"):
        manifest_of(tmp_path / "missing")
