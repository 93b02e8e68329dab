"""The records of each line since it was last widened, in place of the newest one alone.

The version before writes one row a line, which is a chain too.
"""

import sqlalchemy as sa
from alembic import op

revision = "0077"
down_revision = "0076"
expands = True


def upgrade() -> None:
    """Makes the number a part of the key, and remembers what was removed."""
    number = sa.Column("number", sa.Integer, primary_key=True, autoincrement=False)
    _made_again("governed_line_chains", number, "number")
    op.create_table(
        "removed_object",
        sa.Column("kind", sa.String(32), primary_key=True),
        sa.Column("name", sa.String(128), primary_key=True),
        sa.Column("document", sa.Text, nullable=False),
    )


def downgrade() -> None:
    """Keeps the newest record of each line."""
    op.drop_table("removed_object")
    number = sa.Column("number", sa.Integer, nullable=False)
    _made_again("governed_line_newest", number, "MAX(number)", " GROUP BY line")


def _made_again(table: str, column: sa.Column[int], number: str, group: str = "") -> None:
    """Fill a table of another name and give it this one: PostgreSQL keeps the names of keys."""
    op.create_table(table, sa.Column("line", sa.String(512), primary_key=True), column)
    op.execute(f"INSERT INTO {table} SELECT line, {number} FROM governed_line{group}")
    op.drop_table("governed_line")
    op.rename_table(table, "governed_line")
