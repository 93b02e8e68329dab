"""An export: a zip that proves a period to someone who trusts nobody but one public key."""

import base64
import csv
import hashlib
import io
import zipfile
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path
from typing import Any

import orjson
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gateway.core.errors import TrailDamaged
from gateway.core.text.spreadsheet import safe_cell
from gateway.evidence.disclosure_profile import DisclosureProfile
from gateway.evidence.entry import GENESIS, leaf_hash, values_of
from gateway.evidence.export_row import ExportRow, StoredBody, line
from gateway.evidence.selection import ALL, Selection

FORMAT = "sluis-export-4"
FORMATS = frozenset({"jsonl", "csv", "parquet", "pdf"})  # the last two come from the caller
_STAMP = (1980, 1, 1, 0, 0, 0)
_COLUMNS = (
    "time",
    "event",
    "request",
    "principal",
    "team",
    "model",
    "deployment",
    "zone",
    "level",
    "outcome",
    "redacted",
    "input_tokens",
    "output_tokens",
    "cost_micros",
    "log",
    "seq",
    "gone",
    "gone_entry",
)
_OF_LEAF = ("time", "event", "request", "log", "seq")
_README = """\
This package proves what the gateway recorded in a period.

  python3 verify.py {name} --key signing.pub

verify.py needs Python 3.9 or later and nothing else. Use the copy of verify.py and of the public
key that the operator gave you earlier, not the ones in this package: a key inside a package proves
nothing. Exit codes: 0 holds, 1 tampered, 2 incomplete, 3 unknown key.

Dit pakket bewijst wat de gateway in een periode heeft vastgelegd. Gebruik het script en de openbare
sleutel die u eerder van de beheerder kreeg.

{about}
"""
_ABOUT = {
    DisclosureProfile.METADATA: """\
Profile metadata: values that could point at a person are withheld.
Profiel metadata: waarden die naar een persoon kunnen wijzen zijn achtergehouden.""",
    DisclosureProfile.PSEUDONYMISED: """\
Profile pseudonymised: people stand in it under pseudonyms, which are personal data.
Profiel gepseudonimiseerd: personen staan erin onder een pseudoniem; dat zijn persoonsgegevens.""",
    DisclosureProfile.FULL: """\
Profile full: it holds the stored, redacted bodies. They are personal data: keep them as such, for no
longer than you need them, and give them to nobody who was not named in the request for this package.
Profiel volledig: de bewaarde, weggelakte teksten zitten erin. Dat zijn persoonsgegevens: bewaar ze zo,
niet langer dan nodig, en geef ze aan niemand die niet in het verzoek om dit pakket is genoemd.""",
}


@dataclass(frozen=True, slots=True)
class WitnessedCheckpoint:
    """A checkpoint that a witness saw, and the proof that its tree is a beginning of a larger one.

    ``note`` holds the cosignatures as well, where the witness gives them; ``time`` is that of the
    checkpoint in epoch milliseconds.
    """

    witness: str
    size: int
    time: int
    note: str
    grown: list[bytes]

    @property
    def claim(self) -> dict[str, str | int]:
        """What the manifest says of it."""
        return {"name": self.witness, "size": self.size, "time": self.time}


@dataclass(frozen=True, slots=True)
class TimestampToken:
    """That a TSA stamped the note of a checkpoint; ``answer`` is all that it sent (RFC 3161, DER)."""

    over: WitnessedCheckpoint
    answer: bytes


