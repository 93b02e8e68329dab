"""The table of published snapshots."""

from sqlalchemy import Column, Float, Integer, LargeBinary, String, Table

from gateway.storage.metadata import metadata

snapshot = Table(
    "snapshot",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("digest", String(64), nullable=False),
    Column("envelope", LargeBinary, nullable=False),
    Column("created", Float, nullable=False),
    Column("confirmed", Float, nullable=False),
)
