"""Authentication: a bearer credential becomes a principal, or the request is refused."""

from gateway.identity.api_key_index import ApiKeyIndex
from gateway.identity.authenticator import Authenticator
from gateway.identity.token_checks import UnknownSigningKey
from gateway.identity.tokens import Claims, TokenVerifier, looks_like_token, principal_of

__all__ = [
    "ApiKeyIndex",
    "Authenticator",
    "Claims",
    "TokenVerifier",
    "UnknownSigningKey",
    "looks_like_token",
    "principal_of",
]
