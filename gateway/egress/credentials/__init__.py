"""What proves to a provider who sends: a key, a token of Entra ID, or a signature of AWS."""

from gateway.egress.credentials.aws import AwsSignature
from gateway.egress.credentials.entra import EntraToken
from gateway.egress.credentials.key import HeaderKey, ProviderCredential, key_header
from gateway.egress.credentials.token_endpoint import TokenEndpoint

__all__ = [
    "AwsSignature",
    "EntraToken",
    "HeaderKey",
    "ProviderCredential",
    "TokenEndpoint",
    "key_header",
]
