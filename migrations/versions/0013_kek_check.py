"""The check value of the key-encryption key."""

from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    """Creates the table, as gateway/evidence/schema.sql does; the next start fills it."""
    blob = "BYTEA" if op.get_bind().dialect.name == "postgresql" else "BLOB"
    op.execute(
        f"CREATE TABLE IF NOT EXISTS kek_check (one INTEGER PRIMARY KEY, sealed {blob} NOT NULL)"
    )


def downgrade() -> None:
    """Drops it."""
    op.drop_table("kek_check")
