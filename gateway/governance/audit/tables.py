"""The table of expiry runs. Entries are in gateway/evidence/schema.sql."""

from sqlalchemy import BigInteger, Column, Integer, String, Table, Text

from gateway.storage.metadata import metadata

# Runs of expiry of one class: the cut-offs (by part, JSON), the rule, and the entry of the run.
expiry_run = Table(
    "expiry_run",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("retention_class", String(64), nullable=False),
    Column("rule", String(64), nullable=False),
    Column("until", Text, nullable=False),
    Column("finished", BigInteger),
    Column("entry", BigInteger),
)
