"""The kinds of governed objects: their structure, and the power of what no field says of itself."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from gateway.core.objects.declare import DeclaredField, Label, fields_of
from gateway.core.objects.deployments import Alias, Deployment
from gateway.core.objects.issuers import Issuer
from gateway.core.objects.keys import ADMIN_KEY, KEY, Key
from gateway.core.objects.mandates import MANDATE, Mandate
from gateway.core.objects.models import ModelVersion
from gateway.core.objects.providers import Provider
from gateway.core.objects.settings import (
    ApprovalsSetting,
    AuditSetting,
    CutOff,
    InternalNetworks,
    ModelsSetting,
    PolicyMark,
    PrivacySetting,
    Stop,
    TermLists,
)
from gateway.core.objects.teams import Team
from gateway.core.objects.use_cases import UseCase
from gateway.core.objects.value import SnapshotValue

UNGOVERNED = frozenset({"name", "id"})  # fields that name an object


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of object; an object has the fields of one of its structures.

    ``power`` is that of fields without a rule: each change of them widens. ``removal`` is the power
    that deleting an object needs, for kinds whose objects restrict; with ``restricting``, of
    objects with that field alone. Fields that name an object, or that nobody decides, are
    ``ungoverned``.
    """

    name: str
    label: Label
    structs: tuple[type[SnapshotValue], ...]
    power: str
    removal: str | None = None
    restricting: str = ""
    ungoverned: frozenset[str] = UNGOVERNED

    def fields(self) -> Iterator[DeclaredField]:
        """The fields that are governed."""
        for struct in self.structs:
            yield from (one for one in fields_of(struct) if one.name not in self.ungoverned)


_KEY_STATE = UNGOVERNED | {"blocked"}  # derived from the person who owns it
_FETCHED = UNGOVERNED | {"keys", "published"}  # issuers rotate them

KINDS: Mapping[str, Kind] = {
    one.name: one
    for one in (
        Kind("provider", Label("Provider", "Aanbieder"), (Provider,), "provider.address"),
        Kind("deployment", Label("Deployment", "Model"), (Deployment,), "deployment.provider"),
        Kind("alias", Label("Alias", "Alias"), (Alias,), "alias.candidates"),
        Kind("team", Label("Team", "Team"), (Team,), "team.budget"),
        Kind("use_case", Label("Use case", "Toepassing"), (UseCase,), "use_case.record"),
        Kind(
            "issuer",
            Label("Issuer of tokens", "Uitgever van tokens"),
            (Issuer,),
            "issuer.trust",
            removal="issuer.trust",
            restricting="approvals",
            ungoverned=_FETCHED,
        ),
        Kind(
            "network",
            Label("Internal networks", "Interne netwerken"),
            (InternalNetworks,),
            "network.internal",
        ),
        Kind(KEY, Label("Key", "Sleutel"), (Key,), "key.rights", ungoverned=_KEY_STATE),
        Kind(
            ADMIN_KEY,
            Label("Key of an administrator", "Sleutel van een beheerder"),
            (Key,),
            "key.admin",
            ungoverned=_KEY_STATE,
        ),
        Kind(MANDATE, Label("Mandate", "Mandaat"), (Mandate,), "mandates"),
        Kind("model", Label("Model version", "Modelversie"), (ModelVersion,), "models"),
        Kind("policy", Label("Policies", "Beleid"), (PolicyMark,), "policies"),
        Kind("terms", Label("Terms", "Termen"), (TermLists,), "terms", removal="terms"),
        Kind(
            "cut_off",
            Label("Person who has left", "Vertrokken persoon"),
            (CutOff,),
            "persons",
            removal="persons",
        ),
        Kind("stop", Label("Stop", "Stop"), (Stop,), "stops", removal="stops"),
        Kind(
            "setting",
            Label("Setting", "Instelling"),
            (ApprovalsSetting, PrivacySetting, ModelsSetting, AuditSetting),
            "setting.approvals",
            removal="setting.approvals",
        ),
    )
}
