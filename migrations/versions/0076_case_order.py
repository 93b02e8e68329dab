"""The order of the lists of cases and of flagged requests, as indexes; and saved views."""

import sqlalchemy as sa
from alembic import op

revision = "0076"
down_revision = "0075"
expands = True
_LISTS = (
    ("incident", "closed", "due"),
    ("complaint", "decided", "deadline"),
    ("person_request", "decided", "deadline"),
)
# When the clock ends that ends first and is not met. A clock of no hours has no such moment.
_DUE = """
UPDATE incident SET due = CASE
    WHEN judged IS NOT NULL THEN (
        SELECT MIN(one.due) FROM incident_clock AS one
        WHERE one.incident = incident.id AND one.reported IS NULL
        AND one.document NOT LIKE '%"hours":0,%' AND one.document NOT LIKE '%"hours":0}%'
    )
    WHEN deadline < 4398046511104 THEN deadline
END
"""


def upgrade() -> None:
    """Adds the id to each index: cases with the same deadline come in pages too."""
    op.add_column("incident", sa.Column("due", sa.BigInteger))
    op.execute(sa.text(_DUE.replace(":", "\\:")))
    for table, ended, due in _LISTS:
        waits = sa.text(f"{ended} IS NULL")
        op.create_index(
            f"{table}_waiting", table, [due, "id"], postgresql_where=waits, sqlite_where=waits
        )
        op.create_index(f"{table}_over", table, [ended, "id"])
        op.drop_index(f"{table}_{ended}", table_name=table)
    op.create_index("review_order", "review", ["state", "time", "request"])
    op.create_index("review_time", "review", ["time", "request"])
    op.drop_index("review_state", table_name="review")
    op.create_table(
        "saved_view",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("owner", sa.String(320), nullable=False),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("filters", sa.Text, nullable=False),
        sa.Column("saved", sa.Float, nullable=False),
    )
    op.create_index("saved_view_name", "saved_view", ["owner", "name"], unique=True)


def downgrade() -> None:
    """Makes them as they were, without saved views."""
    op.drop_table("saved_view")
    op.create_index("review_state", "review", ["state", "time"])
    op.drop_index("review_time", table_name="review")
    op.drop_index("review_order", table_name="review")
    for table, ended, _ in _LISTS:
        op.create_index(f"{table}_{ended}", table, [ended, "deadline"])
        op.drop_index(f"{table}_over", table_name=table)
        op.drop_index(f"{table}_waiting", table_name=table)
    op.drop_column("incident", "due")
