"""On what ground a change is in force."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

import msgspec

from gateway.approvals import records
from gateway.approvals.signed import SignedApproval
from gateway.core.objects.mandates import MANDATE, Mandate
from gateway.core.text.look_alikes import forms_of
from gateway.governance.actor import Actor, ApprovalSignOn


@dataclass(frozen=True, slots=True)
class Author:
    """Who proposed a change, as it was stored: the actor's id and name, and the person's names."""

    id: str
    name: str
    person: str
    persons: frozenset[str]

    @classmethod
    def of(cls, actor: Actor) -> "Author":
        """The author that an actor is: a pipeline is also the person whose change it makes."""
        names = actor.persons | actor.acts_for
        return cls(actor.id, actor.name, actor.person or actor.id, names)

    def is_named(self, actor: Actor) -> bool:
        """Whether an actor has a name of this human, or a key whose secret this person saw."""
        return not self.persons.isdisjoint({*actor.persons, (actor.issued_by or "").casefold()})

    def is_person_of(self, actor: Actor) -> bool:
        """As ``is_named``, also for names that look the same: it takes rights away, gives none."""
        return bool(forms_of({self.person, *self.persons}) & forms_of(actor.barred_names))


class ApprovalPart(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Who approved a part of a proposal, with the digest of its document; signed where it is kept.

    ``person`` is as records name it, ``label`` as people do. ``names`` are those that a sign-on or
    an administrator's key proves: they give rights. ``own`` are all names of that human; ``barred``
    also has who saw the secret of the key. ``powers`` are those of the proposal that the person may
    approve. ``author`` is set for who proposed it, ``officer`` for an officer for data protection;
    ``signed`` is the sign-on.
    """

    proposal: str
    document: str
    person: str
    label: str
    names: list[str]
    own: list[str]
    barred: list[str]
    at: float
    powers: list[str] = []
    author: bool = False
    officer: bool = False
    signed: SignedApproval | None = None

    def is_called(self, owner: str) -> bool:
        """Whether the owner of a use case is this person."""
        return bool(owner) and owner.casefold() in self.names

    def is_same(self, other: "ApprovalPart") -> bool:
        """Whether two may be of the same human."""
        return bool(
            forms_of(self.own) & forms_of(other.barred)
            or forms_of(other.own) & forms_of(self.barred)
        )


@dataclass(frozen=True, slots=True)
class Basis:
    """The ground of a change; ``approver`` and ``proposal`` where another person decided.

    ``sign_on`` is that with which the approver signs, where there is one. ``approval`` is the part
    of the approver where several approve, ``given`` those of before. ``mandate`` is that under
    which the author acts alone.
    """

    name: str
    author: str
    approver: str | None = None
    proposal: str | None = None
    sign_on: ApprovalSignOn | None = None
    approval: ApprovalPart | None = None
    given: tuple[ApprovalPart, ...] = ()
    mandate: Mandate | None = None

    def in_parts(self, given: Iterable[ApprovalPart], approval: ApprovalPart) -> "Basis":
        """The same where this approval is one of several."""
        return replace(self, given=tuple(given), approval=approval)

    @classmethod
    def one(cls, actor: Actor, name: str = records.ONE) -> "Basis":
        """One person: enough for what does not widen, or under a name that says why more."""
        return cls(name, actor.person or actor.id)

    @classmethod
    def under(cls, actor: Actor, mandate: Mandate) -> "Basis":
        """One person within a mandate."""
        return replace(cls.one(actor, MANDATE), mandate=mandate)

    @classmethod
    def approved(
        cls, author: Author, approver: Actor, *, alone: bool, proposal: str | None = None
    ) -> "Basis":
        """An approval; ``alone`` where one person decided because there was no other."""
        name = records.ALONE if alone else records.TWO
        return cls(name, author.person, approver.person or approver.id, proposal, approver.approval)
