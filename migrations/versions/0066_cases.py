"""The organisation's own deadlines; what persons judge about incidents and stop for them."""

import sqlalchemy as sa
from alembic import op

revision = "0066"
down_revision = "0065"
expands = True

_OF_INCIDENT = {
    "severity": sa.String(16),
    "classified": sa.BigInteger,
    "judged": sa.BigInteger,
    "judged_by": sa.String(128),
}
_TABLES = (
    "deadline_rule",
    "follow_up",
    "containment",
    "incident_clock",
    "case_message",
    "person_request",
)
_OF_COMPLAINT = {"article": sa.String(32), "extended": sa.BigInteger}


def upgrade() -> None:
    """Creates the tables and adds the columns; they are empty for incidents of before."""
    for name, kind in _OF_INCIDENT.items():
        op.add_column("incident", sa.Column(name, kind))
    for name, kind in _OF_COMPLAINT.items():
        op.add_column("complaint", sa.Column(name, kind))
    op.create_index("complaint_of_request", "complaint", ["request"])
    op.create_table(
        "person_request",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("received", sa.BigInteger, nullable=False),
        sa.Column("article", sa.String(32)),
        sa.Column("deadline", sa.BigInteger),
        sa.Column("extended", sa.BigInteger),
        sa.Column("identified", sa.BigInteger),
        sa.Column("opened", sa.BigInteger, nullable=False),
        sa.Column("opened_by", sa.String(128), nullable=False),
        sa.Column("outcome", sa.String(16)),
        sa.Column("decided", sa.BigInteger),
        sa.Column("decided_by", sa.String(128)),
    )
    op.create_table(
        "case_message",
        sa.Column("case_id", sa.String(32), primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("by", sa.String(128), nullable=False),
        sa.Column("direction", sa.String(8), nullable=False),
    )
    op.create_table(
        "incident_clock",
        sa.Column("incident", sa.String(32), primary_key=True),
        sa.Column("rule", sa.String(32), primary_key=True),
        sa.Column("document", sa.Text, nullable=False),
        sa.Column("due", sa.BigInteger),
        sa.Column("reported", sa.BigInteger),
        sa.Column("reported_by", sa.String(128)),
    )
    op.create_table(
        "containment",
        sa.Column("incident", sa.String(32), primary_key=True),
        sa.Column("kind", sa.String(16), primary_key=True),
        sa.Column("name", sa.String(256), primary_key=True),
        sa.Column("since", sa.Float, nullable=False),
        sa.Column("by", sa.String(128), nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("snapshot", sa.Integer),
    )
    op.create_table(
        "follow_up",
        sa.Column("incident", sa.String(32), primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("due", sa.BigInteger),
        sa.Column("created", sa.BigInteger, nullable=False),
        sa.Column("created_by", sa.String(128), nullable=False),
        sa.Column("done", sa.BigInteger),
        sa.Column("done_by", sa.String(128)),
    )
    op.create_table(
        "deadline_rule",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("document", sa.Text, nullable=False),
        sa.Column("since", sa.Float, nullable=False),
        sa.Column("proposed_by", sa.String(128), nullable=False),
        sa.Column("approved_by", sa.String(128), nullable=False),
    )


def downgrade() -> None:
    """Drops them."""
    for table in _TABLES:
        op.drop_table(table)
    op.drop_index("complaint_of_request", "complaint")
    with op.batch_alter_table("complaint") as table:
        for name in _OF_COMPLAINT:
            table.drop_column(name)
    with op.batch_alter_table("incident") as table:
        for name in _OF_INCIDENT:
            table.drop_column(name)
