"""Compare the key-encryption key with the one that the database was written with."""

from sqlalchemy import text

from gateway.core.system.kek_check import require_same_kek, seal_check
from gateway.evidence.rows import RECORD_KEK, STORED_KEK
from gateway.storage.database import Database


async def check_kek(database: Database, kek: bytes, *, record: bool = True) -> None:
    """Compare; the first call for a database records the key, unless ``record`` is False.

    Raises:
        WrongKek: when it is another key.
    """
    async with database.read() as connection:
        stored = (await connection.execute(text(STORED_KEK))).scalar()
    if stored is None and not record:
        return
    if stored is None:
        async with database.write() as connection:
            statement = text(RECORD_KEK.format(sealed=":sealed"))
            await connection.execute(statement, {"sealed": seal_check(kek)})
            stored = (await connection.execute(text(STORED_KEK))).scalar()
    require_same_kek(kek, bytes(stored or b""), where="the database")
