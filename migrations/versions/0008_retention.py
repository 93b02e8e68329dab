"""Legal holds, runs of expiry, and which entries expired."""

import sqlalchemy as sa
from alembic import op

from gateway.evidence.rows import schema

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Creates the tables; those of the trail may be there already."""
    op.create_table(
        "hold",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("people", sa.Text),
        sa.Column("since", sa.BigInteger),
        sa.Column("until", sa.BigInteger),
        sa.Column("use_case", sa.String(128)),
        sa.Column("requests", sa.Text),
        sa.Column("review", sa.BigInteger, nullable=False),
        sa.Column("created", sa.BigInteger, nullable=False),
        sa.Column("created_by", sa.String(128), nullable=False),
        sa.Column("released", sa.BigInteger),
        sa.Column("released_by", sa.String(128)),
    )
    op.create_table(
        "expiry_run",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("retention_class", sa.String(64), nullable=False),
        sa.Column("rule", sa.String(64), nullable=False),
        sa.Column("until", sa.Text, nullable=False),
        sa.Column("finished", sa.BigInteger),
        sa.Column("entry", sa.BigInteger),
    )
    blob = "BYTEA" if op.get_bind().dialect.name == "postgresql" else "BLOB"
    for statement in schema(blob):
        op.execute(statement)


def downgrade() -> None:
    """Drops the tables."""
    op.drop_index("mention_time", "mention")
    for table in ("hold", "expiry_run", "expired"):
        op.drop_table(table)
