"""Whether the records in a snapshot explain it: asked before it is published and taken over."""

from collections.abc import Callable, Sequence

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from gateway.approvals.lines import Line
from gateway.approvals.objects import Objects, objects_of
from gateway.approvals.records import ChangeRecord, RecordError, read, unexplained
from gateway.core.snapshot import SignedChange, Snapshot

ReadAll = Callable[[Sequence[SignedChange]], Sequence[ChangeRecord]]
_NAMED = 3  # lines in a message


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
) -> None:
    """Check that records explain every widening since ``before``; without it, since nothing.

    ``objects`` and ``read_all`` may keep what they made of the same snapshot and records before.

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
    lines = unexplained(
        objects(before) if before else {},
        objects(snapshot),
        records,
        since=since,
        one_person=one_person,
        # Records of an earlier release form no chains. The control plane of this one adopts what
        # they led to before it publishes anything.
        trusting=before is None and not any(record.links for record in records),
    )
    if lines:
        raise ProvenanceError("no approved change explains this", lines)
