"""The keys that signed the log, from the key rotations that the database holds.

A rotation is signed by the old key. A writer of the database can lose rotations, which stops
signing, and cannot forge one.
"""

import time as clock
from collections.abc import Callable

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.core.errors import InvalidRequest, TrailDamaged
from gateway.evidence.key_chain import Chain, chain_of, rotation_note
from gateway.governance.actor import Actor
from gateway.governance.journal import Journal
from gateway.governance.merkle_log.tables import log_key

_REPLACED_ELSEWHERE = (
    "This machine's signing key was replaced already, and its successor is not here: put the "
    "newest "
    "signing.pem in the secrets directory, then rotate that."
)


def public_of(key: Ed25519PrivateKey) -> bytes:
    """The public key, 32 bytes."""
    return key.public_key().public_bytes_raw()


async def links(connection: AsyncConnection) -> list[str]:
    """The notes of all rotations, oldest first."""
    found = await connection.execute(select(log_key.c.note).order_by(log_key.c.number))
    return [str(row.note) for row in found]


async def chain(connection: AsyncConnection, own: bytes) -> Chain:
    """The keys that sign for this log.

    Raises:
        TrailDamaged: when a stored rotation is invalid.
    """
    try:
        return chain_of(own, await links(connection))
    except ValueError as error:
        raise TrailDamaged(f"the signing keys: {error}") from error


async def hand_over(
    connection: AsyncConnection,
    journal: Journal,
    actor: Actor,
    *,
    old: Ed25519PrivateKey,
    new: Ed25519PrivateKey,
    wall: Callable[[], float] = clock.time,
) -> None:
    """Record that ``new`` signs after ``old``, unless it is recorded already.

    Raises:
        TrailDamaged: when a stored rotation is invalid.
        InvalidRequest: when ``old`` itself was replaced by a key that is not on this machine.
    """
    known = await chain(connection, public_of(old))
    if public_of(new) in known.keys:
        return
    if _replaced(await links(connection), public_of(old)):
        raise InvalidRequest(_REPLACED_ELSEWHERE, code="key_replaced")
    note = rotation_note(origin=known.origin, old=old, new=new, time=int(wall()))
    await connection.execute(insert(log_key).values(public=public_of(new).hex(), note=note))
    await journal.record(
        connection,
        actor,
        "control:signing_key:rotate",
        old=public_of(old).hex(),
        new=public_of(new).hex(),
    )


def _replaced(notes: list[str], public: bytes) -> bool:
    return any(f"\nold {public.hex()}\n" in note for note in notes)
