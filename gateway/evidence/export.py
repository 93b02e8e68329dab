"""An export: a zip file that proves a period to a reader who trusts only one public key."""

import base64
import hashlib
import zipfile
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path
from typing import Any

import orjson
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gateway.core.errors import TrailDamaged
from gateway.evidence.disclosure_profile import DisclosureProfile
from gateway.evidence.entries_csv import EntriesCsv
from gateway.evidence.entry import GENESIS, leaf_hash
from gateway.evidence.export_row import ExportRow, StoredBody, export_line
from gateway.evidence.governance_prefix import LOG, PART, PrefixRows, prefix_lines
from gateway.evidence.selection import ALL, Selection

FORMAT = "sluis-export-4"
LATE_MS = 5000  # entries are signed within this time; edges of a period reach as far
FORMATS = frozenset({"jsonl", "csv", "parquet", "pdf"})  # the caller makes the last two
_ZIP_TIME = (1980, 1, 1, 0, 0, 0)
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
Profile full: it holds the stored, redacted bodies. They are personal data: \
keep them as such, for no
longer than you need them, and give them to nobody who was not named \
in the request for this package.
Profiel volledig: de bewaarde, weggelakte teksten zitten erin. Dat zijn persoonsgegevens: \
bewaar ze zo,
niet langer dan nodig, en geef ze aan niemand die niet in het verzoek om dit pakket is genoemd.""",
}


@dataclass(frozen=True, slots=True)
class WitnessedCheckpoint:
    """A checkpoint that a witness holds, with the proof that its tree is a prefix of a larger one.

    ``note`` holds the witness's cosignatures as well; ``time`` is that of the checkpoint in epoch
    milliseconds.
    """

    witness: str
    size: int
    time: int
    note: str
    growth_proof: list[bytes]

    @property
    def claim(self) -> dict[str, str | int]:
        """Its entry in the manifest."""
        return {"name": self.witness, "size": self.size, "time": self.time}


@dataclass(frozen=True, slots=True)
class TimestampToken:
    """A TSA's timestamp of a checkpoint's note; ``response`` is its response (RFC 3161, DER)."""

    checkpoint: WitnessedCheckpoint
    response: bytes


@dataclass(frozen=True, slots=True)
class RangeEdges:
    """The closed leaves just before and just after a range, which show where a period ends.

    ``outside`` are the heads of the largest subtrees outside the range and these leaves.
    """

    before: list[bytes]
    after: list[bytes]
    outside: list[bytes]

    def document(self) -> dict[str, Any]:
        """Returns the proof, for JSON."""
        return {"before": len(self.before), "outside": _hex(self.outside)}

    def lines(self) -> bytes:
        """Returns the leaves, one a line."""
        return b"".join(leaf + b"\n" for leaf in (*self.before, *self.after))


@dataclass(frozen=True, slots=True)
class LogRange:
    """The entries ``first`` to ``end`` of the Merkle log, with the proof that they are complete.

    ``note`` is the signed checkpoint of the tree of ``size`` entries. ``outside`` are the heads of
    the largest subtrees outside the range, left to right. ``older_note`` is an older checkpoint, or
    "", and ``growth_proof`` proves that its tree is a prefix of this one (RFC 6962, section 2.1.2).
    ``keys`` are the rotation notes between signing keys, or "".
    """

    first: int
    end: int
    size: int
    note: str
    outside: list[bytes]
    older_note: str
    growth_proof: list[bytes]
    witnessed_checkpoints: tuple[WitnessedCheckpoint, ...] = ()
    keys: str = ""
    stamps: tuple[TimestampToken, ...] = ()
    edges: RangeEdges | None = None

    @property
    def witnessed(self) -> bool:
        """Whether a witness holds a tree that includes the whole range."""
        return any(one.size >= self.end for one in self.witnessed_checkpoints)

    @property
    def root(self) -> bytes:
        """The tree head of the checkpoint."""
        return base64.b64decode(self.note.split("\n")[2])

    def document(self) -> bytes:
        """Returns the proofs, as JSON."""
        stamped = [stamp.checkpoint for stamp in self.stamps]
        document: dict[str, Any] = {
            "outside": _hex(self.outside),
            "grown": _hex(self.growth_proof),
            "seen": [_hex(one.growth_proof) for one in self.witnessed_checkpoints],
            "stamped": [_hex(one.growth_proof) for one in stamped],
        }
        if self.edges:
            document["edges"] = self.edges.document()
        return orjson.dumps(document)

    def parts(self) -> dict[str, bytes]:
        """Returns the parts of the package that prove the range, by name."""
        notes = {
            "checkpoint.txt": self.note,
            "before.txt": self.older_note,
            "witnessed.txt": "".join(one.note for one in self.witnessed_checkpoints),
            "keys.txt": self.keys,
        }
        parts = {name: text.encode() for name, text in notes.items() if text}
        for number, stamp in enumerate(self.stamps, 1):
            parts[f"timestamps/{number}.txt"] = stamp.checkpoint.note.encode()
            parts[f"timestamps/{number}.tsr"] = stamp.response
        if self.edges:
            parts["edges.jsonl"] = self.edges.lines()
        return {**parts, "proof.json": self.document()}


@dataclass(frozen=True, slots=True)
class PackageInfo:
    """A package's period and creation time (epoch milliseconds), its formats and its profile.

    The ``profile`` applies to the entries of the ``selection``. ``approval`` is the proposal by
    which a second person approved a full package.
    """

    period: tuple[int, int]
    created: int
    formats: frozenset[str]
    profile: DisclosureProfile = DisclosureProfile.PSEUDONYMISED
    approval: str | None = None
    selection: Selection = ALL


@dataclass(slots=True)
class _LogSummary:
    first_seq: int
    first_prev: str
    last_seq: int
    last_hash: str
    count: int = 0


@dataclass(frozen=True, slots=True)
class ExportResult:
    """A written package: numbers of entries, logs and stored bodies, and the tree head in hex.

    ``selected`` is the number of entries to which the profile applies.
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
    logs: dict[str, _LogSummary] = field(default_factory=dict)

    def add(self, row: ExportRow) -> dict[str, Any]:
        """Checks that an entry follows its predecessor; returns its leaf."""
        try:
            leaf: dict[str, Any] = orjson.loads(row.leaf)
        except orjson.JSONDecodeError as error:
            raise TrailDamaged(f"entry {row.seq} of log {row.log} cannot be read") from error
        digest = leaf_hash(row.leaf)
        if leaf["log"] != row.log or leaf["seq"] != row.seq:
            raise TrailDamaged(f"entry {row.seq} of log {row.log} is not in its place")
        known = self.logs.get(row.log)
        if known is None:
            if row.seq == 0 and leaf["prev"] != GENESIS:
                raise TrailDamaged(f"log {row.log} does not begin where it should")
            known = self.logs[row.log] = _LogSummary(row.seq, leaf["prev"], row.seq, digest)
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
    log_range: LogRange,
    info: PackageInfo,
    *,
    path: Path,
    key: Ed25519PrivateKey,
    attachments: Callable[[], Awaitable[Mapping[str, bytes]]] | None = None,
    prefix: PrefixRows | None = None,
    record: Callable[[ExportResult], Awaitable[None]] | None = None,
) -> ExportResult:
    """Writes a package for the entries of ``log_range``, in their order.

    The file appears only when it is complete and ``record`` has returned. ``attachments`` is called
    for further parts by name, after all entries have been read; ``prefix`` for the entries of the
    governance log before the first one of the range.

    Raises:
        TrailDamaged: when the entries are inconsistent; nothing is written.
    """
    builder = _Builder()
    draft = path.with_name(path.name + ".part")
    table = EntriesCsv(info.profile) if "csv" in info.formats else None
    try:
        with zipfile.ZipFile(draft, "w", zipfile.ZIP_DEFLATED) as package:
            digest = await _write_entries(package, rows, builder, info.profile, table)
            if builder.count != log_range.end - log_range.first:
                raise TrailDamaged("entries that are in the log are missing from the database")
            parts = {
                "README.txt": _README.format(name=path.name, about=_ABOUT[info.profile]).encode(),
                "verify.py": _verifier(),
            }
            if table:
                parts["entries.csv"] = table.bytes()
            parts.update(await attachments() if attachments else {})
            parts.update(log_range.parts())
            streamed = {"entries.jsonl": digest}
            if prefix:
                streamed.update(await _write_prefix(package, prefix, builder, info.profile))
            manifest = _manifest(builder, log_range, parts, streamed, info, key)
            parts["manifest.json"] = manifest
            parts["manifest.sig"] = key.sign(manifest).hex().encode()
            for name, data in sorted(parts.items()):
                package.writestr(_zip_info(name), data)
        result = ExportResult(
            builder.count,
            builder.selected,
            len(builder.logs),
            builder.bodies,
            log_range.root.hex(),
            path,
        )
        if record:
            await record(result)
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
    return result


