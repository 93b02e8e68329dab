"""Exports without a database: a log in memory, its checkpoints, witnesses, and packages of it."""

import asyncio
import base64
import copy
import hashlib
import json
from collections.abc import AsyncIterator, Collection, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from gateway.evidence import merkle
from gateway.evidence.checkpoint import checkpoint, key_id, origin_of, parse_notes
from gateway.evidence.disclosure_profile import DisclosureProfile
from gateway.evidence.entry import GENESIS, Entry, Value, seal
from gateway.evidence.export import (
    LATE_MS,
    LogRange,
    PackageInfo,
    RangeEdges,
    TimestampToken,
    WitnessedCheckpoint,
    write_export,
)
from gateway.evidence.export_row import MISSING, Deletion, ExportRow, StoredBody
from gateway.evidence.key_chain import rotation_note
from gateway.evidence.payload import commitment_of
from gateway.evidence.selection import ALL, Selection
from gateway.evidence.tiles import Edge, TilePosition, node_in
from gateway.evidence.witness import COSIGNATURE, WitnessKey, message
from tests.support.entries import leaf

NOW = 1_700_000_000_000


def key(number: int) -> Ed25519PrivateKey:
    """The same key for the same number."""
    return Ed25519PrivateKey.from_private_bytes(bytes([number] * 32))


def public(one: Ed25519PrivateKey) -> bytes:
    return one.public_key().public_bytes_raw()


def cosignature(note: str, name: str, signer: Ed25519PrivateKey, time: int) -> str:
    """The line that a witness adds to a checkpoint."""
    (found,) = parse_notes(note)
    signed = time.to_bytes(8, "big") + signer.sign(message(found.body, time))
    blob = key_id(name, public(signer), COSIGNATURE) + signed
    return f"— {name} {base64.b64encode(blob).decode()}\n"


def witness_key(name: str, signer: Ed25519PrivateKey) -> str:
    return str(WitnessKey(name, public(signer)))


