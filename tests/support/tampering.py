"""Ways to tamper with an export: each gives a changed package that must not verify.

An outsider changes parts and repairs digests. An insider has the signing key: all that he changes
is signed again, so that only what the entries, the tree and other checkpoints say is left against
him.
"""

import base64
import hashlib
import json
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gateway.evidence.checkpoint import checkpoint, signed_note

Lines = list[bytes]
_OTHER_KEY = Ed25519PrivateKey.from_private_bytes(bytes([77] * 32))
_SOME_HASH = hashlib.sha256(b"some hash").digest()


@dataclass
class Opened:
    """A package in pieces. What is changed here is written back when it is sealed."""

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
        """Where the entries of one log stand."""
        return [at for at in range(len(self.lines)) if self.leaf(at)["log"] == log]

    def head(self, size: int, root: bytes) -> bytes:
        """A checkpoint of any tree, signed by this log."""
        origin = self.parts["checkpoint.txt"].decode().split("\n")[0]
        return checkpoint(origin=origin, size=size, root=root, key=self.key).encode()

    def recount(self) -> None:
        """Makes the manifest say what the entries are, chains included."""
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


def opened(package: Path, key: Ed25519PrivateKey) -> Opened:
    with zipfile.ZipFile(package) as source:
        return Opened({name: source.read(name) for name in source.namelist()}, key)


def written(parts: dict[str, bytes], out: Path) -> Path:
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for name, data in parts.items():
            target.writestr(name, data)
    return out


def rewritten(package: Path, out: Path, change: Callable[[dict[str, bytes]], None]) -> Path:
    """A copy of a package with its parts changed; digests and signatures stay as they were."""
    with zipfile.ZipFile(package) as source:
        parts = {name: source.read(name) for name in source.namelist()}
    change(parts)
    return written(parts, out)


def by_outsider(package: Path, out: Path, change: Callable[[Opened], None]) -> Path:
    """Changed, with the digests in the manifest repaired; its signature cannot be."""
    return _sealed(opened(package, _OTHER_KEY), out, change, sign=False)


def by_insider(
    package: Path, out: Path, change: Callable[[Opened], None], key: Ed25519PrivateKey
) -> Path:
    """Changed, and signed again."""
    return _sealed(opened(package, key), out, change, sign=True)


def _sealed(one: Opened, out: Path, change: Callable[[Opened], None], *, sign: bool) -> Path:
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
    return written(one.parts, out)


def _edit(line: bytes, old: bytes, new: bytes) -> bytes:
    assert old in line
    return line.replace(old, new, 1)


def _row_edited(one: Opened) -> None:
    one.lines[one.rich] = _edit(one.lines[one.rich], b'"zone","eu"', b'"zone","global"')


def _salt_edited(one: Opened) -> None:
    line = one.lines[one.rich]
    at = line.index(b'"disclosure":[["') + 16
    digit = b"1" if line[at : at + 1] == b"0" else b"0"
    one.lines[one.rich] = line[:at] + digit + line[at + 1 :]


def _field(one: Opened, change: Callable[[list[Any]], None]) -> None:
    line = one.lines[one.rich]
    values = json.loads(line)["disclosure"]
    change(values)
    whole = json.dumps(values, separators=(",", ":"), ensure_ascii=False).encode()
    at = line.index(b',"disclosure":')
    one.lines[one.rich] = line[:at] + b',"disclosure":' + whole + b"}\n"


def _swapped(values: list[Any]) -> None:
    values[0], values[1] = values[1], values[0]


def _renamed(one: Opened) -> None:
    """The commitment of one field stands under the name of another."""
    name = min(one.leaf(one.rich)["sd"])
    one.lines[one.rich] = _edit(one.lines[one.rich], f'"{name}":"'.encode(), b'"aaa":"')
    one.recount()


