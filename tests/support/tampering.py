"""Tampering with an export: each change gives a package that must not verify.

An outsider changes parts and repairs digests. An insider has the signing key and signs the changed
package again, so that only the entries, the tree and other checkpoints can reveal the change.
"""

import hashlib
import json
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gateway.evidence.checkpoint import checkpoint

Lines = list[bytes]
OTHER_KEY = Ed25519PrivateKey.from_private_bytes(bytes([77] * 32))


@dataclass
class EditablePackage:
    """A package in pieces. Changes are written back when it is sealed."""

    parts: dict[str, bytes]
    key: Ed25519PrivateKey
    manifest: dict[str, Any] = field(init=False)
    proof: dict[str, Any] = field(init=False)
    lines: Lines = field(init=False)

    def __post_init__(self) -> None:
        self.manifest = json.loads(self.parts["manifest.json"])
        self.proof = json.loads(self.parts["proof.json"])
        self.lines = self.parts["entries.jsonl"].splitlines(keepends=True)

    def leaf(self, index: int) -> dict[str, Any]:
        return dict(json.loads(self.lines[index])["leaf"])

    @property
    def rich(self) -> int:
        """The first entry that discloses a zone, among other values."""
        return next(at for at, line in enumerate(self.lines) if b'"zone",' in line)

    def indexes(self, log: str) -> list[int]:
        """The indexes of one log's entries."""
        return [at for at in range(len(self.lines)) if self.leaf(at)["log"] == log]

    def head(self, size: int, root: bytes) -> bytes:
        """A checkpoint of any tree, signed by this log."""
        origin = self.parts["checkpoint.txt"].decode().split("\n")[0]
        return checkpoint(origin=origin, size=size, root=root, key=self.key).encode()

    def recount(self) -> None:
        """Updates chains and manifest to the present entries."""
        prev: dict[str, str] = {}
        for at, line in enumerate(self.lines):
            leaf = self.leaf(at)
            log = leaf["log"]
            old = json.dumps(leaf, separators=(",", ":"), ensure_ascii=False).encode()
            if log in prev:
                leaf["prev"] = prev[log]
                leaf["seq"] = self.manifest["logs"][log]["last_seq"] + 1
            new = json.dumps(leaf, separators=(",", ":"), ensure_ascii=False).encode()
            self.lines[at] = line.replace(old, new)
            prev[log] = hashlib.sha256(b"\x00" + new).hexdigest()
            known = self.manifest["logs"][log]
            if self.indexes(log)[0] == at:
                known.update(first_seq=leaf["seq"], first_prev=leaf["prev"], count=0)
            known.update(last_seq=leaf["seq"], last_hash=prev[log], count=known["count"] + 1)
        self.manifest["logs"] = {name: self.manifest["logs"][name] for name in prev}
        self.manifest["count"] = len(self.lines)


def read_package(package: Path, key: Ed25519PrivateKey) -> EditablePackage:
    with zipfile.ZipFile(package) as source:
        return EditablePackage({name: source.read(name) for name in source.namelist()}, key)


def write_package(parts: dict[str, bytes], out: Path) -> Path:
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for name, data in parts.items():
            target.writestr(name, data)
    return out


def rewrite_package(package: Path, out: Path, change: Callable[[dict[str, bytes]], None]) -> Path:
    """A copy of a package with changed parts; digests and signatures stay the same."""
    with zipfile.ZipFile(package) as source:
        parts = {name: source.read(name) for name in source.namelist()}
    change(parts)
    return write_package(parts, out)


def by_outsider(package: Path, out: Path, change: Callable[[EditablePackage], None]) -> Path:
    """A changed package with repaired digests in the manifest, but without a valid signature."""
    return _sealed(read_package(package, OTHER_KEY), out, change, sign=False)


def by_insider(
    package: Path, out: Path, change: Callable[[EditablePackage], None], key: Ed25519PrivateKey
) -> Path:
    """A changed package that is signed again."""
    return _sealed(read_package(package, key), out, change, sign=True)


def _sealed(
    one: EditablePackage, out: Path, change: Callable[[EditablePackage], None], *, sign: bool
) -> Path:
    before = {name: json.dumps(value) for name, value in (("p", one.proof), ("m", one.manifest))}
    change(one)
    one.parts["entries.jsonl"] = b"".join(one.lines)
    if json.dumps(one.proof) != before["p"]:
        one.parts["proof.json"] = json.dumps(one.proof).encode()
    for name in [*one.manifest["parts"]]:
        if name in one.parts:
            one.manifest["parts"][name] = hashlib.sha256(one.parts[name]).hexdigest()
    if json.dumps(one.manifest) != before["m"] or sign:
        one.parts["manifest.json"] = json.dumps(one.manifest).encode()
    if sign:
        one.parts["manifest.sig"] = one.key.sign(one.parts["manifest.json"]).hex().encode()
    return write_package(one.parts, out)


def manifest_with(**values: Any) -> Callable[[EditablePackage], None]:
    """Changes values of the manifest."""
    return lambda one: one.manifest.update(values)


def proof_with(**values: Any) -> Callable[[EditablePackage], None]:
    """Changes nodes of the proof."""
    return lambda one: one.proof.update(values)


def part_with(name: str, text: str) -> Callable[[EditablePackage], None]:
    """Replaces or adds a part."""
    return lambda one: one.parts.update({name: text.encode()})


def replaced(name: str, data: bytes) -> Callable[[dict[str, bytes]], None]:
    """Replaces or adds a part, as bytes."""
    return lambda parts: parts.update({name: data})


def without(name: str) -> Callable[[dict[str, bytes]], None]:
    """Removes a part."""

    def change(parts: dict[str, bytes]) -> None:
        del parts[name]

    return change


def edited(name: str) -> Callable[[dict[str, bytes]], None]:
    """Changes a byte of one part, and repairs nothing."""

    def change(parts: dict[str, bytes]) -> None:
        data = bytearray(parts[name])
        data[len(data) // 2] ^= 1
        parts[name] = bytes(data)

    return change
