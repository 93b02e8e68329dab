"""Teams with their limits, and use cases."""

from gateway.core.snapshot.value import SnapshotValue


class Budget(SnapshotValue, frozen=True):
    """Money for a period; ``period`` is ``month``."""

    amount: float
    currency: str = "EUR"
    period: str = "month"


class Limits(SnapshotValue, frozen=True):
    """Requests and tokens a minute, and answers at one time; None means no limit."""

    requests_per_minute: int | None = None
    tokens_per_minute: int | None = None
    concurrent: int | None = None


NO_LIMITS = Limits()


class Allowance(SnapshotValue, frozen=True):
    """Limits and a budget."""

    limits: Limits = NO_LIMITS
    budget: Budget | None = None


class SelfService(SnapshotValue, frozen=True):
    """What the members of a team may issue to themselves.

    ``days`` is the longest life of such a key, ``keys_per_person`` how many may live at once.
    """

    models: list[str]
    purposes: list[str]
    clearance: str = "internal"
    days: int = 30
    keys_per_person: int = 1


class Team(SnapshotValue, frozen=True):
    """A group of keys that shares a budget and limits.

    ``per_person`` holds for each person in it, ``per_model`` for all of the team together, by alias
    or deployment. Without ``self_service`` its members issue no keys. ``lead`` is the person who
    sees its usage, budget and keys.
    """

    name: str
    floor: str = "internal"
    budget: Budget | None = None
    limits: Limits = NO_LIMITS
    per_person: Allowance = Allowance()
    per_model: dict[str, Allowance] = {}
    self_service: SelfService | None = None
    lead: str | None = None


class UseCase(SnapshotValue, frozen=True):
    """A registered purpose. ``review`` is the day (ISO 8601) of its next review, "" without one.

    ``transparency`` are the duties of AI Act article 50 that its answers meet (``notice``,
    ``marking``, ``disclosure``); None where that is not stated. ``description`` to ``fria`` are for
    registers and reports. ``limits`` and ``budget`` hold for all its requests together, of whatever
    team. ``deployer`` is as what the organisation uses it (AI Act article 27).
    """

    name: str
    owner: str
    legal_basis: str
    risk: str
    floor: str = "internal"
    zones: list[str] = []
    review: str = ""
    description: str | None = None
    overseer: str | None = None
    data_subjects: str | None = None
    data_categories: list[str] | None = None
    dpia: str | None = None
    fria: str | None = None
    limits: Limits = NO_LIMITS
    budget: Budget | None = None
    transparency: list[str] | None = None
    deployer: str | None = None
