"""Stored values with their keys, mentions, and who was erased."""

import sqlalchemy as sa
from alembic import op

from gateway.evidence.rows import schema

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Creates the tables; those of the trail may be there already."""
    op.create_table(
        "erased",
        sa.Column("identifier", sa.String(64), primary_key=True),
        sa.Column("time", sa.BigInteger, nullable=False),
    )
    blob = "BYTEA" if op.get_bind().dialect.name == "postgresql" else "BLOB"
    for statement in schema(blob):
        op.execute(statement)


def downgrade() -> None:
    """Drops the tables."""
    for table in ("vault_value", "value_key", "mention", "erased"):
        op.drop_table(table)
