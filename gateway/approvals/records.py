"""Signed records of changes: who made and who approved each line that is in force.

The control plane signs a record within the transaction of the change. A snapshot carries the
records of each line since it was last widened. Replayed in order they lead to the value in force. A
value that came into the database by another way, or that an older backup brought back, is not where
they lead, and no one takes it over.
"""

import base64
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from gateway.approvals.agreements import Agreement
from gateway.approvals.lines import OBJECT, Line
from gateway.approvals.mandates import MandateUse
from gateway.approvals.signed import SignedApproval
from gateway.core.objects.mandates import MANDATE
from gateway.core.snapshot import SignedChange
from gateway.core.text.look_alikes import name_forms

_DOMAIN = b"sluis change record 1\n"
ONE, TWO, ALONE = "one-person", "two-persons", "alone"
BOOTSTRAP, ADOPTED, RELEASE = "bootstrap", "adopted", "release"
OWNER, SELF_SERVICE, EVALUATION = "owner", "self-service", "evaluation"
RECOVERY = "recovery"  # two persons gave the codes that they made for it
FIRST_OWNER = "first-owner"  # named on the machine, for a key from before keys had owners
# Keys for which other persons approved bounds of their own: those of the team do not count.
OWN_BOUNDS = frozenset({SELF_SERVICE, EVALUATION})
_OF_SECRET = ("digest", "former", "former_until", "issued_by")
BEFORE = "<"  # begins the id of a line under which a record holds the value before
_NONE = "null"  # such a value where there was none
# What may be widened on a basis, by kind and field; None is everything. With `release` come models
# and policies of the package; an owner rotates the own key; another person approved the bounds of
# self-service with the team; the key of an evaluation reaches one model version alone, and other
# persons approved the clearance of its deployments. A first owner takes the place of no other. What
# a mandate permits, its grants say.
_BASES: Mapping[str, Collection[str] | None] = {
    TWO: None,
    ALONE: None,
    RECOVERY: None,
    BOOTSTRAP: None,
    ADOPTED: None,
    RELEASE: frozenset({"model.state", "policy.digest"}),
    OWNER: frozenset(f"admin_key.{name}" for name in _OF_SECRET),
    FIRST_OWNER: frozenset({"admin_key.owner"}),
    SELF_SERVICE: frozenset({"key.clearance"}),
    EVALUATION: frozenset({"key.clearance"}),
    MANDATE: None,
    ONE: frozenset(),
}


class ChangeRecord(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """One change; ``at`` is epoch seconds.

    ``lines`` has the digest of the new value of each line by its id, and under the id after ``<``
    the value before, as JSON: the records of a line form a chain. ``number`` counts the changes of
    an installation. ``author`` and ``approver`` are persons. ``signed`` is the sign-on of the
    approver, where there is one. ``agreement`` says who else agreed that a use case starts, and
    ``mandate`` under which the author acted alone.
    """

    number: int
    at: float
    basis: str
    lines: dict[str, str]
    author: str
    approver: str | None = None
    proposal: str | None = None
    signed: SignedApproval | None = None
    agreement: Agreement | None = None
    mandate: MandateUse | None = None

    def is_signed_for(self, line: str) -> bool:
        """Whether the approver signed the value that it gives to a line."""
        if self.signed is None:
            return False
        said = self.signed.approval
        same = (said.author, said.approver, said.proposal)
        return said.lines.get(line) == self.lines[line] and same == (
            self.author,
            self.approver,
            self.proposal,
        )

    @property
    def links(self) -> bool:
        """Whether it holds values before. Those of earlier releases do not."""
        return any(line.startswith(BEFORE) for line in self.lines)

    def value_before(self, line: str) -> Any:
        """The value that a line replaced.

        Raises:
            KeyError: when it is not in the record.
        """
        return msgspec.json.decode(self.lines[BEFORE + line])

    @property
    def changed(self) -> Iterator[str]:
        """The ids of its lines."""
        return (line for line in self.lines if not line.startswith(BEFORE))


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


def digests_of(lines: Iterable[Line]) -> dict[str, str]:
    """What a record says of lines."""
    digests: dict[str, str] = {}
    for line in lines:
        digests[line.id] = line.digest
        if line.field != OBJECT:
            digests[BEFORE + line.id] = msgspec.json.encode(line.before, order="sorted").decode()
    return digests


def permits(record: ChangeRecord, line: Line, *, one_person: bool) -> bool:
    """Whether a record is enough for a line.

    ``one_person`` accepts what one person decided while there was no other.
    """
    if record.lines.get(line.id) != line.digest:
        return False
    return not line.widens or decides(record, line, one_person=one_person)


def _of_two(record: ChangeRecord) -> bool:
    author, approver = name_forms(record.author), name_forms(record.approver or "")
    return bool(record.approver) and not author & approver


def is_agreed(record: ChangeRecord, use_case: str) -> bool:
    """Whether the persons of a record are those without whom no use case starts."""
    agreement = record.agreement
    return agreement is not None and agreement.holds(use_case, record.author, record.approver or "")


def _is_covered(record: ChangeRecord, line: Line) -> bool:
    use = record.mandate
    place = (line.kind, line.name, line.field)
    return use is not None and use.covers(*place, line.after, record.at)


def decides(record: ChangeRecord, line: Line, *, one_person: bool) -> bool:
    """Whether the basis of a record is enough to widen a field."""
    if record.basis in {TWO, RECOVERY} and not _of_two(record):
        return False
    if record.basis == TWO and line.starts and not is_agreed(record, line.name):
        return False
    if line.kind == MANDATE and record.basis != TWO:
        return False  # two persons give it, whatever else one may decide
    if record.basis == MANDATE and not _is_covered(record, line):
        return False
    if record.basis == ALONE and not one_person:
        return False
    if record.basis == FIRST_OWNER and (line.before or record.lines.get(BEFORE + line.id) != _NONE):
        return False
    permitted = _BASES.get(record.basis, frozenset())
    return permitted is None or f"{line.kind}.{line.field}" in permitted
