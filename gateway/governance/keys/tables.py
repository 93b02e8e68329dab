"""The table of API keys."""

from sqlalchemy import Column, Float, String, Table, Text

from gateway.storage.metadata import metadata

api_key = Table(
    "api_key",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("name", String(128), nullable=False),
    Column("digest", String(64), nullable=False, unique=True),
    Column("document", Text, nullable=False),
    Column("source", String(16), nullable=False),  # "file" from sluis.yaml, "issued" otherwise
    Column("created", Float, nullable=False),
    Column("revoked", Float),
)
