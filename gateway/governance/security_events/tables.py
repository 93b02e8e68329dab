"""The table of what each destination has received."""

from sqlalchemy import BigInteger, Column, Float, String, Table

from gateway.storage.metadata import metadata

# ``position`` is an index of the Merkle log: what is before it was sent. ``holder`` is the control
# plane that sends until ``held_until`` (epoch seconds).
security_event_cursor = Table(
    "security_event_cursor",
    metadata,
    Column("destination", String(512), primary_key=True),
    Column("position", BigInteger, nullable=False),
    Column("holder", String(64), nullable=False),
    Column("held_until", Float, nullable=False),
)
