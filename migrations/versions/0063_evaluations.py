"""Evaluations of model versions: own suites, runs, answers, and overrides of the gate."""

import sqlalchemy as sa
from alembic import op

revision = "0063"
down_revision = "0066"
expands = True


def upgrade() -> None:
    """Adds the tables."""
    op.create_table(
        "evaluation_suite",
        sa.Column("name", sa.String(64), primary_key=True),
        sa.Column("version", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("digest", sa.String(80), nullable=False),
        sa.Column("description", sa.Text, nullable=False),
        sa.Column("items", sa.Text, nullable=False),
        sa.Column("added", sa.Float, nullable=False),
        sa.Column("added_by", sa.String(128), nullable=False),
    )
    _runs()
    op.create_table(
        "evaluation_answer",
        sa.Column("run", sa.String(32), primary_key=True),
        sa.Column("item", sa.String(64), primary_key=True),
        sa.Column("outcome", sa.String(16), nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("code", sa.String(64), nullable=False),
        sa.Column("ms", sa.Integer, nullable=False),
        sa.Column("audit_id", sa.String(64), nullable=False),
        sa.Column("at", sa.Float, nullable=False),
    )
    op.create_table(
        "evaluation_override",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("name", sa.String(128), nullable=False),
        sa.Column("version", sa.String(64), nullable=False),
        sa.Column("version_digest", sa.String(80), nullable=False),
        sa.Column("problems", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("author", sa.String(256), nullable=False),
        sa.Column("approved_by", sa.String(128), nullable=False),
        sa.Column("at", sa.Float, nullable=False),
    )
    op.create_index("evaluation_override_of", "evaluation_override", ["name", "version"])


def _runs() -> None:
    op.create_table(
        "evaluation_run",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("name", sa.String(128), nullable=False),
        sa.Column("version", sa.String(64), nullable=False),
        sa.Column("version_digest", sa.String(80), nullable=False),
        sa.Column("purpose", sa.String(16), nullable=False),
        sa.Column("suite", sa.String(64), nullable=False),
        sa.Column("suite_version", sa.Integer, nullable=False),
        sa.Column("suite_digest", sa.String(80), nullable=False),
        sa.Column("scorer", sa.String(16), nullable=False),
        sa.Column("thresholds", sa.Text, nullable=False),
        sa.Column("parameters", sa.Text, nullable=False),
        sa.Column("deployment", sa.String(128), nullable=False),
        sa.Column("proof", sa.String(16), nullable=False),
        sa.Column("key", sa.String(64), nullable=False),
        sa.Column("compared_with", sa.String(32)),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("started", sa.Float, nullable=False),
        sa.Column("started_by", sa.String(128), nullable=False),
        sa.Column("finished", sa.Float),
        sa.Column("result", sa.Text),
        sa.Column("problems", sa.Text),
    )
    op.create_index("evaluation_run_of", "evaluation_run", ["name", "version", "suite"])


def downgrade() -> None:
    """Drops them."""
    for table in ("evaluation_override", "evaluation_answer", "evaluation_run", "evaluation_suite"):
        op.drop_table(table)
