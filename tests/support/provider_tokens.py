"""Tokens in the shapes of real providers, signed with keys of the tests."""

import base64
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import orjson
from joserfc.jwk import ECKey, KeySet, OKPKey, RSAKey
from joserfc.jws import JWSRegistry

from gateway.core.snapshot import ClaimMapping, Issuer

NOW = 1_800_000_000
KID = "key-of-the-tests"
TENANT = "8f6c2d0e-5a41-4b7e-9d0c-3f1a2b4c5d6e"
OBJECT = "1b9e7c54-0d3f-4a68-b2c1-7e5f9a0d8c36"
API = "6d5c4b3a-2f1e-4d0c-8b9a-0f1e2d3c4b5a"
CONSOLE = "0a1b2c3d-4e5f-4061-8273-849506a7b8c9"
ENTRA_V1 = f"https://sts.windows.net/{TENANT}/"
ENTRA_V2 = f"https://login.microsoftonline.com/{TENANT}/v2.0"
KEYCLOAK = "https://sso.example.org/realms/staff"
OKTA = "https://example.okta.com/oauth2/aus1a2b3c4d5e6f7g8h9"
GOOGLE = "https://accounts.google.com"
CLUSTER = "https://kubernetes.default.svc.cluster.local"
GITHUB = "https://token.actions.githubusercontent.com"
SLUIS = "urn:sluis"


@cache
def key(kind: str = "RSA", kid: str = KID) -> Any:
    """A private key; the same one for the same arguments."""
    parameters: Any = {"kid": kid, "use": "sig"}
    if kind == "RSA":
        return RSAKey.generate_key(2048, parameters)
    if kind == "Ed25519":
        return OKPKey.generate_key("Ed25519", parameters)
    return ECKey.generate_key(kind, parameters)


def published(*keys: Any) -> dict[str, Any]:
    """The JWK set that a provider publishes."""
    return dict(KeySet([*keys]).as_dict(private=False))


@dataclass(frozen=True)
class Shape:
    """One provider's token as this installation should see it."""

    profile: str
    claims: Mapping[str, Any]
    identity: Mapping[str, Any]  # what its identity token adds or has instead; None removes
    audience: str | list[str]
    issuer: str
    header: Mapping[str, Any] = field(default_factory=dict)
    identity_header: Mapping[str, Any] = field(default_factory=dict)
    kind: str = "person"
    subject: str = "subject-1"
    client: str | None = None
    name: str = ""
    groups: frozenset[str] = frozenset()
    roles: frozenset[str] = frozenset()
    settings: Mapping[str, Any] = field(default_factory=dict)

    def trusted(self, keys: Mapping[str, Any] | None = None, **changes: Any) -> Issuer:
        """The issuer as ``sluis.yaml`` would have it."""
        given: dict[str, Any] = {
            "name": "staff",
            "issuer": self.issuer,
            "audience": self.audience,
            "profile": self.profile,
            "keys": published(key()) if keys is None else dict(keys),
            **self.settings,
            **changes,
        }
        return Issuer(**given)

    def token(self, *, header: Mapping[str, Any] | None = None, **changes: Any) -> str:
        """An access token with other claims; None removes one."""
        return signed({**self.claims, **changes}, {**self.header, **(header or {})})

    def identity_token(self, **changes: Any) -> str:
        """The identity token of the same sign-on."""
        claims = {**self.claims, **self.identity, **changes}
        return signed(claims, {**self.header, **self.identity_header})


def signed(claims: Mapping[str, Any], header: Mapping[str, Any], by: Any = None) -> str:
    """A token with these parts, whatever they say; what is None is left out.

    ``by`` is a key, or the bytes of a symmetric one.
    """
    head = {"alg": "RS256", "kid": KID, **header}
    message = ".".join(
        encoded({name: value for name, value in part.items() if value is not None})
        for part in (head, claims)
    )
    if isinstance(by, bytes):
        signature = hmac.digest(by, message.encode(), "sha256")
    else:
        signature = JWSRegistry.algorithms[head["alg"]].sign(message.encode(), by or key())
    return f"{message}.{_base64(signature)}"


