"""The tables of the control plane. Those of the trail are in gateway/evidence/schema.sql."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)

NAMING = {
    "ix": "ix_%(column_0_label)s",
    "uq": "uq_%(table_name)s_%(column_0_name)s",
    "pk": "pk_%(table_name)s",
}
metadata = MetaData(naming_convention=NAMING)

# One row for each provider, deployment, alias, team, use case, issuer: its document as JSON.
catalogue = Table(
    "catalogue",
    metadata,
    Column("kind", String(32), primary_key=True),
    Column("name", String(128), primary_key=True),
    Column("position", Integer, nullable=False),
    Column("document", Text, nullable=False),
)

api_key = Table(
    "api_key",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("name", String(128), nullable=False),
    Column("digest", String(64), nullable=False, unique=True),
    Column("document", Text, nullable=False),
    Column("source", String(16), nullable=False),  # "file" from sluis.yaml, "issued" otherwise
    Column("created", Float, nullable=False),
    Column("revoked", Float),
)

bundle = Table(
    "bundle",
    metadata,
    Column("digest", String(80), primary_key=True),
    Column("files", Text, nullable=False),
    Column("author", String(128), nullable=False),
    Column("created", Float, nullable=False),
    Column("active", Boolean, nullable=False),
)

model_version = Table(
    "model_version",
    metadata,
    Column("name", String(128), primary_key=True),
    Column("version", String(64), primary_key=True),
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
)

model_tag = Table(
    "model_tag",
    metadata,
    Column("name", String(128), primary_key=True),
    Column("tag", String(64), primary_key=True),
    Column("version", String(64), nullable=False),
    Column("previous", String(64)),
)

proposal = Table(
    "proposal",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("kind", String(32), nullable=False),
    Column("subject", String(256), nullable=False),
    Column("document", Text, nullable=False),
    Column("state", String(16), nullable=False),
    Column("proposed_by", String(128), nullable=False),
    Column("proposed", Float, nullable=False),
    Column("decided_by", String(128)),
    Column("decided", Float),
    Column("comment", Text),
)

snapshot = Table(
    "snapshot",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("digest", String(64), nullable=False),
    Column("envelope", LargeBinary, nullable=False),
    Column("created", Float, nullable=False),
    Column("confirmed", Float, nullable=False),
)

# Signed heads of all logs, so that entries missing at the end are noticed before an export.
log_head = Table(
    "log_head",
    metadata,
    Column("log", String(200), primary_key=True),
    Column("seq", BigInteger, nullable=False),
    Column("hash", String(64), nullable=False),
    Column("time", BigInteger, nullable=False),
    Column("signature", String(128), nullable=False),
    UniqueConstraint("log", "seq"),
)
