"""The table of custom terms."""

from sqlalchemy import Column, Float, String, Table

from gateway.storage.metadata import metadata

# Deny and allow lists; ``form`` is what the spellings of one term share.
term = Table(
    "term",
    metadata,
    Column("kind", String(8), primary_key=True),
    Column("form", String(200), primary_key=True),
    Column("text", String(200), nullable=False),
    Column("type", String(32), nullable=False),
    Column("proposed_by", String(128), nullable=False),
    Column("approved_by", String(128), nullable=False),
    Column("since", Float, nullable=False),
)
