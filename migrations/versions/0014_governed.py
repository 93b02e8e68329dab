"""Signed records of changes, owners of objects, and persons on proposals."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"

_PROPOSAL = (
    ("decision_comment", sa.Text()),
    ("author_name", sa.String(256)),
    ("author_person", sa.String(256)),
    ("author_persons", sa.Text()),
    ("decider_name", sa.String(256)),
    ("alone", sa.Boolean()),
    ("powers", sa.Text()),
    ("lines", sa.Text()),
    ("source", sa.String(16)),
)


def upgrade() -> None:
    """Creates the tables and columns; the next start records what is in force."""
    op.create_table(
        "change_record",
        sa.Column("number", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("signature", sa.String(128), nullable=False),
    )
    op.create_table(
        "governed_line",
        sa.Column("line", sa.String(512), primary_key=True),
        sa.Column("number", sa.Integer(), nullable=False),
    )
    with op.batch_alter_table("catalogue") as table:
        table.add_column(sa.Column("source", sa.String(16), nullable=False, server_default="file"))
    with op.batch_alter_table("proposal") as table:
        for name, kind in _PROPOSAL:
            table.add_column(sa.Column(name, kind))
    with op.batch_alter_table("model_version") as table:
        table.add_column(sa.Column("registered_author", sa.Text()))


def downgrade() -> None:
    """Drops them."""
    with op.batch_alter_table("model_version") as table:
        table.drop_column("registered_author")
    with op.batch_alter_table("proposal") as table:
        for name, _ in reversed(_PROPOSAL):
            table.drop_column(name)
    with op.batch_alter_table("catalogue") as table:
        table.drop_column("source")
    op.drop_table("governed_line")
    op.drop_table("change_record")
