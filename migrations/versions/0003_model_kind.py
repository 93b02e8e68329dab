"""Detectors are registered beside language models."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Adds the column; all that was registered so far answers."""
    op.add_column(
        "model_version",
        sa.Column("kind", sa.String(16), nullable=False, server_default="language"),
    )


def downgrade() -> None:
    """Drops the column."""
    op.drop_column("model_version", "kind")
