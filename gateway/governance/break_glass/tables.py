"""The table of break-glass exceptions."""

from sqlalchemy import Boolean, Column, Float, String, Table, Text

from gateway.storage.metadata import metadata

# ``id`` is that of the proposal; ``document`` has what it changed, as JSON. Times are epoch
# seconds. ``author`` and ``approver`` are persons; ``authors`` the names of the author, as JSON.
break_glass = Table(
    "break_glass",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("subject", Text, nullable=False),
    Column("author", String(256), nullable=False),
    Column("authors", Text, nullable=False),
    Column("approver", String(256), nullable=False),
    Column("alone", Boolean, nullable=False),
    Column("began", Float, nullable=False),
    Column("until", Float, nullable=False),
    Column("document", Text, nullable=False),
    Column("ended", Float),
    Column("reviewed", Float),
    Column("reviewed_by", String(256)),
    Column("review", Text),
)
