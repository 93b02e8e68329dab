"""Authentication: a bearer credential becomes a principal, or the request is refused."""

from gateway.identity.api_key_index import ApiKeyIndex
from gateway.identity.authenticator import Authenticator
from gateway.identity.cut_offs import CutOffs
from gateway.identity.tokens import Claims, TokenVerifier, principal_of

__all__ = ["ApiKeyIndex", "Authenticator", "Claims", "CutOffs", "TokenVerifier", "principal_of"]
