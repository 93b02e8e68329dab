"""Request and response bodies of ``/admin/v1/keys``."""

from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import Body as FieldOfBody
from pydantic import Field, JsonValue

from gateway.core.objects.keys import NewKey
from gateway.core.objects.values import LevelName, Name, Network
from gateway.core.snapshot import NO_LIMITS, Budget, Limits
from gateway.governance.catalogue.stated import FromDeclaration, Stated
from gateway.governance.http.schemas import Body, ResponseBody, WaitingChange

_Document = dict[str, JsonValue]
KeyBody = Annotated[NewKey, FromDeclaration("secret", "expires"), FieldOfBody()]


class KeyChangeBody(Body):
    """The fields of a key to change; ``days`` begins a new time to live."""

    models: list[str] | None = None
    purposes: list[str] | None = None
    clearance: str | None = None
    floor: str | None = None
    limits: Stated[Limits] | None = None
    budget: Stated[Budget] | None = None
    networks: list[Network] | None = None
    days: int | None = None

    def values(self) -> dict[str, Any]:
        """The fields that were given; null gives back the default of a list, limits or a budget."""
        given = {name: getattr(self, name) for name in self.model_fields_set}
        empty: dict[str, Any] = {"models": [], "purposes": [], "networks": [], "limits": NO_LIMITS}
        return {
            name: empty.get(name) if value is None else value
            for name, value in given.items()
            if value is not None or name in {*empty, "budget"}
        }


class OwnKeyBody(Body):
    """A key of the person who asks; what is left out is what the team permits."""

    name: Name
    models: list[Name] = Field(default=[])
    purposes: list[Name] = Field(default=[])
    clearance: LevelName | None = None
    days: int | None = None
    networks: list[Network] = Field(default=[])


class RotateBody(Body):
    """For how many hours the secret before works beside the new one."""

    overlap_hours: int = Field(default=24, ge=0)


class KeyResponse(ResponseBody):
    """A stored key without its secrets. Times are epoch seconds.

    ``source`` is ``file`` for keys of sluis.yaml and ``issued`` otherwise. ``last_used`` is null
    also where the entries have expired. ``two_secrets_until`` is the end of a rotation's overlap. A
    key is ``blocked`` while its owner has left. One with ``evaluates`` reaches the model version of
    that digest alone.
    """

    id: str
    name: str
    kind: str
    team: str | None
    models: list[str]
    purposes: list[str]
    roles: list[str]
    clearance: str
    floor: str
    strict: bool
    expires: int | None
    blocked: bool
    source: str
    created: float
    revoked: float | None
    owner: str | None
    issued_by: str | None
    limits: _Document
    budget: _Document | None
    networks: list[str]
    last_used: float | None
    expires_in_days: int | None
    two_secrets_until: int | None
    evaluates: str | None = None


class KeyListResponse(ResponseBody):
    """All keys, also revoked ones, oldest first."""

    keys: Sequence[KeyResponse]
    next: str | None = None


class IssuedKeyResponse(ResponseBody):
    """A key with its new secret, which is shown once."""

    id: str
    name: str
    secret: str
    expires: int | None


class WaitingKeyResponse(IssuedKeyResponse, WaitingChange):
    """A new key whose secret works from the approval by another person on."""


class ChangedKeyResponse(ResponseBody):
    """The id of the changed key."""

    changed: str


class RevokedKeyResponse(ResponseBody):
    """The id of the revoked key."""

    revoked: str