@dataclass
class Log:
    """A log of two processes that write in turn; every entry is in the tree at once."""

    signing: Ed25519PrivateKey = field(default_factory=lambda: key(1))
    origin: str = ""
    links: list[str] = field(default_factory=list)
    rows: list[ExportRow] = field(default_factory=list)
    note: str = "n"
    clock: int = NOW  # epoch milliseconds of the first entry
    _edge: Edge = field(default_factory=Edge)
    _tiles: dict[TilePosition, bytes] = field(default_factory=dict)
    _heads: dict[str, tuple[int, str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.origin = self.origin or origin_of(public(self.signing))

    def add(self, count: int, *, erased: Collection[int] = ()) -> "Log":
        """Entries; ``erased`` are indexes in the log."""
        for index in range(len(self.rows), len(self.rows) + count):
            fields: dict[str, Value] = {
                "principal": "k_app",
                "team": "support",
                "purpose": "service",
                "model": "assistant",
                "zone": "eu",
                "level": "internal",
                "findings": {"BSN": 1},
                "masked": index % 2 == 0,
                "input_tokens": index,
                "cost_micros": 5,
                "reason": f"é {self.note} {index}",
            }
            if index % 7 == 3:
                fields = {}
            log = f"gateway/{'ab'[index % 3 == 1]}"
            self.entry("request:answer:close", fields, log=log, kept=index not in erased)
        return self

    def entry(
        self,
        event: str,
        fields: dict[str, Value],
        *,
        log: str = "control",
        kept: bool = True,
        gone: Deletion = MISSING,
        body: bytes | Deletion | None = None,
        bundle: str = "sha256:b",
        request: str | None = None,
    ) -> int:
        """One entry; gives its number in its log. Where it is not ``kept``, ``gone`` says why.

        ``body`` is a stored body, or how one is gone.
        """
        index = len(self.rows)
        seq, prev = self._heads.get(log, (0, GENESIS))
        request = f"{index:032x}" if request is None else request
        text = body if isinstance(body, bytes) else b"[]"
        known, sealed_body = _sealed_body(index, text, request)
        payload = (
            {}
            if body is None
            else {"payload": sealed_body, "payload_key": commitment_of(known.key)}
        )
        one = Entry(event, request, self.clock + index, fields, bundle, **payload)  # type: ignore[arg-type]
        sealed = seal(one, log=log, seq=seq, prev=prev, seed=f"{index:032x}")
        self._heads[log] = (seq + 1, sealed.hash)
        disclosure = sealed.disclosure if kept else None
        stored = known if isinstance(body, bytes) else body
        self.rows.append(ExportRow(log, seq, leaf(log, sealed), disclosure, gone, stored))
        for place in self._edge.append([bytes.fromhex(sealed.hash)]):
            self._tiles[place] = bytes(self._edge.tiles[place])
        return seq

    @property
    def size(self) -> int:
        return len(self.rows)

    def node(self, level: int, index: int) -> bytes:
        return node_in(self._tiles, level, index)

    def root(self, size: int) -> bytes:
        return merkle.head(self.node, size)

    def checkpoint(self, size: int | None = None) -> str:
        """A signed head, by default over all there is."""
        size = self.size if size is None else size
        return checkpoint(origin=self.origin, size=size, root=self.root(size), key=self.signing)

    def rotate(self, new: Ed25519PrivateKey) -> None:
        """Signs with another key from now on."""
        self.links.append(
            rotation_note(origin=self.origin, old=self.signing, new=new, time=NOW // 1000)
        )
        self.signing = new

    def witnessed(self, witness: str, size: int, lines: str = "") -> WitnessedCheckpoint:
        """A checkpoint that a witness holds, with its growth proof."""
        grown = merkle.consistency_proof(self.node, size, self.size)
        return WitnessedCheckpoint(witness, size, NOW + size, self.checkpoint(size) + lines, grown)

    def slice(
        self,
        first: int,
        end: int,
        *,
        before: str = "",
        witnessed: Collection[WitnessedCheckpoint] = (),
        stamps: Collection[TimestampToken] = (),
    ) -> LogRange:
        """A range of the log under its newest checkpoint."""
        old = int(before.split("\n")[1]) if before else 0
        return LogRange(
            first,
            end,
            self.size,
            self.checkpoint(),
            merkle.outside_heads(self.node, first, end, self.size),
            before,
            merkle.consistency_proof(self.node, old, self.size),
            tuple(witnessed),
            "".join(self.links),
            tuple(stamps),
        )

    def edges(self, first: int, end: int, period: tuple[int, int]) -> RangeEdges:
        """The leaves around a range, as far as they show where a period ends."""
        times = [int(json.loads(row.leaf)["time"]) for row in self.rows]
        low, high = first, end
        while low and (low == first or times[low] >= period[0] - LATE_MS):
            low -= 1
        while high < self.size and (high == end or times[high - 1] < period[1] + LATE_MS):
            high += 1
        return self.edges_between(low, first, end, high)

    def edges_between(self, low: int, first: int, end: int, high: int) -> RangeEdges:
        """The leaves from ``low`` to a range, and from its end to ``high``."""
        leaves = [row.leaf for row in self.rows]
        outside = merkle.outside_heads(self.node, low, high, self.size)
        return RangeEdges(leaves[low:first], leaves[end:high], outside)

    def whole(self, path: Path, first: int = 0, **package: Any) -> Path:
        """Writes an export of all from ``first`` on, with the edges that prove its period."""
        later = replace(
            self,
            rows=list(self.rows),
            _edge=copy.deepcopy(self._edge),
            _tiles=dict(self._tiles),
            _heads=dict(self._heads),
        )
        period = NOW + first, NOW + self.size
        later.clock = NOW + LATE_MS
        later.entry("trail:log:open", {}, log="gateway/later")
        return later.package(path, first, self.size, period=period, edges=True, **package)

    def package(
        self,
        path: Path,
        first: int = 0,
        end: int | None = None,
        *,
        before: str = "",
        witnessed: Collection[WitnessedCheckpoint] = (),
        formats: Collection[str] = ("jsonl",),
        profile: DisclosureProfile = DisclosureProfile.PSEUDONYMISED,
        more: Mapping[str, bytes] | None = None,
        selection: Selection = ALL,
        stamps: Collection[TimestampToken] = (),
        prefix: bool = True,
        period: tuple[int, int] = (NOW, NOW + 10**6),
        edges: bool = False,
    ) -> Path:
        """Writes an export of a range; ``more`` are further parts.

        Without ``prefix`` it is as those from before packages held the governance log, and without
        ``edges`` as those from before they held the entries around a period.
        """
        end = self.size if end is None else end

        async def rows() -> AsyncIterator[ExportRow]:
            for row in self.rows[first:end]:
                yield selection.mark(row)

        async def earlier(end: int) -> AsyncIterator[ExportRow]:
            for row in self.rows:
                if row.log == "control" and row.seq < end:
                    yield row

        async def further() -> Mapping[str, bytes]:
            return more or {}

        about = PackageInfo(
            period,
            NOW,
            frozenset(formats),
            profile,
            "prop1" if profile is DisclosureProfile.FULL else None,
            selection,
        )
        part = self.slice(first, end, before=before, witnessed=witnessed, stamps=stamps)
        if edges:
            part = replace(part, edges=self.edges(first, end, period))
        asyncio.run(
            write_export(
                rows(),
                part,
                about,
                path=path,
                key=self.signing,
                attachments=further,
                prefix=earlier if prefix and not selection else None,
            )
        )
        return path


def _sealed_body(index: int, text: bytes, request: str) -> tuple[StoredBody, bytes]:
    """A body with the data that binds it to its entry, and its stored ciphertext."""
    digest = hashlib.sha512(b"%d" % index).digest()
    key, nonce = digest[:32], digest[32:44]
    sealed = nonce + AESGCM(key).encrypt(nonce, text, request.encode())
    return StoredBody(key, nonce + sealed[-16:], text), sealed


def key_file(folder: Path, one: Ed25519PrivateKey, name: str = "signing.pub") -> Path:
    """A file with a public key, as an operator hands it out."""
    path = folder / name
    path.write_text(public(one).hex() + "\n", encoding="ascii")
    return path
