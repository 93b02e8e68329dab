"""The tables of governed objects, and of the signed records of their changes."""

from sqlalchemy import Column, Integer, String, Table, Text

from gateway.storage.metadata import metadata

# One row for each provider, deployment, alias, team, use case, issuer and setting: its document as
# JSON. ``source`` says who owns it: "file" for sluis.yaml, "record" for the console and the API.
catalogue = Table(
    "catalogue",
    metadata,
    Column("kind", String(32), primary_key=True),
    Column("name", String(128), primary_key=True),
    Column("position", Integer, nullable=False),
    Column("document", Text, nullable=False),
    Column("source", String(16), nullable=False, server_default="file"),
)
change_record = Table(
    "change_record",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("document", Text, nullable=False),
    Column("signature", String(128), nullable=False),
)
# The records of each line since it was last widened.
governed_line = Table(
    "governed_line",
    metadata,
    Column("line", String(512), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
)
# The last state of each object that was removed: what one of the same name is judged against.
removed_object = Table(
    "removed_object",
    metadata,
    Column("kind", String(32), primary_key=True),
    Column("name", String(128), primary_key=True),
    Column("document", Text, nullable=False),
)