async def _write_entries(
    package: zipfile.ZipFile,
    rows: AsyncIterator[ExportRow],
    builder: _Builder,
    profile: DisclosureProfile,
    table: EntriesCsv | None,
) -> str:
    """Writes all entries, as lines and into the table; returns the digest of the lines."""
    digest = hashlib.sha256()
    with package.open(_zip_info("entries.jsonl"), "w", force_zip64=True) as out:
        async for row in rows:
            leaf = builder.add(row)
            written = export_line(row, profile, sealed_body=leaf["payload"] is not None)
            digest.update(written)
            out.write(written)
            if table and row.selected:
                table.add(row, leaf)
    return digest.hexdigest()


async def _write_prefix(
    package: zipfile.ZipFile, prefix: PrefixRows, builder: _Builder, profile: DisclosureProfile
) -> dict[str, str]:
    """Writes the governance log before the range, if there is any; returns the part's digest."""
    known = builder.logs.get(LOG)
    if known is None or known.first_seq == 0:
        return {}
    digest = hashlib.sha256()
    with package.open(_zip_info(PART), "w", force_zip64=True) as out:
        lines = prefix_lines(prefix(known.first_seq), profile, end=known.first_prev)
        async for line in lines:
            digest.update(line)
            out.write(line)
    return {PART: digest.hexdigest()}


