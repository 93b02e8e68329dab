"""Whether the records in a snapshot explain it: asked before it is published and taken over."""

import math
from collections.abc import Callable, Sequence
from typing import Protocol

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from gateway.approvals.lines import Line
from gateway.approvals.objects import Objects, objects_of
from gateway.approvals.records import ChangeRecord, RecordError, read
from gateway.approvals.replay import unexplained
from gateway.approvals.signed import nonce_of
from gateway.core.snapshot import SignedChange, Snapshot

ReadAll = Callable[[Sequence[SignedChange]], Sequence[ChangeRecord]]
_NAMED = 3  # lines in a message


class Pins(Protocol):
    """What this gateway trusts of an issuer that signs approvals, whatever records say.

    After the change number ``since`` each approval needs a signature; None leaves that to records.
    """

    @property
    def since(self) -> int | None: ...

    def sign(self, raw: str, *, nonce: str, author: str) -> bool:
        """Whether a token signs what has the nonce, by another person than its author."""
        ...


class ProvenanceError(ValueError):
    """A snapshot holds what no one approved, or is older than the one in force."""

    def __init__(self, reason: str, lines: list[Line]) -> None:
        self.reason = reason
        self.lines = lines
        named = "; ".join(line.describe() for line in lines[:_NAMED])
        more = f"; {len(lines) - _NAMED} more" if len(lines) > _NAMED else ""
        super().__init__(f"{reason}: {named}{more}" if lines else reason)


def is_of_older_version(snapshot: Snapshot) -> bool:
    """Whether a control plane signed it that did not record changes yet."""
    return snapshot.number == 0 and not snapshot.changes


def check_provenance(
    snapshot: Snapshot,
    before: Snapshot | None,
    key: Ed25519PublicKey,
    *,
    one_person: bool,
    objects: Callable[[Snapshot], Objects] = objects_of,
    read_all: ReadAll | None = None,
    pins: Pins | None = None,
) -> None:
    """Check that records explain every widening since ``before``; without it, since nothing.

    ``objects`` and ``read_all`` may keep what they made of the same snapshot and records before.
    Since an issuer signs approvals each of them needs a signature; with ``pins``, one of theirs.

    Raises:
        ProvenanceError: names the lines that no record explains.
    """
    since = before.number if before else 0
    if snapshot.number < since:
        raise ProvenanceError(
            f"change {snapshot.number} is older than change {since}, which is in force: the "
            "database was set back",
            [],
        )
    try:
        records = (
            read_all(snapshot.changes)
            if read_all
            else [read(one, [key]) for one in snapshot.changes]
        )
    except RecordError as error:
        raise ProvenanceError(str(error), []) from error
    unsigned_until = _unsigned_until(snapshot, before, records)
    if pins is not None and pins.since is not None:
        unsigned_until = min(unsigned_until, pins.since)
    lines = unexplained(
        objects(before) if before else {},
        objects(snapshot),
        records,
        since=since,
        one_person=one_person,
        # Records of an earlier release form no chains. The control plane of this one adopts what
        # they led to before it publishes anything.
        trusting=before is None and not any(record.links for record in records),
        may_count=lambda record, line: (
            record.number <= unsigned_until
            or (record.is_signed_for(line) and _is_pinned(record, pins))
        ),
    )
    if lines:
        pinned = " that a pinned key (SLUIS_ISSUER_KEYS) signed" if pins else ""
        raise ProvenanceError(f"no approved change{pinned} explains this", lines)


def _is_pinned(record: ChangeRecord, pins: Pins | None) -> bool:
    signed = record.signed
    if pins is None or signed is None:
        return pins is None
    return pins.sign(signed.token, nonce=nonce_of(signed.text), author=record.author)


def _unsigned_until(
    snapshot: Snapshot, before: Snapshot | None, records: Sequence[ChangeRecord]
) -> float:
    """The number of the last change whose approval needs no signature of an issuer."""
    if before and any(issuer.approvals for issuer in before.issuers):
        return before.number
    signing = [f"issuer/{one.name}/approvals" for one in snapshot.issuers if one.approvals]
    return min((_begun(line, records) for line in signing), default=math.inf)


def _begun(line: str, records: Sequence[ChangeRecord]) -> int:
    """The number of the last change before approvals were signed by what a line says.

    A change of what signs them is signed itself: only the one that begins it is not.
    """
    found = [one for one in records if line in one.lines]
    if not found:
        return 0
    newest = max(found, key=lambda one: one.number)
    return newest.number - bool(newest.links and newest.value_before(line))
