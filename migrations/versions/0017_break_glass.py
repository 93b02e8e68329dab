"""Break-glass exceptions."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    """Creates the table."""
    op.create_table(
        "break_glass",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("author", sa.String(256), nullable=False),
        sa.Column("authors", sa.Text, nullable=False),
        sa.Column("approver", sa.String(256), nullable=False),
        sa.Column("alone", sa.Boolean, nullable=False),
        sa.Column("began", sa.Float, nullable=False),
        sa.Column("until", sa.Float, nullable=False),
        sa.Column("document", sa.Text, nullable=False),
        sa.Column("ended", sa.Float),
        sa.Column("reviewed", sa.Float),
        sa.Column("reviewed_by", sa.String(256)),
        sa.Column("review", sa.Text),
    )


def downgrade() -> None:
    """Drops it."""
    op.drop_table("break_glass")
