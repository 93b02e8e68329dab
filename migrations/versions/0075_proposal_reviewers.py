"""When proposals expire, and who was asked to review them."""

import sqlalchemy as sa
from alembic import op

revision = "0075"
down_revision = "0074"
expands = True


def upgrade() -> None:
    """Creates the column and the table, empty.

    The control plane gives proposals that wait their term from the upgrade on.
    """
    op.add_column("proposal", sa.Column("expires", sa.Float))
    op.create_table(
        "proposal_reviewer",
        sa.Column("proposal", sa.String(32), primary_key=True),
        sa.Column("kind", sa.String(8), primary_key=True),
        sa.Column("name", sa.String(320), primary_key=True),
        sa.Column("label", sa.String(320), nullable=False),
        sa.Column("persons", sa.Text, nullable=False),
        sa.Column("by", sa.String(128), nullable=False),
        sa.Column("by_name", sa.String(256), nullable=False),
        sa.Column("at", sa.Float, nullable=False),
    )


def downgrade() -> None:
    """Drops them; the trail has who was asked."""
    op.drop_table("proposal_reviewer")
    op.drop_column("proposal", "expires")
