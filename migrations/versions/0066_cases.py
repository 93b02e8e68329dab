"""The organisation's own deadlines, and what persons judge about incidents."""

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


def upgrade() -> None:
    """Creates the tables and adds the columns; they are empty for incidents of before."""
    for name, kind in _OF_INCIDENT.items():
        op.add_column("incident", sa.Column(name, kind))
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
        "deadline_rule",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("document", sa.Text, nullable=False),
        sa.Column("since", sa.Float, nullable=False),
        sa.Column("proposed_by", sa.String(128), nullable=False),
        sa.Column("approved_by", sa.String(128), nullable=False),
    )


def downgrade() -> None:
    """Drops them."""
    for table in ("deadline_rule", "incident_clock"):
        op.drop_table(table)
    with op.batch_alter_table("incident") as table:
        for name in _OF_INCIDENT:
            table.drop_column(name)
