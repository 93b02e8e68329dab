"""Signed records of changes: who made and who approved each line that is in force.

The control plane signs a record within the transaction of the change. A snapshot carries the newest
record of each line. So a value that came into the database by another way, or that an older backup
brought back, has no record, and no one takes it over.
"""

import base64
from collections.abc import Collection, Iterable, Mapping, Sequence

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from gateway.approvals.lines import Line, lines_between
from gateway.approvals.objects import Objects
from gateway.core.snapshot import SignedChange

_DOMAIN = b"sluis change record 1\n"
ONE, TWO, ALONE = "one-person", "two-persons", "alone"
BOOTSTRAP, ADOPTED, RELEASE = "bootstrap", "adopted", "release"
OWNER, SELF_SERVICE, EVALUATION = "owner", "self-service", "evaluation"
# What may be widened on a basis, by kind and field; None is everything. With `release` come models
# and policies of the package; an owner rotates the own key; another person approved the bounds of
# self-service with the team; the key of an evaluation reaches one model version alone, and other
# persons approved the clearance of its deployments.
_BASES: Mapping[str, Collection[str] | None] = {
    TWO: None,
    ALONE: None,
    BOOTSTRAP: None,
    ADOPTED: None,
    RELEASE: frozenset({"model.state", "policy.digest"}),
    OWNER: frozenset({"admin_key.digest"}),
    SELF_SERVICE: frozenset({"key.clearance"}),
    EVALUATION: frozenset({"key.clearance"}),
    ONE: frozenset(),
}


class ChangeRecord(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """One change; ``lines`` has the digest of the new value of each line, ``at`` epoch seconds.

    ``number`` counts the changes of an installation. ``author`` and ``approver`` are persons.
    """

    number: int
    at: float
    basis: str
    lines: dict[str, str]
    author: str
    approver: str | None = None
    proposal: str | None = None


class RecordError(ValueError):
    """A record is damaged, or another key signed it."""


def sign(record: ChangeRecord, key: Ed25519PrivateKey) -> SignedChange:
    """The record under a signature of its own kind."""
    document = msgspec.json.encode(record, order="sorted")
    signature = base64.b64encode(key.sign(_DOMAIN + document)).decode()
    return SignedChange(document.decode(), signature)


def read(signed: SignedChange, keys: Iterable[Ed25519PublicKey]) -> ChangeRecord:
    """The record that one of the keys signed.

    Raises:
        RecordError: when none of them did, or it cannot be read.
    """
    document = signed.document.encode()
    for key in keys:
        try:
            key.verify(base64.b64decode(signed.signature, validate=True), _DOMAIN + document)
            return msgspec.json.decode(document, type=ChangeRecord)
        except InvalidSignature:
            continue
        except (ValueError, msgspec.MsgspecError) as error:
            raise RecordError("a record of a change cannot be read") from error
    raise RecordError("a record of a change was not signed by this installation")


def permits(record: ChangeRecord, line: Line, *, one_person: bool) -> bool:
    """Whether a record is enough for a line.

    ``one_person`` accepts what one person decided while there was no other.
    """
    if record.lines.get(line.id) != line.digest:
        return False
    if not line.widens:
        return True
    if record.basis == TWO and (not record.approver or record.approver == record.author):
        return False
    if record.basis == ALONE and not one_person:
        return False
    permitted = _BASES.get(record.basis, frozenset())
    return permitted is None or f"{line.kind}.{line.field}" in permitted


def unexplained(
    before: Objects,
    after: Objects,
    records: Sequence[ChangeRecord],
    *,
    since: int,
    one_person: bool,
) -> list[Line]:
    """The lines that no record after number ``since`` permits.

    Narrowing needs none. Of several records with the same line only the newest counts.
    """
    newest: dict[str, ChangeRecord] = {}
    for record in sorted(records, key=lambda one: one.number):
        if record.number > since:
            newest |= dict.fromkeys(record.lines, record)
    return [
        line
        for line in lines_between(before, after)
        if line.effect
        and not (line.id in newest and permits(newest[line.id], line, one_person=one_person))
    ]