def encoded(part: Any) -> str:
    """A part of a token."""
    return _base64(orjson.dumps(part))


def _base64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


_TIMES = {"iat": NOW - 60, "nbf": NOW - 60, "exp": NOW + 600}
_ENTRA = {
    "aio": "opaque",
    "rh": "opaque",
    "uti": "token-id",
    "tid": TENANT,
    "oid": OBJECT,
    "sub": "pairwise-subject",
    "name": "Carla de Vries",
    "groups": ["5f0e7d6c-0000-4000-8000-000000000001"],
    "roles": ["Sluis.Compliance"],
    **_TIMES,
}
_ENTRA_MAPPED = {"roles": {"Sluis.Compliance": "compliance_officer"}}
_KEYCLOAK = {
    "iss": KEYCLOAK,
    "aud": [SLUIS, "account"],
    "sub": "subject-1",
    "typ": "Bearer",
    "azp": "assistant.example.org",
    "jti": "token-id",
    "sid": "session-1",
    "scope": "openid profile email",
    "realm_access": {"roles": ["default-roles-staff", "officers"]},
    "resource_access": {"assistant.example.org": {"roles": ["writer"]}},
    "groups": ["/staff/legal"],
    "name": "Carla de Vries",
    "preferred_username": "Carla",
    "email": "carla@example.org",
    **_TIMES,
}
SHAPES: dict[str, Shape] = {
    "rfc9068": Shape(
        "rfc9068",
        {
            "iss": "https://id.example.org",
            "aud": SLUIS,
            "sub": "subject-1",
            "client_id": "assistant",
            "jti": "token-id",
            "scope": "chat",
            "groups": ["officers"],
            "roles": ["officers"],
            "name": "Carla de Vries",
            **_TIMES,
        },
        {"aud": "console", "nonce": "n"},
        SLUIS,
        "https://id.example.org",
        {"typ": "at+jwt"},
        {"typ": "JWT"},
        client="assistant",
        name="Carla de Vries",
        groups=frozenset({"officers"}),
        roles=frozenset({"compliance_officer"}),
        settings={"roles": {"officers": "compliance_officer"}},
    ),
    "rfc9068 application": Shape(
        "rfc9068",
        {
            "iss": "https://id.example.org",
            "aud": [SLUIS],
            "sub": "subject-1",
            "client_id": "subject-1",
            "jti": "token-id",
            **_TIMES,
        },
        {"aud": "console"},
        SLUIS,
        "https://id.example.org",
        {"typ": "application/at+jwt"},
        {"typ": "JWT"},
        kind="application",
        client="subject-1",
        name="subject-1",
    ),
    "entra v2": Shape(
        "entra",
        {
            **_ENTRA,
            "iss": ENTRA_V2,
            "aud": API,
            "ver": "2.0",
            "azp": CONSOLE,
            "azpacr": "1",
            "scp": "chat",
            "preferred_username": "Carla@Example.org",
        },
        {"azp": None, "azpacr": None, "scp": None, "nonce": "n"},
        API,
        ENTRA_V2,
        {"typ": "JWT"},
        subject=OBJECT,
        client=CONSOLE,
        name="Carla de Vries",
        groups=frozenset({"5f0e7d6c-0000-4000-8000-000000000001"}),
        roles=frozenset({"compliance_officer"}),
        settings=_ENTRA_MAPPED,
    ),
    "entra v1": Shape(
        "entra",
        {
            **_ENTRA,
            "iss": ENTRA_V1,
            "aud": f"api://{API}",
            "ver": "1.0",
            "appid": CONSOLE,
            "appidacr": "1",
            "acr": "1",
            "amr": ["pwd", "mfa"],
            "scp": "chat",
            "upn": "Carla@Example.org",
            "unique_name": "carla@example.org",
        },
        {"appid": None, "appidacr": None, "scp": None, "aud": CONSOLE},
        [API, f"api://{API}"],
        ENTRA_V2,
        {"typ": "JWT", "x5t": KID},
        subject=OBJECT,
        client=CONSOLE,
        name="Carla de Vries",
        groups=frozenset({"5f0e7d6c-0000-4000-8000-000000000001"}),
        roles=frozenset({"compliance_officer"}),
        settings=_ENTRA_MAPPED,
    ),
    "entra application": Shape(
        "entra",
        {
            "iss": ENTRA_V2,
            "aud": API,
            "ver": "2.0",
            "azp": CONSOLE,
            "azpacr": "1",
            "idtyp": "app",
            "oid": OBJECT,
            "sub": OBJECT,
            "tid": TENANT,
            "uti": "token-id",
            "roles": ["Chat.All"],
            **_TIMES,
        },
        {"azp": None},
        API,
        ENTRA_V2,
        {"typ": "JWT"},
        kind="application",
        subject=OBJECT,
        client=CONSOLE,
        name=OBJECT,
    ),
    "entra application without idtyp": Shape(
        "entra",
        {
            "iss": ENTRA_V1,
            "aud": f"api://{API}",
            "ver": "1.0",
            "appid": CONSOLE,
            "appidacr": "2",
            "oid": OBJECT,
            "sub": OBJECT,
            "tid": TENANT,
            "uti": "token-id",
            **_TIMES,
        },
        {"appid": None},
        f"api://{API}",
        ENTRA_V1,
        {"typ": "JWT", "x5t": KID},
        kind="application",
        subject=OBJECT,
        client=CONSOLE,
        name=OBJECT,
    ),
    "keycloak": Shape(
        "keycloak",
        _KEYCLOAK,
        {"typ": "ID", "aud": "assistant.example.org", "at_hash": "h"},
        SLUIS,
        KEYCLOAK,
        {"typ": "JWT"},
        client="assistant.example.org",
        name="Carla de Vries",
        groups=frozenset({"/staff/legal", "staff/legal"}),
        roles=frozenset({"compliance_officer", "auditor"}),
        settings={
            "roles_claim": [
                "realm_access.roles",
                'resource_access."assistant.example.org".roles',
            ],
            "roles": {"officers": "compliance_officer", "writer": "auditor"},
        },
    ),
    "keycloak service account": Shape(
        "keycloak",
        {
            **{k: v for k, v in _KEYCLOAK.items() if k not in {"name", "email", "groups", "sid"}},
            "clientHost": "10.0.0.7",
            "clientAddress": "10.0.0.7",
            "client_id": "letters",
            "azp": "letters",
            "preferred_username": "service-account-letters",
        },
        {"typ": "Refresh"},
        SLUIS,
        KEYCLOAK,
        {"typ": "JWT"},
        kind="application",
        client="letters",
        name="service-account-letters",
        roles=frozenset({"compliance_officer"}),
        settings={"roles": {"officers": "compliance_officer"}},
    ),
    "okta": Shape(
        "okta",
        {
            "ver": 1,
            "jti": "AT.token-id",
            "iss": OKTA,
            "aud": SLUIS,
            "cid": "0oa1b2c3d4e5f6g7h8i9",
            "uid": "00u1b2c3d4e5f6g7h8i9",
            "scp": ["openid", "profile"],
            "auth_time": NOW - 90,
            "sub": "subject-1",
            "groups": ["officers"],
            "iat": NOW - 60,
            "exp": NOW + 3540,
        },
        {"cid": None, "uid": None, "scp": None, "aud": "0oa1b2c3d4e5f6g7h8i9", "at_hash": "h"},
        SLUIS,
        OKTA,
        client="0oa1b2c3d4e5f6g7h8i9",
        name="subject-1",
        groups=frozenset({"officers"}),
        roles=frozenset({"compliance_officer"}),
        settings={"roles": {"officers": "compliance_officer"}},
    ),
    "okta application": Shape(
        "okta",
        {
            "ver": 1,
            "jti": "AT.token-id",
            "iss": OKTA,
            "aud": SLUIS,
            "cid": "subject-1",
            "sub": "subject-1",
            "scp": ["chat"],
            "iat": NOW - 60,
            "exp": NOW + 3540,
        },
        {"cid": None, "nonce": "n"},
        SLUIS,
        OKTA,
        kind="application",
        client="subject-1",
        name="subject-1",
    ),
    "google": Shape(
        "google",
        {
            "iss": GOOGLE,
            "aud": SLUIS,
            "azp": "subject-1",
            "sub": "subject-1",
            "email": "letters@project.iam.gserviceaccount.com",
            "email_verified": True,
            "iat": NOW - 60,
            "exp": NOW + 3540,
        },
        {"email": "carla@example.org", "at_hash": "h", "aud": "1.apps.googleusercontent.com"},
        SLUIS,
        GOOGLE,
        {"typ": "JWT"},
        kind="application",
        client="subject-1",
        name="letters@project.iam.gserviceaccount.com",
        settings={"require": {"email": ["letters@project.iam.gserviceaccount.com"]}},
    ),
    "kubernetes": Shape(
        "kubernetes",
        {
            "iss": CLUSTER,
            "aud": [SLUIS],
            "sub": "system:serviceaccount:letters:writer",
            "jti": "token-id",
            "kubernetes.io": {
                "namespace": "letters",
                "node": {"name": "node-1", "uid": "u1"},
                "pod": {"name": "writer-0", "uid": "u2"},
                "serviceaccount": {"name": "writer", "uid": "u3"},
            },
            **_TIMES,
        },
        {"kubernetes.io": None, "sub": "carla"},
        SLUIS,
        CLUSTER,
        kind="application",
        subject="system:serviceaccount:letters:writer",
        client="system:serviceaccount:letters:writer",
        name="system:serviceaccount:letters:writer",
    ),
    "github": Shape(
        "github",
        {
            "iss": GITHUB,
            "aud": SLUIS,
            "sub": "repo:example/letters:ref:refs/heads/main",
            "jti": "token-id",
            "actor": "carla",
            "repository": "example/letters",
            "repository_id": "74",
            "repository_owner": "example",
            "repository_owner_id": "65",
            "ref": "refs/heads/main",
            "ref_type": "branch",
            "event_name": "push",
            "workflow": "build",
            "job_workflow_ref": "example/letters/.github/workflows/build.yml@refs/heads/main",
            "run_id": "1",
            "runner_environment": "github-hosted",
            **_TIMES,
        },
        {"repository": None, "aud": "https://github.com/example"},
        SLUIS,
        GITHUB,
        {"typ": "JWT", "x5t": KID},
        kind="application",
        subject="repo:example/letters:ref:refs/heads/main",
        client="example/letters",
        name="example/letters",
        settings={"require": {"repository_owner": ["example"]}},
    ),
    "another by explicit mapping": Shape(
        "rfc9068",
        {
            "iss": "https://cognito.example.org/pool",
            "sub": "subject-1",
            "aud": SLUIS,
            "username": "Carla de Vries",
            "token_use": "access",
            "client": "assistant",
            "https://example.org/groups": ["officers"],
            **_TIMES,
        },
        {"token_use": "id"},
        SLUIS,
        "https://cognito.example.org/pool",
        {"typ": None},
        client="assistant",
        name="Carla de Vries",
        groups=frozenset({"officers"}),
        roles=frozenset({"compliance_officer"}),
        settings={
            "typ": ["none"],
            "groups_claim": "https://example.org/groups",
            "roles_claim": "https://example.org/groups",
            "roles": {"officers": "compliance_officer"},
            "claims": ClaimMapping(name="username", client="client", kind="token_use=app"),
            "require": {"token_use": ["access", "app"]},
        },
    ),
}
