"""Changes of an export that the verifier must detect, by the name that an auditor would use."""

import base64
import hashlib
import json
from collections.abc import Callable
from typing import Any

from gateway.evidence.checkpoint import checkpoint, signed_note
from tests.support.tampering import OTHER_KEY, EditablePackage, manifest_with

_SOME_HASH = hashlib.sha256(b"some hash").digest()


def _edit(line: bytes, old: bytes, new: bytes) -> bytes:
    assert old in line
    return line.replace(old, new, 1)


def _row_edited(one: EditablePackage) -> None:
    one.lines[one.rich] = _edit(one.lines[one.rich], b'"zone","eu"', b'"zone","global"')


def _salt_edited(one: EditablePackage) -> None:
    line = one.lines[one.rich]
    at = line.index(b'"disclosure":[["') + 16
    digit = b"1" if line[at : at + 1] == b"0" else b"0"
    one.lines[one.rich] = line[:at] + digit + line[at + 1 :]


def _field(one: EditablePackage, change: Callable[[list[Any]], None]) -> None:
    line = one.lines[one.rich]
    values = json.loads(line)["disclosure"]
    change(values)
    whole = json.dumps(values, separators=(",", ":"), ensure_ascii=False).encode()
    at = line.index(b',"disclosure":')
    one.lines[one.rich] = line[:at] + b',"disclosure":' + whole + b"}\n"


def _swapped(values: list[Any]) -> None:
    values[0], values[1] = values[1], values[0]


def _renamed(one: EditablePackage) -> None:
    """Renames the field of a commitment."""
    name = min(one.leaf(one.rich)["sd"])
    one.lines[one.rich] = _edit(one.lines[one.rich], f'"{name}":"'.encode(), b'"aaa":"')
    one.recount()


def _header(one: EditablePackage) -> None:
    leaf = one.leaf(0)
    one.lines[0] = _edit(one.lines[0], b'"time":%d' % leaf["time"], b'"time":%d' % 1)


def _rebuilt(one: EditablePackage) -> None:
    _header(one)
    one.recount()


def _without(one: EditablePackage, *at: int) -> None:
    gone = {index % len(one.lines) for index in at}
    one.lines = [line for index, line in enumerate(one.lines) if index not in gone]


def _without_counted(one: EditablePackage, *at: int) -> None:
    _without(one, *at)
    one.recount()


def _first_forgotten(one: EditablePackage) -> None:
    _without_counted(one, 0)
    one.manifest["first"] += 1


def _log_removed(one: EditablePackage) -> None:
    log = min(one.manifest["logs"])
    _without(one, *one.indexes(log))
    one.recount()


def _log_unlisted(one: EditablePackage) -> None:
    log = min(one.manifest["logs"])
    gone = one.manifest["logs"].pop(log)
    one.manifest["count"] -= gone["count"]


def _between_logs(one: EditablePackage) -> None:
    """Swaps two neighbours of different logs: no chain is broken."""
    for at in range(len(one.lines) - 1):
        if one.leaf(at)["log"] != one.leaf(at + 1)["log"]:
            one.lines[at], one.lines[at + 1] = one.lines[at + 1], one.lines[at]
            return


def _in_log(**values: Any) -> Callable[[EditablePackage], None]:
    return lambda one: one.manifest["logs"][min(one.manifest["logs"])].update(values)


def _rolled_back(one: EditablePackage) -> None:
    one.parts["checkpoint.txt"] = one.head(one.manifest["size"] - 1, _SOME_HASH)


def _forked(one: EditablePackage) -> None:
    one.parts["checkpoint.txt"] = one.head(one.manifest["size"], _SOME_HASH)


def _forked_wholly(one: EditablePackage) -> None:
    _forked(one)
    one.manifest["root"] = _SOME_HASH.hex()


def _checkpoint_by_other(one: EditablePackage) -> None:
    one.key, own = OTHER_KEY, one.key
    one.parts["checkpoint.txt"] = one.head(
        one.manifest["size"], bytes.fromhex(one.manifest["root"])
    )
    one.key = own


def _size_in_another_form(one: EditablePackage) -> None:
    head = one.head(one.manifest["size"], bytes.fromhex(one.manifest["root"])).decode()
    origin, size, root = head.split("\n")[:3]
    body = f"{origin}\n+{size}\n{root}\n"
    one.parts["checkpoint.txt"] = signed_note(body, name=origin, key=one.key).encode()


def _of_other_log(name: str) -> Callable[[EditablePackage], None]:
    def change(one: EditablePackage) -> None:
        size, root = one.parts[name].decode().split("\n")[1:3]
        one.parts[name] = checkpoint(
            origin="another.log", size=int(size), root=base64.b64decode(root), key=one.key
        ).encode()

    return change


def _part(name: str, change: Callable[[bytes], bytes]) -> Callable[[EditablePackage], None]:
    def apply(one: EditablePackage) -> None:
        one.parts[name] = change(one.parts[name])

    return apply


def _proof(
    name: str, change: Callable[[list[Any]], list[Any]]
) -> Callable[[EditablePackage], None]:
    def apply(one: EditablePackage) -> None:
        one.proof[name] = change(one.proof[name])

    return apply


def _before_swapped(one: EditablePackage) -> None:
    size = int(one.parts["before.txt"].split(b"\n")[1])
    one.parts["before.txt"] = one.head(size, _SOME_HASH)


def _before_later(one: EditablePackage) -> None:
    """Uses the newest head as the older one: it proves growth from itself."""
    one.parts["before.txt"] = one.parts["checkpoint.txt"]
    one.proof["grown"] = []


def _before_empty(one: EditablePackage) -> None:
    one.parts["before.txt"] = one.head(0, hashlib.sha256().digest())
    one.proof["grown"] = []


def _before_larger(one: EditablePackage) -> None:
    one.parts["before.txt"] = one.head(one.manifest["size"] + 1, _SOME_HASH)


def _witness_swapped(one: EditablePackage) -> None:
    size = int(one.parts["witnessed.txt"].split(b"\n")[1])
    one.parts["witnessed.txt"] = one.head(size, _SOME_HASH)


def _added(name: str) -> Callable[[EditablePackage], None]:
    return lambda one: one.parts.update({name: b"x"})


def _flipped(nodes: list[str]) -> list[str]:
    return [bytes(32).hex(), *nodes[1:]]


# By the name that an auditor would use. All give exit code 1.
ENTRIES: dict[str, Callable[[EditablePackage], None]] = {
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
HEADS: dict[str, Callable[[EditablePackage], None]] = {
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
