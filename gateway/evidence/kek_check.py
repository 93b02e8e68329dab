"""Compares the key-encryption key with the one that a store was written with."""

from gateway.core.system.kek_check import WrongKek, require_same_kek, seal_check
from gateway.evidence.store import EntryStore


async def check_kek(store: EntryStore, kek: bytes) -> None:
    """Compares; the first call for a store records the key.

    Raises:
        WrongKek: when it is another key; the store is closed.
        StoreFailed: when the store cannot be used.
    """
    stored = await store.record_kek(seal_check(kek))
    try:
        require_same_kek(kek, stored, where="the database of the trail")
    except WrongKek:
        await store.close()
        raise
