"""A request on behalf of a user: an application's own credential, and its user's token.

Both are verified, and the request gets the narrower rights of both. Unlike a user that an
application only names (``asserted_user``), this one is proven.
"""

from collections.abc import Callable, Collection
from dataclasses import replace

from gateway.core.errors import Denied, Unauthenticated
from gateway.core.principal import Principal
from gateway.identity.rights import NoRights, TokenRights
from gateway.identity.tokens import Claims

ON_BEHALF_OF = "x-sluis-on-behalf-of"


def proven_user(
    token: str,
    *,
    by: Principal,
    verified: Callable[[str], Claims],
    rights: TokenRights,
) -> Principal:
    """Returns the user whose token the application ``by`` presents.

    ``verified`` gives the claims of a valid token.

    Raises:
        Denied: when the caller is no application.
        NoRights: when no mapping names the user.
        Unauthenticated: when the token is not valid, or not that of a person.
    """
    if by.kind != "app":
        raise Denied(
            f"Only an application may send {ON_BEHALF_OF}. Send your own token as the credential.",
            param=ON_BEHALF_OF,
        )
    try:
        user = rights.principal_of(verified(token))
    except Unauthenticated as error:
        raise Unauthenticated(
            f"{ON_BEHALF_OF} must hold the access token of a user, without 'Bearer'. "
            f"{error.message}",
            param=ON_BEHALF_OF,
            retry_after=error.retry_after,
        ) from error
    except NoRights as refusal:
        refusal.param = ON_BEHALF_OF
        raise
    if user.kind == "app":
        raise Unauthenticated(
            f"{ON_BEHALF_OF} holds the token of an application, not of a person.",
            param=ON_BEHALF_OF,
        )
    return user


def narrowed(application: Principal, user: Principal) -> Principal:
    """Returns the application on behalf of a user, with no right that one of them lacks.

    Team, roles and limits stay those of the application, as its team pays; the user's own limits
    and budget hold too.

    Raises:
        Denied: when they have no model, or no purpose, in common.
    """
    return replace(
        application,
        models=frozenset(_common(sorted(application.models), user.models, "model")),
        purposes=tuple(_common(application.purposes, user.purposes, "purpose")),
        clearance=min(application.clearance, user.clearance),
        floor=max(application.floor, user.floor),
        person=user.person,
        person_limits=user.person_limits,
        person_budget=user.person_budget,
        on_behalf_of=user,
    )


def _common(own: Collection[str], other: Collection[str], what: str) -> Collection[str]:
    """Returns the names in both, in the order of ``own``; an empty collection means all names."""
    if not own or not other:
        return own or other
    common = [name for name in own if name in other]
    if not common:
        raise Denied(
            f"The application and its user have no {what} in common. An administrator can give "
            f"both the same {what}.",
            param=ON_BEHALF_OF,
        )
    return common
