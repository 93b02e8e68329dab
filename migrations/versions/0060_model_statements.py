"""What is stated about models whose files are not here."""

import sqlalchemy as sa
from alembic import op

revision = "0060"
down_revision = "0043"
expands = True


def upgrade() -> None:
    """Adds the column."""
    op.add_column("model_version", sa.Column("statement", sa.Text))


def downgrade() -> None:
    """Drops it."""
    with op.batch_alter_table("model_version") as table:
        table.drop_column("statement")
