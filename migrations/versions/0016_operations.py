"""Stop switches, and objects of the catalogue that no file owns."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0013"


def upgrade() -> None:
    """Creates the table and the column; what is stored came from a file."""
    columns = sa.inspect(op.get_bind()).get_columns("catalogue")
    if "source" not in {column["name"] for column in columns}:
        source = sa.Column("source", sa.String(16), nullable=False, server_default="file")
        op.add_column("catalogue", source)
    op.create_table(
        "stop",
        sa.Column("kind", sa.String(16), primary_key=True),
        sa.Column("name", sa.String(128), primary_key=True),
        sa.Column("since", sa.Float, nullable=False),
        sa.Column("by", sa.String(128), nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("snapshot", sa.Integer),
        sa.Column("checked", sa.Float),
    )


def downgrade() -> None:
    """Drops them, and what no file owns."""
    op.drop_table("stop")
    op.execute("DELETE FROM catalogue WHERE source <> 'file'")
    op.drop_column("catalogue", "source")
