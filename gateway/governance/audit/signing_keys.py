"""The keys that sign the log, one after another: read from the links that the database holds.

The links prove themselves: whoever writes the database can lose them, which stops signing, but can
forge none without the private key that hands over.
"""

import time as clock
from collections.abc import Callable

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.core.errors import InvalidRequest, TrailDamaged
from gateway.evidence.key_chain import Chain, chain_of, rotation_note
from gateway.governance.access_control.actor import Actor
from gateway.governance.journal import Journal
from gateway.storage.tables import log_key

_ELSEWHERE = (
    "This machine's signing key was replaced already, and its successor is not here: put the newest "
    "signing.pem in the secrets directory, then rotate that."
)


def public_of(key: Ed25519PrivateKey) -> bytes:
    """The public key, 32 bytes."""
    return key.public_key().public_bytes_raw()


async def links(connection: AsyncConnection) -> list[str]:
    """The notes from key to key, oldest first."""
    found = await connection.execute(select(log_key.c.note).order_by(log_key.c.number))
    return [str(row.note) for row in found]


async def chain(connection: AsyncConnection, own: bytes) -> Chain:
    """The keys that sign for this log.

    Raises:
        TrailDamaged: when a stored link does not hold.
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
    """Records that ``new`` signs after ``old``; nothing when that was recorded already.

    Raises:
        TrailDamaged: when the links so far do not hold.
        InvalidRequest: when ``old`` itself was replaced by a key that is not here.
    """
    known = await chain(connection, public_of(old))
    if public_of(new) in known.keys:
        return
    if _replaced(await links(connection), public_of(old)):
        raise InvalidRequest(_ELSEWHERE, code="key_replaced")
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