def _header(one: Opened) -> None:
    leaf = one.leaf(0)
    one.lines[0] = _edit(one.lines[0], b'"time":%d' % leaf["time"], b'"time":%d' % 1)


def _rebuilt(one: Opened) -> None:
    _header(one)
    one.recount()


def _without(one: Opened, *at: int) -> None:
    gone = {index % len(one.lines) for index in at}
    one.lines = [line for index, line in enumerate(one.lines) if index not in gone]


def _without_counted(one: Opened, *at: int) -> None:
    _without(one, *at)
    one.recount()


def _first_forgotten(one: Opened) -> None:
    _without_counted(one, 0)
    one.manifest["first"] += 1


def _log_removed(one: Opened) -> None:
    log = min(one.manifest["logs"])
    _without(one, *one.indexes(log))
    one.recount()


def _log_unlisted(one: Opened) -> None:
    log = min(one.manifest["logs"])
    gone = one.manifest["logs"].pop(log)
    one.manifest["count"] -= gone["count"]


def _between_logs(one: Opened) -> None:
    """Two neighbours of different logs change places: no chain is broken."""
    for at in range(len(one.lines) - 1):
        if one.leaf(at)["log"] != one.leaf(at + 1)["log"]:
            one.lines[at], one.lines[at + 1] = one.lines[at + 1], one.lines[at]
            return


def manifest_with(**values: Any) -> Callable[[Opened], None]:
    """The manifest says something else."""
    return lambda one: one.manifest.update(values)


def proof_with(**values: Any) -> Callable[[Opened], None]:
    """The proof holds other nodes."""
    return lambda one: one.proof.update(values)


def part_with(name: str, text: str) -> Callable[[Opened], None]:
    """A part says something else, or is there for the first time."""
    return lambda one: one.parts.update({name: text.encode()})


def _in_log(**values: Any) -> Callable[[Opened], None]:
    return lambda one: one.manifest["logs"][min(one.manifest["logs"])].update(values)


def _rolled_back(one: Opened) -> None:
    one.parts["checkpoint.txt"] = one.head(one.manifest["size"] - 1, _SOME_HASH)


def _forked(one: Opened) -> None:
    one.parts["checkpoint.txt"] = one.head(one.manifest["size"], _SOME_HASH)


def _forked_wholly(one: Opened) -> None:
    _forked(one)
    one.manifest["root"] = _SOME_HASH.hex()


def _checkpoint_by_other(one: Opened) -> None:
    one.key, own = _OTHER_KEY, one.key
    one.parts["checkpoint.txt"] = one.head(
        one.manifest["size"], bytes.fromhex(one.manifest["root"])
    )
    one.key = own


def _size_in_another_form(one: Opened) -> None:
    head = one.head(one.manifest["size"], bytes.fromhex(one.manifest["root"])).decode()
    origin, size, root = head.split("\n")[:3]
    body = f"{origin}\n+{size}\n{root}\n"
    one.parts["checkpoint.txt"] = signed_note(body, name=origin, key=one.key).encode()


def _of_other_log(name: str) -> Callable[[Opened], None]:
    def change(one: Opened) -> None:
        size, root = one.parts[name].decode().split("\n")[1:3]
        one.parts[name] = checkpoint(
            origin="another.log", size=int(size), root=base64.b64decode(root), key=one.key
        ).encode()

    return change


def _part(name: str, change: Callable[[bytes], bytes]) -> Callable[[Opened], None]:
    def apply(one: Opened) -> None:
        one.parts[name] = change(one.parts[name])

    return apply


def _proof(name: str, change: Callable[[list[Any]], list[Any]]) -> Callable[[Opened], None]:
    def apply(one: Opened) -> None:
        one.proof[name] = change(one.proof[name])

    return apply


def _before_swapped(one: Opened) -> None:
    size = int(one.parts["before.txt"].split(b"\n")[1])
    one.parts["before.txt"] = one.head(size, _SOME_HASH)


