"""Bodies of ``/admin/v1/identity``."""

from typing import Annotated

from pydantic import Field, StringConstraints

from gateway.governance.http.schemas import Body, ResponseBody


class TokenBody(Body):
    """A token to try. It is neither stored nor logged."""

    token: str = Field(min_length=1, max_length=200_000)


_Url = Annotated[str, StringConstraints(pattern=r"^https?://[^\s]+$", max_length=2000)]


class SignOnBody(Body):
    """Where the browser comes back after the sign-on; the provider must know that address."""

    redirect_uri: _Url


class SignOnResponse(ResponseBody):
    """Where to sign on; the code comes back with ``state``, until ``expires`` (epoch seconds)."""

    authorization_url: str
    state: str
    expires: float


class CodeBody(SignOnBody):
    """The code and the state with which the browser came back."""

    code: str = Field(min_length=1, max_length=4000)
    state: str = Field(min_length=1, max_length=1000)


class SignedBody(Body):
    """An approval; ``sign_on`` where it must be signed."""

    sign_on: CodeBody | None = None


class TokenCheckResponse(ResponseBody):
    """One check, and what it found."""

    check: str
    passed: bool
    says: str


class TokenOwnerResponse(ResponseBody):
    """Whom an accepted token is of, and what that principal may do on the data plane.

    ``id`` and ``clearance`` are null when it may use nothing there; else empty ``models`` or
    ``purposes`` mean all.
    """

    id: str | None
    issuer: str
    kind: str
    name: str
    client: str | None
    groups: list[str]
    console_roles: list[str]
    team: str | None
    models: list[str]
    purposes: list[str]
    clearance: str | None
    expires: float


class TokenTrialResponse(ResponseBody):
    """Whether a token is accepted, and why; ``seen`` is what it claims of itself."""

    accepted: bool
    checks: list[TokenCheckResponse]
    seen: dict[str, str]
    principal: TokenOwnerResponse | None


class ProfileResponse(ResponseBody):
    """A profile's settings."""

    name: str
    typ: list[str]
    max_age: int
    subject: str
    groups: list[str]
    roles: list[str]
    application: list[str]
    access: list[str]
    identity: list[str]
    needs_require: bool


class IssuerResponse(ResponseBody):
    """An issuer with the settings in force; ``fetched`` is when its keys were, in epoch seconds."""

    name: str
    issuer: str
    profile: str
    audience: list[str]
    typ: list[str]
    algorithms: list[str]
    max_age: int
    keys: list[str]
    fetched: float | None


class ProvidersResponse(ResponseBody):
    """All issuers, and all profiles."""

    issuers: list[IssuerResponse]
    profiles: list[ProfileResponse]
