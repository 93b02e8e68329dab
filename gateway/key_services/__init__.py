"""Key services wrap the key-encryption key, so that a disk or a backup alone does not hold it.

Unwraps ``kek.wrapped`` with the given credentials; errors say what to do. Only a process that finds
a wrapped key imports this package, and with it an HTTP client.
"""

from gateway.key_services.envelope import UNWRAP_TIMEOUT_S, unwrap_kek, wrap_kek
from gateway.key_services.wrapped_key import KMS, VAULT, KeyReference, WrappedKek

__all__ = [
    "KMS",
    "UNWRAP_TIMEOUT_S",
    "VAULT",
    "KeyReference",
    "WrappedKek",
    "unwrap_kek",
    "wrap_kek",
]
