"""What witnesses have seen, and the links between signing keys."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Creates the tables."""
    op.create_table(
        "log_witness",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("witness", sa.String(500), nullable=False),
        sa.Column("label", sa.String(500), nullable=False),
        sa.Column("size", sa.BigInteger, nullable=False),
        sa.Column("time", sa.BigInteger, nullable=False),
        sa.Column("note", sa.Text, nullable=False),
    )
    op.create_index("log_witness_size", "log_witness", ["witness", "size"])
    op.create_table(
        "log_key",
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("public", sa.String(64), nullable=False, unique=True),
        sa.Column("note", sa.Text, nullable=False),
    )


def downgrade() -> None:
    """Drops the tables."""
    for table in ("log_witness", "log_key"):
        op.drop_table(table)
