"""From a bearer credential to an actor: operator token, admin key, or the organisation's sign-on."""

import hmac
import time

from gateway.core.errors import Unauthenticated
from gateway.core.pseudonym import pseudonym
from gateway.governance.actor import LOCAL_OPERATOR, Actor
from gateway.governance.plane import ControlPlane
from gateway.identity import TokenVerifier


async def actor_of(plane: ControlPlane, credential: str | None) -> Actor:
    """The actor behind a credential.

    Raises:
        Unauthenticated: when it is missing or not good, or is the key of an application.
    """
    if not credential:
        raise Unauthenticated("Sign in, or send 'Authorization: Bearer <admin key>'.")
    if hmac.compare_digest(credential.encode(), plane.secrets.operator_token.encode()):
        return LOCAL_OPERATOR
    if credential.startswith("eyJ") and credential.count(".") == 2:
        return await _person(plane, credential)
    return await _admin_key(plane, credential)


async def _person(plane: ControlPlane, token: str) -> Actor:
    claims = TokenVerifier(await plane.snapshots.issuers()).verify(token, now=time.time())
    subject = pseudonym(plane.secrets.pepper, f"subject:{claims.issuer}", claims.subject)
    return Actor(f"u_{subject}", claims.name, claims.roles, "sign-on")


async def _admin_key(plane: ControlPlane, credential: str) -> Actor:
    digest = plane.secrets.key_digest(credential)
    for stored in await plane.keys.all():
        key = stored.key
        if hmac.compare_digest(key.digest, digest) and stored.revoked is None:
            if key.kind == "app":
                raise Unauthenticated("This is the key of an application; use an admin key.")
            if key.expires is not None and key.expires <= time.time():
                raise Unauthenticated("This key has expired.")
            return Actor(key.id, key.name, frozenset(key.roles), "api")
    raise Unauthenticated("This key is not known.")
