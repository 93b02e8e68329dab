"""Authentication: a bearer credential becomes a principal, or the request is refused."""

from gateway.identity.api_key_index import KeyDirectory
from gateway.identity.authenticator import Authenticator
from gateway.identity.tokens import Claims, TokenVerifier, principal_of

__all__ = ["Authenticator", "Claims", "KeyDirectory", "TokenVerifier", "principal_of"]
