"""The table of policy bundles."""

from sqlalchemy import Boolean, Column, Float, String, Table, Text

from gateway.storage.metadata import metadata

bundle = Table(
    "bundle",
    metadata,
    Column("digest", String(80), primary_key=True),
    Column("files", Text, nullable=False),
    Column("author", String(128), nullable=False),
    Column("created", Float, nullable=False),
    Column("active", Boolean, nullable=False),
)
