"""Key services: they wrap the key-encryption key, so that a disk or a backup alone does not hold it.

Takes ``kek.wrapped`` and a login, gives the key; refuses with what to do. Only a process that finds a
wrapped key imports this, and with it an HTTP client.
"""

from gateway.key_services.envelope import PATIENCE_S, unwrapped, wrapped
from gateway.key_services.wrapped_key import KMS, VAULT, KeyReference, WrappedKek

__all__ = ["KMS", "PATIENCE_S", "VAULT", "KeyReference", "WrappedKek", "unwrapped", "wrapped"]
