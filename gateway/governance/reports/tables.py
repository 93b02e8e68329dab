"""The table of scheduled reports."""

from sqlalchemy import BigInteger, Column, Index, LargeBinary, String, Table

from gateway.storage.metadata import metadata

# Scheduled reports: the signed facts. Every format is rendered from them.
report = Table(
    "report",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("kind", String(32), nullable=False),
    Column("every", String(16), nullable=False),
    Column("since", BigInteger, nullable=False),
    Column("until", BigInteger, nullable=False),
    Column("made", BigInteger, nullable=False),
    Column("facts", LargeBinary, nullable=False),
    Column("digest", String(64), nullable=False),
    Column("signature", String(128), nullable=False),
    Index("report_period", "kind", "every", "since", unique=True),
)
