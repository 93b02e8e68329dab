"""The table of erasures."""

from sqlalchemy import BigInteger, Column, String, Table

from gateway.storage.metadata import metadata

# Keyed identifiers of erased persons and the time of the erasure (epoch milliseconds). They are
# erased again after a restore.
erased = Table(
    "erased",
    metadata,
    Column("identifier", String(64), primary_key=True),
    Column("time", BigInteger, nullable=False),
)
