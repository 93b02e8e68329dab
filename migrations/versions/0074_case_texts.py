"""When texts of cases were stored, which were removed, and which are to be erased."""

import sqlalchemy as sa
from alembic import op

revision = "0074"
down_revision = "0073"
expands = True


def upgrade() -> None:
    """Adds the times of a text, which are not known for earlier ones, and the tables, empty."""
    op.add_column("case_text", sa.Column("stored", sa.BigInteger))
    op.add_column("case_text", sa.Column("erase", sa.BigInteger))
    op.create_index("case_text_erase", "case_text", ["erase"])
    op.create_table(
        "case_erasure",
        sa.Column("identifier", sa.String(64), primary_key=True),
        sa.Column("time", sa.BigInteger, nullable=False),
    )
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
    op.drop_table("case_erasure")
    op.drop_index("case_text_erase", "case_text")
    op.drop_column("case_text", "erase")
    op.drop_column("case_text", "stored")
