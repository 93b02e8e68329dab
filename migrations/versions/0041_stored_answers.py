"""Answers that are given or read again, and the claims on their names."""

from alembic import op

from gateway.evidence.rows import schema

revision = "0041"
down_revision = "0017"
_TABLES = ("stored_answer", "answer_claim")


def upgrade() -> None:
    """Creates the tables, as gateway/evidence/schema.sql does."""
    blob = "BYTEA" if op.get_bind().dialect.name == "postgresql" else "BLOB"
    for statement in schema(blob):
        if any(f" {table} (" in statement for table in _TABLES):
            op.execute(statement)


def downgrade() -> None:
    """Drops them."""
    for table in _TABLES:
        op.drop_table(table)
