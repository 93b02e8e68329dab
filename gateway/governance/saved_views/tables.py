"""The table of saved views."""

from sqlalchemy import Column, Float, Index, String, Table, Text

from gateway.storage.metadata import metadata

# ``owner`` is the person, in lower case. ``filters`` is JSON; words searched for are not in it.
saved_view = Table(
    "saved_view",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("owner", String(320), nullable=False),
    Column("name", String(80), nullable=False),
    Column("filters", Text, nullable=False),
    Column("saved", Float, nullable=False),
    Index("saved_view_name", "owner", "name", unique=True),
)
