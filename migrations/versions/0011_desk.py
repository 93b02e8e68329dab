"""Incidents and complaints, and the texts that belong to them."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    """Creates the tables."""
    op.create_table(
        "incident",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("article", sa.String(32), nullable=False),
        sa.Column("model", sa.String(128)),
        sa.Column("requests", sa.Text, nullable=False),
        sa.Column("hold", sa.String(32)),
        sa.Column("aware", sa.BigInteger, nullable=False),
        sa.Column("deadline", sa.BigInteger, nullable=False),
        sa.Column("opened", sa.BigInteger, nullable=False),
        sa.Column("opened_by", sa.String(128), nullable=False),
        sa.Column("reported", sa.BigInteger),
        sa.Column("closed", sa.BigInteger),
        sa.Column("closed_by", sa.String(128)),
    )
    op.create_table(
        "complaint",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("request", sa.String(64), nullable=False),
        sa.Column("language", sa.String(8), nullable=False),
        sa.Column("hold", sa.String(32), nullable=False),
        sa.Column("deadline", sa.BigInteger, nullable=False),
        sa.Column("opened", sa.BigInteger, nullable=False),
        sa.Column("outcome", sa.String(16)),
        sa.Column("decided", sa.BigInteger),
        sa.Column("decided_by", sa.String(128)),
    )
    op.create_table(
        "case_text",
        sa.Column("case_id", sa.String(32), primary_key=True),
        sa.Column("part", sa.String(16), primary_key=True),
        sa.Column("ciphertext", sa.LargeBinary, nullable=False),
        sa.Column("wrapped", sa.LargeBinary, nullable=False),
    )


def downgrade() -> None:
    """Drops them."""
    for table in ("incident", "complaint", "case_text"):
        op.drop_table(table)
