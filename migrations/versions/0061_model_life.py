"""Approvals of model versions one by one, the history of tags, and the end of a version."""

import sqlalchemy as sa
from alembic import op

revision = "0061"
down_revision = "0060"
expands = True

_KEPT = """INSERT INTO model_tag_move (name, tag, version, cause, at, by_actor)
SELECT name, tag, {column}, 'promote', 0, '' FROM model_tag WHERE {column} IS NOT NULL"""


def upgrade() -> None:
    """Adds the tables and columns; what each tag named before is the start of its history."""
    op.add_column("model_version", sa.Column("until", sa.String(10)))
    op.add_column("model_version", sa.Column("approved_until", sa.Float))
    op.create_table(
        "model_approval",
        sa.Column("name", sa.String(128), primary_key=True),
        sa.Column("version", sa.String(64), primary_key=True),
        sa.Column("person", sa.String(256), primary_key=True),
        sa.Column("digest", sa.String(80), nullable=False),
        sa.Column("approved_by", sa.String(128), nullable=False),
        sa.Column("author", sa.Text, nullable=False),
        sa.Column("roles", sa.Text, nullable=False),
        sa.Column("at", sa.Float, nullable=False),
        sa.Column("expires", sa.Float, nullable=False),
    )
    op.create_table(
        "model_tag_move",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("name", sa.String(128), nullable=False),
        sa.Column("tag", sa.String(64), nullable=False),
        sa.Column("version", sa.String(64), nullable=False),
        sa.Column("cause", sa.String(16), nullable=False),
        sa.Column("at", sa.Float, nullable=False),
        sa.Column("by_actor", sa.String(128), nullable=False),
    )
    op.create_index("model_tag_move_of", "model_tag_move", ["name", "tag"])
    for column in ("previous", "version"):
        op.execute(_KEPT.format(column=column))


def downgrade() -> None:
    """Drops them."""
    op.drop_table("model_tag_move")
    op.drop_table("model_approval")
    with op.batch_alter_table("model_version") as table:
        table.drop_column("approved_until")
        table.drop_column("until")
