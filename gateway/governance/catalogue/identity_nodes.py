"""The part ``identity`` of ``sluis.yaml``: issuers of tokens, and the console's sign-on."""

from collections.abc import Iterator
from typing import Any

import msgspec
from pydantic import Field

from gateway.core.objects.token_profiles import ACCESS_TOKEN_TYPE
from gateway.core.objects.values import Name, Reference, Text
from gateway.core.snapshot import Issuer
from gateway.governance.catalogue.stated import Node, Stated
from gateway.identity.trusted_issuer import TrustedIssuer

Fault = tuple[tuple[Any, ...], str]


class ConsoleNode(Node):
    """The console's own client at the identity provider.

    ``resource`` is what it asks an access token for (RFC 8707): by default the issuer's audience;
    an empty text where the provider derives the audience from ``scopes``.
    """

    issuer: Name
    client_id: Text
    client_secret: Reference
    resource: str | None = None
    scopes: list[str] = Field(default=[])


class IdentityNode(Node):
    """Identity providers."""

    issuers: list[Stated[Issuer]] = Field(default=[])
    console: ConsoleNode | None = None


def faults_of(identity: IdentityNode) -> Iterator[Fault]:
    """Faults across the values of this part."""
    for field in ("name", "issuer"):
        given = [getattr(issuer, field) for issuer in identity.issuers]
        if len(set(given)) != len(given):
            yield ("identity", "issuers"), f"two have the same {field}"
    console = identity.console
    if console is None:
        return
    for index, issuer in enumerate(identity.issuers):
        if console.client_id in _audiences(issuer) and _takes_identity_tokens(issuer):
            yield (
                ("identity", "issuers", index, "audience"),
                "this is the client id of the console, which identity tokens name too: let the "
                + "provider issue access tokens for an audience of their own",
            )
    if console.issuer not in {issuer.name for issuer in identity.issuers}:
        yield ("identity", "console", "issuer"), f"there is no issuer {console.issuer!r}"


def with_console(issuer: Issuer, console: ConsoleNode | None) -> Issuer:
    """An issuer to which logout tokens for the console's own client may be addressed too."""
    if console is None or console.issuer != issuer.name:
        return issuer
    clients = dict.fromkeys([*issuer.logout_clients, console.client_id])
    return msgspec.structs.replace(issuer, logout_clients=list(clients))


def _audiences(issuer: Issuer) -> list[str]:
    return [issuer.audience] if isinstance(issuer.audience, str) else issuer.audience


def _takes_identity_tokens(stated: Issuer) -> bool:
    """Whether neither the type nor the claims of a token prove that it is an access token."""
    issuer = TrustedIssuer(stated)
    return issuer.types != {ACCESS_TOKEN_TYPE} and not issuer.access and not issuer.require
