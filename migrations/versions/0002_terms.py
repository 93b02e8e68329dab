"""The organisation's lists of terms."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Creates the table."""
    op.create_table(
        "term",
        sa.Column("kind", sa.String(8), primary_key=True),
        sa.Column("form", sa.String(200), primary_key=True),
        sa.Column("text", sa.String(200), nullable=False),
        sa.Column("type", sa.String(32), nullable=False),
        sa.Column("proposed_by", sa.String(128), nullable=False),
        sa.Column("approved_by", sa.String(128), nullable=False),
        sa.Column("since", sa.Float, nullable=False),
    )


def downgrade() -> None:
    """Drops the table."""
    op.drop_table("term")