@dataclass(frozen=True, slots=True)
class LogRange:
    """The entries ``first`` to ``end`` of the Merkle log, and what proves that it is all of them.

    ``note`` is the signed checkpoint of the tree of ``size`` entries; ``outside`` the heads of the
    largest subtrees beside the range, left to right; ``before`` an older checkpoint, or "", and
    ``grown`` the proof that its tree is a beginning of this one (RFC 6962, section 2.1.2); ``seen``
    what witnesses know of it, ``stamps`` what TSAs do. ``keys`` are the links between signing keys, or "".
    """

    first: int
    end: int
    size: int
    note: str
    outside: list[bytes]
    before: str
    grown: list[bytes]
    seen: tuple[WitnessedCheckpoint, ...] = ()
    keys: str = ""
    stamps: tuple[TimestampToken, ...] = ()

    @property
    def witnessed(self) -> bool:
        """Whether some witness saw a tree that holds the whole range."""
        return any(seen.size >= self.end for seen in self.seen)

    @property
    def root(self) -> bytes:
        """The tree head of the checkpoint."""
        return base64.b64decode(self.note.split("\n")[2])

    def document(self) -> bytes:
        """The proofs, as JSON."""
        return orjson.dumps({
            "outside": [node.hex() for node in self.outside],
            "grown": [node.hex() for node in self.grown],
            "seen": [[node.hex() for node in seen.grown] for seen in self.seen],
            "stamped": [[node.hex() for node in stamp.over.grown] for stamp in self.stamps],
        })

    def parts(self) -> dict[str, bytes]:
        """All that proves the range, by name."""
        notes = {
            "checkpoint.txt": self.note,
            "before.txt": self.before,
            "witnessed.txt": "".join(seen.note for seen in self.seen),
            "keys.txt": self.keys,
        }
        given = {name: text.encode() for name, text in notes.items() if text}
        for number, stamp in enumerate(self.stamps, 1):
            given[f"timestamps/{number}.txt"] = stamp.over.note.encode()
            given[f"timestamps/{number}.tsr"] = stamp.answer
        return {**given, "proof.json": self.document()}


@dataclass(frozen=True, slots=True)
class PackageInfo:
    """What a package is: its period and when it was made (epoch milliseconds), forms, how much it opens.

    The ``profile`` holds for the entries of the ``selection``. ``approval`` is the proposal by which a second person released a full one.
    """

    period: tuple[int, int]
    created: int
    formats: frozenset[str]
    profile: DisclosureProfile = DisclosureProfile.PSEUDONYMISED
    approval: str | None = None
    selection: Selection = ALL


@dataclass(slots=True)
class _LogRange:
    first_seq: int
    first_prev: str
    last_seq: int
    last_hash: str
    count: int = 0


@dataclass(frozen=True, slots=True)
class ExportResult:
    """What was written: number of entries, logs and stored bodies, and the tree head in hex.

    ``selected`` is how many of the entries are opened as the profile says.
    """

    entries: int
    selected: int
    logs: int
    bodies: int
    root: str
    path: Path


@dataclass(slots=True)
class _Builder:
    count: int = 0
    selected: int = 0
    bodies: int = 0
    ranges: dict[str, _LogRange] = field(default_factory=dict)

    def add(self, row: ExportRow) -> dict[str, Any]:
        """Checks that an entry follows its forerunner; gives its leaf."""
        try:
            leaf: dict[str, Any] = orjson.loads(row.leaf)
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
        self.count += 1
        self.selected += row.selected
        self.bodies += row.selected and isinstance(row.body, StoredBody)
        return leaf