def _manifest(
    builder: _Builder,
    log_range: LogRange,
    parts: dict[str, bytes],
    streamed: Mapping[str, str],
    info: PackageInfo,
    key: Ed25519PrivateKey,
) -> bytes:
    digests = {name: hashlib.sha256(data).hexdigest() for name, data in parts.items()}
    return orjson.dumps(
        {
            "format": FORMAT,
            "profile": info.profile.value,
            "fields": info.profile.fields,
            "approval": info.approval,
            "where": info.selection.document(),
            "created": info.created,
            "from": info.period[0],
            "to": info.period[1],
            "first": log_range.first,
            "count": builder.count,
            "size": log_range.size,
            "root": log_range.root.hex(),
            "key": key.public_key().public_bytes_raw().hex(),
            "logs": {
                log: {
                    "first_seq": summary.first_seq,
                    "first_prev": summary.first_prev,
                    "last_seq": summary.last_seq,
                    "last_hash": summary.last_hash,
                    "count": summary.count,
                }
                for log, summary in builder.logs.items()
            },
            "parts": {**digests, **streamed},
            "witnessed": log_range.witnessed,
            "witnesses": [one.claim for one in log_range.witnessed_checkpoints],
            "timestamps": [stamp.checkpoint.claim for stamp in log_range.stamps],
        },
        option=orjson.OPT_SORT_KEYS | orjson.OPT_INDENT_2,
    )


def _verifier() -> bytes:
    return files("gateway.evidence").joinpath("verify.py").read_bytes()


def _hex(nodes: list[bytes]) -> list[str]:
    return [node.hex() for node in nodes]


def _zip_info(name: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name, date_time=_ZIP_TIME)
    info.compress_type = zipfile.ZIP_DEFLATED
    return info
