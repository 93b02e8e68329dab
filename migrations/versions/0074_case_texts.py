"""When texts of cases were stored, and which were removed."""

import sqlalchemy as sa
from alembic import op

revision = "0074"
down_revision = "0072"
expands = True


def upgrade() -> None:
    """Adds the time of a text, which is not known for earlier ones, and the removed texts."""
    op.add_column("case_text", sa.Column("stored", sa.BigInteger))
    op.create_table(
        "case_text_removed",
        sa.Column("case_id", sa.String(32), primary_key=True),
        sa.Column("part", sa.String(16), primary_key=True),
        sa.Column("removed", sa.BigInteger, nullable=False),
        sa.Column("cause", sa.String(16), nullable=False),
    )


def downgrade() -> None:
    """Drops them; the trail has the removals."""
    op.drop_table("case_text_removed")
    op.drop_column("case_text", "stored")
