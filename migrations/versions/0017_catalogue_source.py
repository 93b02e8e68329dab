"""Which of the two owns an object of the catalogue: the file, or a record of the control plane."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0013"


def upgrade() -> None:
    """What is stored came from the file."""
    source = sa.Column("source", sa.String(16), nullable=False, server_default="file")
    op.add_column("catalogue", source)


def downgrade() -> None:
    """Drops the column; the next apply of a file deletes what was a record."""
    op.drop_column("catalogue", "source")
