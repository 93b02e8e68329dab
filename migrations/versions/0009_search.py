"""Indexes by which entries are searched."""

from alembic import op

from gateway.evidence.rows import schema

revision = "0009"
down_revision = "0008"
_INDEXES = ("principal", "model", "zone", "level", "outcome", "event")


def upgrade() -> None:
    """Creates them; takes a minute for some millions of entries, and entries wait meanwhile."""
    blob = "BYTEA" if op.get_bind().dialect.name == "postgresql" else "BLOB"
    for statement in schema(blob):
        op.execute(statement)


def downgrade() -> None:
    """Drops them."""
    for name in _INDEXES:
        op.drop_index(f"audit_detail_{name}", "audit_detail")
