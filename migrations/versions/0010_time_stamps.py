"""The time stamp over a signed head."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    """Adds the column."""
    op.add_column("log_witness", sa.Column("stamp", sa.LargeBinary))


def downgrade() -> None:
    """Drops it."""
    op.drop_column("log_witness", "stamp")
