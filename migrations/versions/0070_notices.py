"""What channels of notices were told, and an index for open requests of persons."""

import sqlalchemy as sa
from alembic import op

revision = "0070"
down_revision = "0063"
expands = True


def upgrade() -> None:
    """Creates the tables, empty, and the index."""
    op.create_table(
        "notice_item",
        sa.Column("channel", sa.String(64), primary_key=True),
        sa.Column("item", sa.String(80), primary_key=True),
        sa.Column("stage", sa.String(16), primary_key=True),
        sa.Column("due", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("source", sa.String(16), nullable=False),
        sa.Column("base", sa.String(32), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("noted", sa.BigInteger, nullable=False),
        sa.Column("sent", sa.BigInteger),
    )
    op.create_table(
        "notice_channel",
        sa.Column("channel", sa.String(64), primary_key=True),
        sa.Column("holder", sa.String(64), nullable=False),
        sa.Column("held_until", sa.Float, nullable=False),
        sa.Column("sent", sa.BigInteger),
        sa.Column("failures", sa.Integer, nullable=False),
        sa.Column("failing_since", sa.BigInteger),
        sa.Column("reason", sa.String(128)),
        sa.Column("wait_until", sa.Float, nullable=False),
    )
    op.create_index("person_request_decided", "person_request", ["decided", "deadline"])


def downgrade() -> None:
    """Drops them."""
    op.drop_index("person_request_decided", "person_request")
    op.drop_table("notice_channel")
    op.drop_table("notice_item")
