"""What each receiver of security events has received."""

import sqlalchemy as sa
from alembic import op

revision = "0043"
down_revision = "0042"
expands = True


def upgrade() -> None:
    """Creates the table."""
    op.create_table(
        "security_event_cursor",
        sa.Column("destination", sa.String(512), primary_key=True),
        sa.Column("position", sa.BigInteger, nullable=False),
        sa.Column("holder", sa.String(64), nullable=False),
        sa.Column("held_until", sa.Float, nullable=False),
    )


def downgrade() -> None:
    """Drops it."""
    op.drop_table("security_event_cursor")
