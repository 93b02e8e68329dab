"""Request and response bodies of ``/admin/v1/keys``."""

from collections.abc import Sequence

from pydantic import Field

from gateway.governance.catalogue.config_values import Name
from gateway.governance.http.schemas import Body, ResponseBody


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
    owner: str | None = Field(default=None, max_length=320)
    days: int = 90


class KeyResponse(ResponseBody):
    """A stored key without its secret. Times are epoch seconds.

    ``source`` is ``file`` for keys of sluis.yaml and ``issued`` otherwise. A key is ``blocked``
    while its owner has left.
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
    blocked: bool
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


class RevokedKeyResponse(ResponseBody):
    """The id of the revoked key."""

    revoked: str