async def write_export(
    rows: AsyncIterator[ExportRow],
    part: LogRange,
    about: PackageInfo,
    *,
    path: Path,
    key: Ed25519PrivateKey,
    more: Callable[[], Awaitable[Mapping[str, bytes]]] | None = None,
    record: Callable[[ExportResult], Awaitable[None]] | None = None,
) -> ExportResult:
    """Writes a package for the entries of ``part``, in their order.

    The file appears only when it is complete and ``record`` has put it on record. ``more`` is asked
    for further parts by name, once all entries were read.

    Raises:
        TrailDamaged: when the entries do not hold together; nothing is written.
    """
    builder = _Builder()
    draft = path.with_name(path.name + ".part")
    table = _Table(about.profile) if "csv" in about.formats else None
    try:
        with zipfile.ZipFile(draft, "w", zipfile.ZIP_DEFLATED) as package:
            digest = await _write_entries(package, rows, builder, about.profile, table)
            if builder.count != part.end - part.first:
                raise TrailDamaged("entries that are in the log are missing from the database")
            parts = {
                "README.txt": _README.format(name=path.name, about=_ABOUT[about.profile]).encode(),
                "verify.py": _verifier(),
            }
            if table:
                parts["entries.csv"] = table.bytes()
            parts.update(await more() if more else {})
            parts.update(part.parts())
            manifest = _manifest(builder, part, parts, digest, about, key)
            parts["manifest.json"] = manifest
            parts["manifest.sig"] = key.sign(manifest).hex().encode()
            for name, data in sorted(parts.items()):
                package.writestr(_info(name), data)
        done = ExportResult(
            builder.count,
            builder.selected,
            len(builder.ranges),
            builder.bodies,
            part.root.hex(),
            path,
        )
        if record:
            await record(done)
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
    return done


async def _write_entries(
    package: zipfile.ZipFile,
    rows: AsyncIterator[ExportRow],
    builder: _Builder,
    profile: DisclosureProfile,
    table: "_Table | None",
) -> str:
    """Writes all entries, as lines and into the table; gives the digest of the lines."""
    digest = hashlib.sha256()
    with package.open(_info("entries.jsonl"), "w", force_zip64=True) as out:
        async for row in rows:
            leaf = builder.add(row)
            written = line(row, profile, sealed_body=leaf["payload"] is not None)
            digest.update(written)
            out.write(written)
            if table and row.selected:
                table.add(row, leaf)
    return digest.hexdigest()


def _manifest(
    builder: _Builder,
    part: LogRange,
    parts: dict[str, bytes],
    entries_digest: str,
    about: PackageInfo,
    key: Ed25519PrivateKey,
) -> bytes:
    digests = {name: hashlib.sha256(data).hexdigest() for name, data in parts.items()}
    return orjson.dumps(
        {
            "format": FORMAT,
            "profile": about.profile.value,
            "fields": about.profile.fields,
            "approval": about.approval,
            "where": about.selection.document(),
            "created": about.created,
            "from": about.period[0],
            "to": about.period[1],
            "first": part.first,
            "count": builder.count,
            "size": part.size,
            "root": part.root.hex(),
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
            "witnessed": part.witnessed,
            "witnesses": [seen.claim for seen in part.seen],
            "timestamps": [stamp.over.claim for stamp in part.stamps],
        },
        option=orjson.OPT_SORT_KEYS | orjson.OPT_INDENT_2,
    )


def _verifier() -> bytes:
    return files("gateway.evidence").joinpath("verify.py").read_bytes()


def _info(name: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name, date_time=_STAMP)
    info.compress_type = zipfile.ZIP_DEFLATED
    return info


class _Table:
    """The entries as CSV, safe to open in a spreadsheet: no cell is taken for a formula.

    Columns of fields that the profile withholds are left out.
    """

    def __init__(self, profile: DisclosureProfile) -> None:
        kept = {*_OF_LEAF, "gone", "gone_entry"}
        self._columns = [name for name in _COLUMNS if name in kept or profile.opens(name)]
        self._out = io.StringIO()
        self._csv = csv.writer(self._out)
        self._csv.writerow(self._columns)

    def add(self, row: ExportRow, leaf: Mapping[str, Any]) -> None:
        """One entry; of its values only those of a column are written."""
        told: dict[str, Any] = {}
        if row.disclosure is None:
            told = {"gone": row.gone.kind, "gone_entry": row.gone.entry}
        else:
            told |= values_of(row.disclosure)
        told |= {name: leaf[name] for name in _OF_LEAF}
        self._csv.writerow([safe_cell(told.get(name, "")) for name in self._columns])

    def bytes(self) -> bytes:
        return self._out.getvalue().encode()
