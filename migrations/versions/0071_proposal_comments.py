"""The comments of proposals."""

import sqlalchemy as sa
from alembic import op

revision = "0071"
down_revision = "0070"
expands = True


def upgrade() -> None:
    """Creates the table, empty."""
    op.create_table(
        "proposal_comment",
        sa.Column("proposal", sa.String(32), primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("by", sa.String(128), nullable=False),
        sa.Column("name", sa.String(256), nullable=False),
        sa.Column("at", sa.Float, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
    )


def downgrade() -> None:
    """Drops it; the trail has the comments."""
    op.drop_table("proposal_comment")
