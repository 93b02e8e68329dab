"""Request and response bodies of ``/admin/v1/persons``."""

from collections.abc import Sequence

from pydantic import Field

from gateway.governance.http.schemas import ReasonBody, ResponseBody


class PersonResponse(ResponseBody):
    """A person. Times are epoch seconds.

    ``state`` is ``active``, ``deactivated`` or ``deleted``. ``provided_active`` is what the
    identity provider says by SCIM. ``keys`` are the ids of the keys that the person owns.
    """

    id: str
    issuer: str
    source: str
    state: str
    principal: str | None
    external_id: str | None
    user_name: str | None
    email: str | None
    display_name: str | None
    roles: Sequence[str]
    groups: Sequence[str]
    keys: Sequence[str]
    provided_active: bool | None
    created: float
    changed: float
    deactivated_at: float | None


class PersonListResponse(ResponseBody):
    """Some persons, oldest first, and how many there are."""

    persons: Sequence[PersonResponse]
    total: int


class DeactivatedResponse(ResponseBody):
    """The person whose access has ended, and the keys that are blocked with it."""

    id: str
    state: str
    blocked_keys: Sequence[str]


class SignedOutResponse(ResponseBody):
    """Whose sign-ons have ended."""

    id: str


class HandOverBody(ReasonBody):
    """The person who answers for a key from now on, and why."""

    owner: str = Field(min_length=1, max_length=320)


class IssuerSignOutBody(ReasonBody):
    """The issuer whose sign-ons all end, and the reason."""

    issuer: str = Field(min_length=1, max_length=128)
