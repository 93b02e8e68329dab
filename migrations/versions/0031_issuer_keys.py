"""The signing keys of identity providers."""

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0014"


def upgrade() -> None:
    """Creates the table; the first publication fills it from the newest snapshot."""
    op.create_table(
        "issuer_keys",
        sa.Column("issuer", sa.String(2000), primary_key=True),
        sa.Column("document", sa.Text, nullable=False),
        sa.Column("fetched", sa.Float, nullable=False),
        sa.Column("asked", sa.Float),
    )


def downgrade() -> None:
    """Drops it."""
    op.drop_table("issuer_keys")
