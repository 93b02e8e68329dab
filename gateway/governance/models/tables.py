"""The tables of model versions and tags."""

from sqlalchemy import Column, Float, String, Table, Text

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
)

model_tag = Table(
    "model_tag",
    metadata,
    Column("name", String(128), primary_key=True),
    Column("tag", String(64), primary_key=True),
    Column("version", String(64), nullable=False),
    Column("previous", String(64)),
)
