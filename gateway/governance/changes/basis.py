"""On what ground a change is in force."""

from dataclasses import dataclass

from gateway.approvals import records
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


@dataclass(frozen=True, slots=True)
class Basis:
    """The ground of a change; ``approver`` and ``proposal`` where another person decided.

    ``sign_on`` is that with which the approver signs, where there is one.
    """

    name: str
    author: str
    approver: str | None = None
    proposal: str | None = None
    sign_on: ApprovalSignOn | None = None

    @classmethod
    def one(cls, actor: Actor, name: str = records.ONE) -> "Basis":
        """One person: enough for what does not widen, or under a name that says why more."""
        return cls(name, actor.person or actor.id)

    @classmethod
    def approved(
        cls, author: Author, approver: Actor, *, alone: bool, proposal: str | None = None
    ) -> "Basis":
        """An approval; ``alone`` where one person decided because there was no other."""
        name = records.ALONE if alone else records.TWO
        return cls(name, author.person, approver.person or approver.id, proposal, approver.approval)
