"""The tables of stop switches that are on, and of what was stopped for an incident."""

from sqlalchemy import Column, Float, Integer, String, Table, Text

from gateway.storage.metadata import metadata

# What was stopped for an incident: stops, and versions of models that were quarantined (of the kind
# ``version``, named name@version).
containment = Table(
    "containment",
    metadata,
    Column("incident", String(32), primary_key=True),
    Column("kind", String(16), primary_key=True),
    Column("name", String(256), primary_key=True),
    Column("since", Float, nullable=False),
    Column("by", String(128), nullable=False),
    Column("reason", Text, nullable=False),
    Column("snapshot", Integer),
)

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
