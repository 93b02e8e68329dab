"""The table of fetched signing keys."""

from sqlalchemy import Column, Float, String, Table, Text

from gateway.storage.metadata import metadata

issuer_keys = Table(
    "issuer_keys",
    metadata,
    Column("issuer", String(2000), primary_key=True),
    Column("document", Text, nullable=False),  # JSON: FetchedKeys
    Column("fetched", Float, nullable=False),
    Column("asked", Float),  # a gateway met an unknown key (gateway/processes/snapshot_source.py)
)
