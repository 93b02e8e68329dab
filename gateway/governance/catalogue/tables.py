"""The table of the catalogue."""

from sqlalchemy import Column, Integer, String, Table, Text

from gateway.storage.metadata import metadata

# Who owns an object: the applied file, or the control plane, where people change it.
FILE, RECORD = "file", "record"

# One row for each provider, deployment, alias, team, use case and issuer: its document as JSON.
catalogue = Table(
    "catalogue",
    metadata,
    Column("kind", String(32), primary_key=True),
    Column("name", String(128), primary_key=True),
    Column("position", Integer, nullable=False),
    Column("document", Text, nullable=False),
    Column("source", String(16), nullable=False, server_default=FILE),
)
