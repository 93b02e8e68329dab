"""The tables of model versions, their approvals, and tags."""

from sqlalchemy import Column, Float, Index, Integer, String, Table, Text

from gateway.storage.metadata import metadata

model_version = Table(
    "model_version",
    metadata,
    Column("name", String(128), primary_key=True),
    Column("version", String(64), primary_key=True),
    Column("kind", String(16), nullable=False, server_default="language"),
    Column("digest", String(80), nullable=False),
    Column("state", String(16), nullable=False),
    Column("clearance", String(16), nullable=False),
    Column("base_dir", Text, nullable=False),
    Column("base_digest", String(80), nullable=False),
    Column("adapter_dir", Text),
    Column("adapter_digest", String(80)),
    Column("card", Text, nullable=False),
    Column("registered_by", String(128), nullable=False),
    Column("registered", Float, nullable=False),
    Column("approved_by", String(128)),
    Column("registered_author", Text),  # the person who registered it, as JSON
    Column("statement", Text),  # about a model whose files are not here, as JSON
    Column("until", String(10)),  # the last day of a deprecated version
    Column("approved_until", Float),  # epoch seconds
    Column("card_fields", Text),  # what the card states, as JSON
)

model_tag = Table(
    "model_tag",
    metadata,
    Column("name", String(128), primary_key=True),
    Column("tag", String(64), primary_key=True),
    Column("version", String(64), nullable=False),
    Column("previous", String(64)),
)

model_approval = Table(
    "model_approval",
    metadata,
    Column("name", String(128), primary_key=True),
    Column("version", String(64), primary_key=True),
    Column("person", String(256), primary_key=True),
    Column("digest", String(80), nullable=False),  # of what was approved
    Column("approved_by", String(128), nullable=False),
    Column("author", Text, nullable=False),  # the person who approved, as JSON
    Column("roles", Text, nullable=False),  # those by which the person approved, as JSON
    Column("at", Float, nullable=False),
    Column("expires", Float, nullable=False),
)

model_tag_move = Table(
    "model_tag_move",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", String(128), nullable=False),
    Column("tag", String(64), nullable=False),
    Column("version", String(64), nullable=False),
    Column("cause", String(16), nullable=False),
    Column("at", Float, nullable=False),
    Column("by_actor", String(128), nullable=False),
    Index("model_tag_move_of", "name", "tag"),
)
