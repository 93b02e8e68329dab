"""Ways to tamper with an export: each gives a changed package that must not verify."""

import hashlib
import json
import zipfile
from collections.abc import Callable
from pathlib import Path

Lines = list[bytes]


def rewritten(package: Path, out: Path, change: Callable[[dict[str, bytes]], None]) -> Path:
    """A copy of a package with its parts changed; digests and signatures stay as they were."""
    with zipfile.ZipFile(package) as source:
        parts = {name: source.read(name) for name in source.namelist()}
    change(parts)
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for name, data in parts.items():
            target.writestr(name, data)
    return out


def lines(change: Callable[[Lines], Lines]) -> Callable[[dict[str, bytes]], None]:
    """A change of the entries that also repairs their digest in the manifest."""

    def apply(parts: dict[str, bytes]) -> None:
        changed = b"".join(change(parts["entries.jsonl"].splitlines(keepends=True)))
        parts["entries.jsonl"] = changed
        manifest = json.loads(parts["manifest.json"])
        manifest["parts"]["entries.jsonl"] = hashlib.sha256(changed).hexdigest()
        parts["manifest.json"] = json.dumps(manifest).encode()

    return apply


def value(line: bytes) -> bytes:
    """One disclosed value changed."""
    entry = json.loads(line)
    name = next(iter(entry["disclosure"]))
    entry["disclosure"][name][1] = "changed"
    return json.dumps(entry).encode() + b"\n"


def hidden(line: bytes) -> bytes:
    """One disclosed field hidden."""
    entry = json.loads(line)
    entry["disclosure"].popitem()
    return json.dumps(entry).encode() + b"\n"


CLASSES: dict[str, Callable[[Lines], Lines]] = {
    "changed": lambda rows: [value(rows[0]), *rows[1:]],
    "field hidden": lambda rows: [hidden(rows[0]), *rows[1:]],
    "removed in the middle": lambda rows: rows[:2] + rows[3:],
    "first removed": lambda rows: rows[1:],
    "tail removed": lambda rows: rows[:-1],
    "reordered": lambda rows: [rows[1], rows[0], *rows[2:]],
    "doubled": lambda rows: [rows[0], *rows],
    "all removed": lambda _: [],
}
