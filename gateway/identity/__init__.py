"""Authentication: a bearer credential becomes a principal, or the request is refused."""

from gateway.identity.api_key_index import ApiKeyIndex
from gateway.identity.authenticator import Authenticator
from gateway.identity.delegation import ON_BEHALF_OF, narrowed
from gateway.identity.rights import NoRights, TokenRights
from gateway.identity.token_checks import UnknownSigningKey
from gateway.identity.tokens import Claims, TokenVerifier, looks_like_token

__all__ = [
    "ON_BEHALF_OF",
    "ApiKeyIndex",
    "Authenticator",
    "Claims",
    "NoRights",
    "TokenRights",
    "TokenVerifier",
    "UnknownSigningKey",
    "looks_like_token",
    "narrowed",
]
