"""Key services: they wrap the key-encryption key, so that a disk or a backup alone does not hold it.

Takes ``kek.wrapped`` and a login, gives the key; refuses with what to do. Only a process that finds a
wrapped key imports this, and with it an HTTP client.
"""

from gateway.key_services.document import KMS, VAULT, KeyPlace, WrappedKek
from gateway.key_services.unwrapping import PATIENCE_S, unwrapped, wrapped

__all__ = ["KMS", "PATIENCE_S", "VAULT", "KeyPlace", "WrappedKek", "unwrapped", "wrapped"]
