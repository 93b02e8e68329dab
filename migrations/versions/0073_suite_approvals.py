"""Who approved a suite of the organisation's own."""

import sqlalchemy as sa
from alembic import op

revision = "0073"
down_revision = "0072"
expands = True


def upgrade() -> None:
    """Adds the column, empty: one person added the suites that exist."""
    op.add_column("evaluation_suite", sa.Column("approved_by", sa.String(128)))


def downgrade() -> None:
    """Drops it; the trail has the approvals."""
    op.drop_column("evaluation_suite", "approved_by")
