"""Settings of the installation, and what else is governed without a structure of its own."""

from typing import Annotated

from gateway.core.objects.declare import Bounds, ChangeRule, Choice, Label, Mark
from gateway.core.objects.effects import (
    any_value,
    lower_or_set,
    more_networks,
    restricts,
    serves_unregistered,
    stays_never,
)
from gateway.core.objects.value import SnapshotValue
from gateway.core.objects.values import Network

LOOPBACK = ("127.0.0.0/8", "::1/128")
MODELS, REFUSE = "models", "refuse"  # a setting, and its value for ``unregistered``
AUDIT, REVEALS_PER_DAY = "audit", 20  # a setting, and its value for ``reveals_per_day``
PRIVACY, PSEUDONYMOUS = "privacy", "pseudonymous"  # a setting, and its value for ``persons``


class ApprovalsSetting(SnapshotValue, frozen=True):
    """Whether one person may decide while there is no other: embedded mode only.

    ``sealed`` are the digests of the codes of ``sluis recover``, by person.
    """

    one_person: Annotated[
        Annotated[str, Choice(("while-alone", "never"))] | None,
        Label("Whether a single person decides", "Of één persoon alleen beslist"),
        ChangeRule("setting.approvals", stays_never),
    ] = None
    sealed: Annotated[dict[str, str], Mark.DERIVED] = {}


class PrivacySetting(SnapshotValue, frozen=True):
    """How persons who use models appear: by name, or by pseudonyms only (works council)."""

    persons: Annotated[
        Annotated[str, Choice(("named", PSEUDONYMOUS))] | None,
        Label("How persons appear", "Hoe personen zichtbaar zijn"),
        ChangeRule("setting.persons", any_value),
    ] = None


class ModelsSetting(SnapshotValue, frozen=True):
    """Whether internal models serve without an approved version."""

    unregistered: Annotated[
        Annotated[str, Choice((REFUSE, "serve"))] | None,
        Label("Internal models without an approved version", "Interne modellen zonder versie"),
        ChangeRule("setting.models", serves_unregistered),
    ] = None


class AuditSetting(SnapshotValue, frozen=True):
    """How often a person may reveal stored bodies in a day without another person."""

    reveals_per_day: Annotated[
        Annotated[int, Bounds(at_least=0, at_most=10_000)] | None,
        Label("Reveals a person and day", "Inzages per persoon per dag"),
        ChangeRule("audit", lower_or_set, REVEALS_PER_DAY),
    ] = None


class InternalNetworks(SnapshotValue, frozen=True):
    """The organisation's own networks, into which internal providers must resolve."""

    networks: Annotated[
        list[Network],
        Label("Networks", "Netwerken"),
        ChangeRule("network.internal", more_networks, LOOPBACK),
    ]


class PolicyMark(SnapshotValue, frozen=True):
    """The policy bundle, by its digest."""

    digest: str


class TermLists(SnapshotValue, frozen=True):
    """The organisation's own terms: denied ones with their type of personal data, and allowed ones.

    They are in clear here, because the data plane must match them.
    """

    deny: dict[str, str] = {}
    allow: list[str] = []

    def __repr__(self) -> str:
        """Without content: it must not reach a log."""
        return f"TermLists(deny={len(self.deny)}, allow={len(self.allow)})"


class CutOff(SnapshotValue, frozen=True):
    """A person who has left."""

    left: Annotated[bool, ChangeRule("persons", restricts)]


class Stop(SnapshotValue, frozen=True):
    """What was stopped."""

    stopped: Annotated[bool, ChangeRule("stops", restricts)]
