"""The Merkle log over the entries of all processes."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Creates the tables."""
    op.create_table(
        "log_tile",
        sa.Column("level", sa.Integer, primary_key=True),
        sa.Column("position", sa.BigInteger, primary_key=True),
        sa.Column("hashes", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "log_run",
        sa.Column("first", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("log", sa.String(200), nullable=False),
        sa.Column("first_seq", sa.BigInteger, nullable=False),
        sa.Column("count", sa.BigInteger, nullable=False),
    )
    # The heads of single logs are no longer signed one by one: the tree's head covers them. All
    # that was there so far goes into the tree.
    op.drop_table("log_head")
    op.create_table(
        "log_head",
        sa.Column("log", sa.String(200), primary_key=True),
        sa.Column("seq", sa.BigInteger, nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.Column("time", sa.BigInteger, nullable=False),
    )
    op.create_index("log_run_log", "log_run", ["log", "first_seq"])
    op.create_table(
        "log_checkpoint",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("size", sa.BigInteger, nullable=False),
        sa.Column("time", sa.BigInteger, nullable=False),
        sa.Column("note", sa.Text, nullable=False),
    )


def downgrade() -> None:
    """Drops the tables."""
    for table in ("log_checkpoint", "log_run", "log_tile"):
        op.drop_table(table)
