"""The digest of a model directory: it covers every byte that is served.

Approvals, the registry and the worker's loader use this one definition. A change of the canonical
form below would void all earlier approvals, so a golden test pins it.
"""

import hashlib
import json
import stat
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

ALLOWED_NAMES = (
    "*.safetensors",
    "*.json",
    "*.jinja",
    "*.txt",
    "*.model",
    "README.md",
    "LICENSE",
    "NOTICE",
)
DETECTOR_NAMES = (
    "*.onnx",
    "gate.bin",
    "lexicon.bin",
    "wording.bin",
    "model.json",
    "tokenizer.json",
    "card.md",
    "README.md",
    "LICENSE",
    "LICENSE.*",
)
_OF_GIT = frozenset({".git", ".gitattributes", ".gitignore"})  # of a clone: nothing loads them
_FORMAT = "sluis-manifest-1"
_STATEMENT = "sluis-statement-1"
_CHUNK_BYTES = 1 << 20
_CONFIG_LIMIT_BYTES = 8 << 20


class ManifestError(ValueError):
    """A directory that must not be loaded. The message names the file and what to do."""


class DigestMismatch(ManifestError):
    """The files differ from the approved ones."""


@dataclass(frozen=True, slots=True)
class FileDigest:
    """One file: path relative to the directory with forward slashes, size in bytes, digest.

    Raises:
        ManifestError: for a path that is absolute or holds "..".
    """

    path: str
    size: int
    sha256: str

    def __post_init__(self) -> None:
        pure = PurePosixPath(self.path)
        if pure.is_absolute() or ".." in pure.parts or "\\" in self.path or not pure.parts:
            raise ManifestError(f"{self.path!r} is not a path inside the directory: remove it.")


@dataclass(frozen=True, slots=True)
class Manifest:
    """All files of a directory, sorted by path, and the digest over them."""

    files: tuple[FileDigest, ...]
    digest: str

    @property
    def size(self) -> int:
        """Total size in bytes."""
        return sum(file.size for file in self.files)


def manifest_of(directory: Path, names: Sequence[str] = ALLOWED_NAMES) -> Manifest:
    """Hashes every file below ``directory``. ``names`` are patterns of the allowed file names.

    Raises:
        ManifestError: for anything that is not a plain, allow-listed file in the directory, and
            where this process may not read it.
    """
    try:
        root = directory.resolve()
        found = root.is_dir()
    except OSError as error:  # a name that is too long, a loop of links
        raise ManifestError(f"The path cannot be opened: {error.strerror}.") from error
    if not found:
        raise ManifestError(f"{directory} is not a directory: give the folder of the model.")
    try:
        files = tuple(
            sorted(
                (_digest_file(root, path, names) for path in _files_below(root, root)),
                key=lambda file: file.path,
            )
        )
    except PermissionError as error:
        raise ManifestError(
            f"{error.filename} cannot be read: let the user of this process read the files."
        ) from error
    if not files:
        raise ManifestError(f"{directory} holds no files: give the folder of the model.")
    rows = [[file.path, file.size, file.sha256] for file in files]
    return Manifest(files=files, digest=_digest_of({"files": rows, "format": _FORMAT}))


def verify(directory: Path, digest: str, names: Sequence[str] = ALLOWED_NAMES) -> Manifest:
    """Hashes the directory and compares the result with ``digest``.

    Raises:
        DigestMismatch: when the digests differ.
        ManifestError: when the directory may not be loaded at all.
    """
    manifest = manifest_of(directory, names)
    if manifest.digest != digest:
        raise DigestMismatch(
            f"{directory} has digest {manifest.digest}, but {digest} was approved: "
            "restore the approved files, or register these as a new version."
        )
    return manifest


def version_digest(base: str, adapter: str | None) -> str:
    """Returns the digest of a served version, from the digests of its base and its adapter."""
    return _digest_of({"adapter": adapter, "base": base, "format": _FORMAT})


def statement_digest(kind: str, statement: Mapping[str, str | None]) -> str:
    """Returns the digest of a version without files here, from what is stated about it."""
    stated = {name: value for name, value in statement.items() if value is not None}
    return _digest_of({"format": _STATEMENT, "kind": kind, "statement": stated})


def _digest_of(value: object) -> str:
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"


def model_files(directory: Path) -> Iterator[Path]:
    """All files that a manifest of a directory covers.

    Raises:
        ManifestError: for a link that leads out of it.
    """
    root = directory.resolve()
    yield from _files_below(root, root)


def _files_below(root: Path, directory: Path) -> Iterator[Path]:
    for path in sorted(directory.iterdir()):
        if path.name in _OF_GIT:
            continue
        if path.is_symlink() and not path.resolve().is_relative_to(root):
            raise ManifestError(f"{path} links outside the directory: copy the file instead.")
        if path.is_symlink() and path.is_dir():
            raise ManifestError(f"{path} is a linked directory: copy the files instead.")
        if path.is_dir():
            yield from _files_below(root, path)
        else:
            yield path


def _digest_file(root: Path, path: Path, names: Sequence[str]) -> FileDigest:
    name = path.relative_to(root).as_posix()
    if not stat.S_ISREG(path.stat().st_mode):
        raise ManifestError(f"{name} is not a plain file: remove it.")
    if not any(PurePosixPath(path.name).match(pattern) for pattern in names):
        raise ManifestError(
            f"{name} is not a kind of file that may be loaded ({', '.join(names)}): "
            "remove it; the weights of a language model are saved as safetensors."
        )
    if path.name.endswith("config.json"):
        _reject_code(name, path)
    digest, size = hashlib.sha256(), 0
    with path.open("rb") as stream:
        while chunk := stream.read(_CHUNK_BYTES):
            digest.update(chunk)
            size += len(chunk)
    return FileDigest(path=name, size=size, sha256=f"sha256:{digest.hexdigest()}")


def _reject_code(name: str, path: Path) -> None:
    """Rejects a configuration with auto_map: loaders run Python from the model's folder for it."""
    if path.stat().st_size > _CONFIG_LIMIT_BYTES:
        raise ManifestError(f"{name} is too large for a configuration: check where it came from.")
    try:
        config = json.loads(path.read_bytes())
    except (ValueError, RecursionError) as error:
        raise ManifestError(f"{name} is not JSON: restore the file.") from error
    if isinstance(config, dict) and "auto_map" in config:
        raise ManifestError(f"{name} has auto_map, which loads code: remove that key.")
