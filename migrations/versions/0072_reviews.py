"""Reviews of flagged requests."""

import sqlalchemy as sa
from alembic import op

revision = "0072"
down_revision = "0071"
expands = True


def upgrade() -> None:
    """Creates the tables, empty; the control plane fills them from the trail."""
    op.create_table(
        "review",
        sa.Column("request", sa.String(64), primary_key=True),
        sa.Column("time", sa.BigInteger, nullable=False),
        sa.Column("rules", sa.Text, nullable=False),
        sa.Column("team", sa.String(256), nullable=False),
        sa.Column("key", sa.String(256), nullable=False),
        sa.Column("model", sa.String(256), nullable=False),
        sa.Column("use_case", sa.String(256), nullable=False),
        sa.Column("level", sa.String(32), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("outcome", sa.String(16)),
        sa.Column("reference", sa.String(64)),
        sa.Column("reason", sa.Text),
        sa.Column("decided", sa.BigInteger),
        sa.Column("decided_by", sa.String(128)),
        sa.Column("decided_by_name", sa.String(256)),
    )
    op.create_index("review_state", "review", ["state", "time"])
    op.create_table(
        "review_position",
        sa.Column("log", sa.String(200), primary_key=True),
        sa.Column("seq", sa.BigInteger, nullable=False),
    )


def downgrade() -> None:
    """Drops them; the trail has the flags and the decisions."""
    op.drop_table("review_position")
    op.drop_table("review")
