"""An export: a zip that proves a period to someone who trusts nobody but one public key."""

import csv
import hashlib
import io
import zipfile
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path
from typing import Any

import orjson
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gateway.evidence.checkpoint import checkpoint
from gateway.evidence.entry import GENESIS, disclosed, leaf_hash, values_of
from gateway.evidence.merkle import Frontier

FORMAT = "sluis-export-1"
ORIGIN = "sluis.audit/export"
_STAMP = (1980, 1, 1, 0, 0, 0)
_COLUMNS = (
    "time", "event", "request", "principal", "team", "model", "deployment", "zone", "level",
    "outcome", "redacted", "input_tokens", "output_tokens", "cost_micros", "log", "seq",
)  # fmt: skip
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_README = """\
This package proves what the gateway recorded in a period.

  python3 verify.py {name} --key signing.pub

verify.py needs Python 3.9 or later and nothing else. Use the copy of verify.py and of the public
key that the operator gave you earlier, not the ones in this package: a key inside a package proves
nothing. Exit codes: 0 holds, 1 tampered, 2 incomplete, 3 unknown key.

Dit pakket bewijst wat de gateway in een periode heeft vastgelegd. Gebruik het script en de openbare
sleutel die u eerder van de beheerder kreeg.
"""


class TrailDamaged(Exception):
    """The stored trail does not hold together; it is not signed as if it did."""


@dataclass(frozen=True, slots=True)
class ExportRow:
    """One stored entry; ``disclosure`` is None when it was erased."""

    log: str
    seq: int
    leaf: bytes
    disclosure: bytes | None


@dataclass(slots=True)
class _LogRange:
    first_seq: int
    first_prev: str
    last_seq: int
    last_hash: str
    count: int = 0


@dataclass(frozen=True, slots=True)
class Exported:
    """What was written: number of entries and logs, and the tree head in hex."""

    entries: int
    logs: int
    root: str
    path: Path


@dataclass(slots=True)
class _Builder:
    tree: Frontier = field(default_factory=Frontier)
    ranges: dict[str, _LogRange] = field(default_factory=dict)

    def add(self, row: ExportRow) -> None:
        try:
            leaf = orjson.loads(row.leaf)
        except orjson.JSONDecodeError as error:
            raise TrailDamaged(f"entry {row.seq} of log {row.log} cannot be read") from error
        digest = leaf_hash(row.leaf)
        if leaf["log"] != row.log or leaf["seq"] != row.seq:
            raise TrailDamaged(f"entry {row.seq} of log {row.log} is not in its place")
        known = self.ranges.get(row.log)
        if known is None:
            if row.seq == 0 and leaf["prev"] != GENESIS:
                raise TrailDamaged(f"log {row.log} does not begin where it should")
            known = self.ranges[row.log] = _LogRange(row.seq, leaf["prev"], row.seq, digest)
        elif row.seq != known.last_seq + 1 or leaf["prev"] != known.last_hash:
            raise TrailDamaged(
                f"log {row.log}: entry {row.seq} does not follow entry {known.last_seq}; "
                "entries are missing or were changed"
            )
        known.last_seq, known.last_hash = row.seq, digest
        known.count += 1
        self.tree.append(bytes.fromhex(digest))


async def write_export(
    rows: AsyncIterator[ExportRow],
    *,
    path: Path,
    period: tuple[int, int],
    created_ms: int,
    formats: Iterable[str],
    key: Ed25519PrivateKey,
) -> Exported:
    """Writes a package for entries ordered by log and number; ``period`` is epoch milliseconds.

    The file appears only when it is complete.

    Raises:
        TrailDamaged: when the entries do not hold together; nothing is written.
    """
    builder = _Builder()
    draft = path.with_name(path.name + ".part")
    wanted = set(formats) | {"jsonl"}
    table = _Table() if "csv" in wanted else None
    entries_digest = hashlib.sha256()
    try:
        with zipfile.ZipFile(draft, "w", zipfile.ZIP_DEFLATED) as package:
            with package.open(_info("entries.jsonl"), "w", force_zip64=True) as out:
                async for row in rows:
                    builder.add(row)
                    line = _line(row)
                    entries_digest.update(line)
                    out.write(line)
                    if table:
                        table.add(row)
            parts = {
                "README.txt": _README.format(name=path.name).encode(),
                "verify.py": _verifier(),
            }
            if table:
                parts["entries.csv"] = table.bytes()
            note = checkpoint(
                origin=ORIGIN, size=builder.tree.size, root=builder.tree.root(), key=key
            )
            parts["checkpoint.txt"] = note.encode()
            manifest = _manifest(
                builder, parts, entries_digest.hexdigest(), period, created_ms, key
            )
            parts["manifest.json"] = manifest
            parts["manifest.sig"] = key.sign(manifest).hex().encode()
            for name, data in sorted(parts.items()):
                package.writestr(_info(name), data)
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
    return Exported(builder.tree.size, len(builder.ranges), builder.tree.root().hex(), path)


def _manifest(
    builder: _Builder,
    parts: dict[str, bytes],
    entries_digest: str,
    period: tuple[int, int],
    created_ms: int,
    key: Ed25519PrivateKey,
) -> bytes:
    digests = {name: hashlib.sha256(data).hexdigest() for name, data in parts.items()}
    return orjson.dumps(
        {
            "format": FORMAT,
            "created": created_ms,
            "from": period[0],
            "to": period[1],
            "count": builder.tree.size,
            "root": builder.tree.root().hex(),
            "key": key.public_key().public_bytes_raw().hex(),
            "logs": {
                log: {
                    "first_seq": found.first_seq,
                    "first_prev": found.first_prev,
                    "last_seq": found.last_seq,
                    "last_hash": found.last_hash,
                    "count": found.count,
                }
                for log, found in builder.ranges.items()
            },
            "parts": {**digests, "entries.jsonl": entries_digest},
            "witnessed": False,
        },
        option=orjson.OPT_SORT_KEYS | orjson.OPT_INDENT_2,
    )


def _line(row: ExportRow) -> bytes:
    disclosure = disclosed(row.disclosure) if row.disclosure is not None else None
    return orjson.dumps({"leaf": row.leaf.decode(), "disclosure": disclosure}) + b"\n"


def _verifier() -> bytes:
    return files("gateway.evidence").joinpath("verify.py").read_bytes()


def _info(name: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name, date_time=_STAMP)
    info.compress_type = zipfile.ZIP_DEFLATED
    return info


class _Table:
    """The entries as CSV, safe to open in a spreadsheet: no cell is taken for a formula."""

    def __init__(self) -> None:
        self._out = io.StringIO()
        self._csv = csv.writer(self._out)
        self._csv.writerow(_COLUMNS)

    def add(self, row: ExportRow) -> None:
        leaf: dict[str, Any] = orjson.loads(row.leaf)
        values = values_of(row.disclosure) if row.disclosure is not None else {}
        merged = {
            **values,
            **{name: leaf[name] for name in ("time", "event", "request", "log", "seq")},
        }
        self._csv.writerow([_safe(merged.get(name, "")) for name in _COLUMNS])

    def bytes(self) -> bytes:
        return self._out.getvalue().encode()


def _safe(value: object) -> str:
    text = "" if value is None else str(value)
    return "'" + text if text.startswith(_FORMULA) else text