def _before_later(one: Opened) -> None:
    """The newest head stands in for an older one: it proves growth from itself."""
    one.parts["before.txt"] = one.parts["checkpoint.txt"]
    one.proof["grown"] = []


def _before_empty(one: Opened) -> None:
    one.parts["before.txt"] = one.head(0, hashlib.sha256().digest())
    one.proof["grown"] = []


def _before_larger(one: Opened) -> None:
    one.parts["before.txt"] = one.head(one.manifest["size"] + 1, _SOME_HASH)


def _witness_swapped(one: Opened) -> None:
    size = int(one.parts["witnessed.txt"].split(b"\n")[1])
    one.parts["witnessed.txt"] = one.head(size, _SOME_HASH)


def _added(name: str) -> Callable[[Opened], None]:
    return lambda one: one.parts.update({name: b"x"})


def _flipped(nodes: list[str]) -> list[str]:
    return [bytes(32).hex(), *nodes[1:]]


# By what an auditor would call it. All give exit code 1.
ENTRIES: dict[str, Callable[[Opened], None]] = {
    "row edited": _row_edited,
    "salt edited": _salt_edited,
    "field hidden": lambda one: _field(one, lambda values: values.pop()),
    "first field hidden": lambda one: _field(one, lambda values: values.pop(0)),
    "all fields hidden": lambda one: _field(one, lambda values: values.clear()),
    "field added": lambda one: _field(one, lambda values: values.append(["00", "zone", "eu"])),
    "fields swapped": lambda one: _field(one, _swapped),
    "field renamed": _renamed,
    "header edited": _header,
    "header edited and chains rebuilt": _rebuilt,
    "removed in the middle": lambda one: _without(one, 2),
    "removed in the middle and chains rebuilt": lambda one: _without_counted(one, 2),
    "first removed": lambda one: _without(one, 0),
    "tail removed": lambda one: _without(one, -1),
    "tail removed and counted again": lambda one: _without_counted(one, -1),
    "whole log removed": _log_removed,
    "whole log left out of the manifest": _log_unlisted,
    "filter narrowed from the front": _first_forgotten,
    "reordered": lambda one: one.lines.reverse(),
    "reordered between logs": _between_logs,
    "doubled": lambda one: one.lines.insert(0, one.lines[0]),
    "last doubled": lambda one: one.lines.append(one.lines[-1]),
    "all removed": lambda one: one.lines.clear(),
    "not an entry": lambda one: one.lines.append(b"{}\n"),
    "no JSON": lambda one: one.lines.append(b'{"leaf":{\n'),
    "no text": lambda one: one.lines.append(b"\xff\n"),
    "an empty line": lambda one: one.lines.append(b"\n"),
    "a list for a leaf": lambda one: one.lines.append(b'{"leaf":[],"disclosure":null}\n'),
    "a line without an end": lambda one: one.lines.append(one.lines[-1].rstrip(b"\n")),
    "more in a line": lambda one: one.lines.insert(0, one.lines.pop(0).rstrip(b"}\n") + b"},1}\n"),
    "leaf by another name": lambda one: one.lines.insert(
        0, _edit(one.lines.pop(0), b'{"leaf":', b'{"leaf" ')
    ),
    "disclosure by another name": lambda one: one.lines.insert(
        0, _edit(one.lines.pop(0), b',"disclosure":', b',"disclosurE":')
    ),
    "nested without end": lambda one: one.lines.insert(0, b'{"leaf":' + b"[" * 100_000 + b"\n"),
}
HEADS: dict[str, Callable[[Opened], None]] = {
    "size": lambda one: one.manifest.update(size=one.manifest["size"] + 1),
    "first": lambda one: one.manifest.update(first=one.manifest["first"] + 1),
    "count": lambda one: one.manifest.update(count=one.manifest["count"] + 1),
    "range beyond the log": lambda one: one.manifest.update(first=one.manifest["size"]),
    "negative": manifest_with(first=-1),
    "not whole": manifest_with(first=1.0),
    "true for a number": manifest_with(first=True),
    "huge": manifest_with(size=10**4000),
    "no number": manifest_with(size="many"),
    "no logs": manifest_with(logs=[]),
    "no parts": manifest_with(parts=[]),
    "no root": manifest_with(root="x"),
    "log count": _in_log(count=1),
    "log first": _in_log(first_seq=10**6),
    "log prev": _in_log(first_prev="0" * 63 + "1"),
    "log end": _in_log(last_seq=10**6),
    "log head": _in_log(last_hash="0" * 64),
    "log without end": _in_log(last_seq=None),
    "checkpoint rolled back": _rolled_back,
    "forked tree": _forked,
    "forked tree, root and all": _forked_wholly,
    "checkpoint by another key": _checkpoint_by_other,
    "checkpoint of another log": _of_other_log("checkpoint.txt"),
    "checkpoint doubled": _part("checkpoint.txt", lambda data: data + data),
    "checkpoint empty": _part("checkpoint.txt", lambda _: b""),
    "checkpoint no text": _part("checkpoint.txt", lambda _: b"\xff"),
    "checkpoint without size": _part("checkpoint.txt", lambda data: data.replace(b"\n", b"\nx", 1)),
    "checkpoint with a size in another form": _size_in_another_form,
    "outside node edited": _proof("outside", _flipped),
    "outside node dropped": _proof("outside", lambda nodes: nodes[:-1]),
    "outside node added": _proof("outside", lambda nodes: [*nodes, nodes[-1]]),
    "outside reversed": _proof("outside", lambda nodes: nodes[::-1]),
    "outside empty": _proof("outside", lambda _: []),
    "outside no hash": _proof("outside", lambda nodes: ["x", *nodes[1:]]),
    "growth edited": _proof("grown", _flipped),
    "growth cut": _proof("grown", lambda nodes: nodes[:-1]),
    "growth longer": _proof("grown", lambda nodes: [*nodes, nodes[0]]),
    "growth empty": _proof("grown", lambda _: []),
    "proof is a list": _part("proof.json", lambda _: b"[]"),
    "proof no JSON": _part("proof.json", lambda _: b"{"),
    "proof nested without end": _part("proof.json", lambda _: b"[" * 100_000),
    "before.txt swapped": _before_swapped,
    "before.txt later": _before_later,
    "before.txt of nothing": _before_empty,
    "before.txt of a larger log": _before_larger,
    "before.txt of another log": _of_other_log("before.txt"),
    "before.txt empty": _part("before.txt", lambda _: b""),
    "before.txt doubled": _part("before.txt", lambda data: data + data),
    "witnessed.txt swapped": _witness_swapped,
    "witnessed.txt empty": _part("witnessed.txt", lambda _: b"x"),
    "witnessed.txt by another key": _part("witnessed.txt", lambda data: data.replace(b"A", b"B")),
    "witness proof edited": _proof("seen", lambda proofs: [_flipped(one) for one in proofs]),
    "witness proof dropped": _proof("seen", lambda proofs: proofs[:-1]),
    "a part that is not listed": _added("extra.txt"),
}


def replaced(name: str, data: bytes) -> Callable[[dict[str, bytes]], None]:
    """A part with other bytes, or one more part."""
    return lambda parts: parts.update({name: data})


def without(name: str) -> Callable[[dict[str, bytes]], None]:
    """A part left out."""

    def change(parts: dict[str, bytes]) -> None:
        del parts[name]

    return change


def edited(name: str) -> Callable[[dict[str, bytes]], None]:
    """A byte of one part changed, nothing repaired."""

    def change(parts: dict[str, bytes]) -> None:
        data = bytearray(parts[name])
        data[len(data) // 2] ^= 1
        parts[name] = bytes(data)

    return change
