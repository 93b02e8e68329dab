"""The table of proposals."""

from sqlalchemy import Column, Float, String, Table, Text

from gateway.storage.metadata import metadata

proposal = Table(
    "proposal",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("kind", String(32), nullable=False),
    Column("subject", String(256), nullable=False),
    Column("document", Text, nullable=False),
    Column("state", String(16), nullable=False),
    Column("proposed_by", String(128), nullable=False),
    Column("proposed", Float, nullable=False),
    Column("decided_by", String(128)),
    Column("decided", Float),
    Column("comment", Text),
)
