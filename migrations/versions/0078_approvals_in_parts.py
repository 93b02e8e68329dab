"""Approvals of a proposal that waits for more of them."""

import sqlalchemy as sa
from alembic import op

revision = "0078"
down_revision = "0077"
expands = True


def upgrade() -> None:
    """Creates the column, empty: no proposal from before has a part of its approvals."""
    op.add_column("proposal", sa.Column("approvals", sa.Text))


def downgrade() -> None:
    """Drops it: who approved a part approves it again."""
    op.drop_column("proposal", "approvals")
