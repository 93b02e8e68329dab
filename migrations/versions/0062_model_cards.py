"""What the card of a model version states, field by field."""

import sqlalchemy as sa
from alembic import op

revision = "0062"
down_revision = "0061"
expands = True


def upgrade() -> None:
    """Adds the column; it is empty for versions of before."""
    op.add_column("model_version", sa.Column("card_fields", sa.Text))


def downgrade() -> None:
    """Drops it."""
    with op.batch_alter_table("model_version") as table:
        table.drop_column("card_fields")
