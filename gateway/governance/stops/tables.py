"""The table of stop switches that are on."""

from sqlalchemy import Column, Float, Integer, String, Table, Text

from gateway.storage.metadata import metadata

# ``snapshot`` is the row of the first published snapshot with the stop; ``checked`` is when every
# gateway had acknowledged it, or the silent ones were reported.
stop = Table(
    "stop",
    metadata,
    Column("kind", String(16), primary_key=True),
    Column("name", String(128), primary_key=True),
    Column("since", Float, nullable=False),
    Column("by", String(128), nullable=False),
    Column("reason", Text, nullable=False),
    Column("snapshot", Integer),
    Column("checked", Float),
)
