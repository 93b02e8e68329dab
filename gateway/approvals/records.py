"""Signed records of changes: who made and who approved each line that is in force.

The control plane signs a record within the transaction of the change. A snapshot carries the
records of each line since it was last widened. Replayed in order they lead to the value in force. A
value that came into the database by another way, or that an older backup brought back, is not where
they lead, and no one takes it over.
"""

import base64
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from gateway.approvals.agreements import Agreement
from gateway.approvals.lines import OBJECT, Line, lines_between
from gateway.approvals.objects import Objects, digest_of
from gateway.approvals.rules import judge
from gateway.approvals.signed import SignedApproval
from gateway.core.objects.effects import Effect
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
_BEFORE = "<"  # begins the id of a line under which a record holds the value before
_NONE = "null"  # such a value where there was none
# What may be widened on a basis, by kind and field; None is everything. With `release` come models
# and policies of the package; an owner rotates the own key; another person approved the bounds of
# self-service with the team; the key of an evaluation reaches one model version alone, and other
# persons approved the clearance of its deployments. A first owner takes the place of no other.
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
    ONE: frozenset(),
}


class ChangeRecord(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """One change; ``at`` is epoch seconds.

    ``lines`` has the digest of the new value of each line by its id, and under the id after ``<``
    the value before, as JSON: the records of a line form a chain. ``number`` counts the changes of
    an installation. ``author`` and ``approver`` are persons. ``signed`` is the sign-on of the
    approver, where there is one. ``agreement`` says who else agreed that a use case starts.
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
        return any(line.startswith(_BEFORE) for line in self.lines)

    def value_before(self, line: str) -> Any:
        """The value that a line replaced.

        Raises:
            KeyError: when it is not in the record.
        """
        return msgspec.json.decode(self.lines[_BEFORE + line])

    @property
    def changed(self) -> Iterator[str]:
        """The ids of its lines."""
        return (line for line in self.lines if not line.startswith(_BEFORE))


MayCount = Callable[[ChangeRecord, str], bool]


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
            digests[_BEFORE + line.id] = msgspec.json.encode(line.before, order="sorted").decode()
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


def decides(record: ChangeRecord, line: Line, *, one_person: bool) -> bool:
    """Whether the basis of a record is enough to widen a field."""
    if record.basis in {TWO, RECOVERY} and not _of_two(record):
        return False
    if record.basis == TWO and line.starts and not is_agreed(record, line.name):
        return False
    if record.basis == ALONE and not one_person:
        return False
    if record.basis == FIRST_OWNER and (
        line.before or record.lines.get(_BEFORE + line.id) != _NONE
    ):
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
    trusting: bool = False,
    may_count: MayCount = lambda _record, _line: True,
) -> list[Line]:
    """The lines that the records after number ``since`` do not explain.

    Narrowing needs none. ``trusting`` takes the judgement of the release that signed the records
    for what one person changed. ``may_count`` says whether an approval of two persons counts
    for a line: where it must be signed, it is.
    """
    chains: defaultdict[str, list[ChangeRecord]] = defaultdict(list)
    newer = [record for record in records if record.number > since]
    for record in sorted(newer, key=lambda one: one.number):
        for line in record.changed:
            chains[line].append(record)
    return [
        line
        for line in lines_between(before, after)
        if line.effect
        and not _explains(
            chains[line.id], line, may_count, one_person=one_person, trusting=trusting
        )
    ]


def _explains(
    chain: Sequence[ChangeRecord],
    line: Line,
    may_count: MayCount,
    *,
    one_person: bool,
    trusting: bool,
) -> bool:
    """Replay the records of a line: whether they lead to its value, and may.

    What widens needs a record that decides so. Each record after it is of one person: it must begin
    with the value that the one before it led to, and narrow that.
    """
    if not chain or chain[-1].lines[line.id] != line.digest:
        return False
    if not line.widens:
        return True
    decided = [
        decides(record, line, one_person=one_person)
        and (record.basis != TWO or may_count(record, line.id))
        for record in chain
    ]
    if not any(decided):
        return trusting
    last = len(decided) - 1 - decided[::-1].index(True)
    value = line.after
    for record, earlier in zip(reversed(chain[last + 1 :]), reversed(chain[last:-1]), strict=True):
        if record.basis != ONE or _BEFORE + line.id not in record.lines:
            return False
        before = record.value_before(line.id)
        if digest_of(before) != earlier.lines[line.id]:
            return False
        if judge(line.kind, line.field, before, value)[0] is Effect.WIDENS:
            return False
        value = before
    return True
