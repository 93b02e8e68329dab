"""Request and response bodies of ``/admin/v1/keys``."""

from collections.abc import Sequence

from pydantic import Field

from gateway.governance.http.schemas import Body, Name, ResponseBody, WaitingChange


class KeyBody(Body):
    """A key to issue; ``days`` is its time to live."""

    name: Name
    kind: str = Field(default="app", pattern="^(app|person|admin)$")
    team: str | None = None
    models: list[str] = Field(default=[])
    purposes: list[str] = Field(default=[])
    roles: list[str] = Field(default=[])
    clearance: str = "confidential"
    floor: str = "internal"
    strict: bool = False
    days: int = 90
    owner: str | None = Field(default=None, min_length=1, max_length=200)


class KeyResponse(ResponseBody):
    """A stored key without its secret. Times are epoch seconds.

    ``source`` is ``file`` for keys of sluis.yaml and ``issued`` otherwise.
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
    owner: str | None
    issued_by: str | None
    source: str
    created: float
    revoked: float | None


class KeyListResponse(ResponseBody):
    """All keys, also revoked ones, oldest first."""

    keys: Sequence[KeyResponse]


class IssuedKeyResponse(ResponseBody):
    """A new key with its secret, which is shown once."""

    id: str
    name: str
    secret: str
    expires: int | None


class WaitingKeyResponse(IssuedKeyResponse, WaitingChange):
    """A new key whose secret works from the approval by another person on."""


class RevokedKeyResponse(ResponseBody):
    """The id of the revoked key."""

    revoked: str
