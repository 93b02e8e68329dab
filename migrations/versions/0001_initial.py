"""The first schema: governance tables, and the tables of the trail."""

import sqlalchemy as sa
from alembic import op

from gateway.evidence.rows import schema

revision = "0001"
down_revision = None

_TRAIL = ("audit_entry", "audit_detail", "subject_key")


def upgrade() -> None:
    """Creates all tables."""
    op.create_table(
        "catalogue",
        sa.Column("kind", sa.String(32), primary_key=True),
        sa.Column("name", sa.String(128), primary_key=True),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("document", sa.Text, nullable=False),
    )
    op.create_table(
        "api_key",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("name", sa.String(128), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False, unique=True),
        sa.Column("document", sa.Text, nullable=False),
        sa.Column("source", sa.String(16), nullable=False),
        sa.Column("created", sa.Float, nullable=False),
        sa.Column("revoked", sa.Float),
    )
    op.create_table(
        "bundle",
        sa.Column("digest", sa.String(80), primary_key=True),
        sa.Column("files", sa.Text, nullable=False),
        sa.Column("author", sa.String(128), nullable=False),
        sa.Column("created", sa.Float, nullable=False),
        sa.Column("active", sa.Boolean, nullable=False),
    )
    _models()
    op.create_table(
        "proposal",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("subject", sa.String(256), nullable=False),
        sa.Column("document", sa.Text, nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("proposed_by", sa.String(128), nullable=False),
        sa.Column("proposed", sa.Float, nullable=False),
        sa.Column("decided_by", sa.String(128)),
        sa.Column("decided", sa.Float),
        sa.Column("comment", sa.Text),
    )
    op.create_table(
        "snapshot",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("envelope", sa.LargeBinary, nullable=False),
        sa.Column("created", sa.Float, nullable=False),
        sa.Column("confirmed", sa.Float, nullable=False),
    )
    op.create_table(
        "log_head",
        sa.Column("log", sa.String(200), primary_key=True),
        sa.Column("seq", sa.BigInteger, nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.Column("time", sa.BigInteger, nullable=False),
        sa.Column("signature", sa.String(128), nullable=False),
        sa.UniqueConstraint("log", "seq"),
    )
    blob = "BYTEA" if op.get_bind().dialect.name == "postgresql" else "BLOB"
    for statement in schema(blob):
        op.execute(statement)


def downgrade() -> None:
    """Drops all tables."""
    for table in (
        *_TRAIL,
        "log_head",
        "snapshot",
        "proposal",
        "model_tag",
        "model_version",
        "bundle",
        "api_key",
        "catalogue",
    ):
        op.drop_table(table)


def _models() -> None:
    op.create_table(
        "model_version",
        sa.Column("name", sa.String(128), primary_key=True),
        sa.Column("version", sa.String(64), primary_key=True),
        sa.Column("digest", sa.String(80), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("clearance", sa.String(16), nullable=False),
        sa.Column("base_dir", sa.Text, nullable=False),
        sa.Column("base_digest", sa.String(80), nullable=False),
        sa.Column("adapter_dir", sa.Text),
        sa.Column("adapter_digest", sa.String(80)),
        sa.Column("card", sa.Text, nullable=False),
        sa.Column("registered_by", sa.String(128), nullable=False),
        sa.Column("registered", sa.Float, nullable=False),
        sa.Column("approved_by", sa.String(128)),
    )
    op.create_table(
        "model_tag",
        sa.Column("name", sa.String(128), primary_key=True),
        sa.Column("tag", sa.String(64), primary_key=True),
        sa.Column("version", sa.String(64), nullable=False),
        sa.Column("previous", sa.String(64)),
    )
