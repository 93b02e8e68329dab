"""The programs that run with the schema, for those that are older than it."""

import sqlalchemy as sa
from alembic import op

revision = "0042"
down_revision = "0041"


def upgrade() -> None:
    """Creates the table; who migrates fills it."""
    op.create_table(
        "schema_window",
        sa.Column("version", sa.String(32), primary_key=True),
        sa.Column("program", sa.String(32), primary_key=True),
    )


def downgrade() -> None:
    """Drops it."""
    op.drop_table("schema_window")
