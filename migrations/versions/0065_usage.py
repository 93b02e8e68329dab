"""Usage by the hour, and indexes for what waits."""

import sqlalchemy as sa
from alembic import op

revision = "0065"
down_revision = "0062"
expands = True
_SERIES = ("team", "key", "model", "provider", "zone", "use_case", "level", "result")
_HOUR = ("requests", "answered", "refused", "estimated")
_INDEXES = (
    ("proposal_state", "proposal", ["state", "proposed"]),
    ("incident_closed", "incident", ["closed", "deadline"]),
    ("complaint_decided", "complaint", ["decided", "deadline"]),
)


def upgrade() -> None:
    """Creates the tables, empty: the control plane fills them from the trail."""
    op.create_table(
        "usage_series",
        sa.Column("id", sa.BigInteger, primary_key=True, autoincrement=False),
        *(sa.Column(name, sa.String(256), nullable=False) for name in _SERIES),
        sa.Column("currency", sa.String(16), nullable=False),
    )
    op.create_table(
        "usage_hour",
        *_place(),
        *_sums(*_HOUR, "input_tokens", "output_tokens", "cost_micros"),
    )
    op.create_table(
        "usage_histogram",
        *_place(),
        sa.Column("kind", sa.String(8), primary_key=True),
        sa.Column("counts", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "usage_label",
        *_place(),
        sa.Column("kind", sa.String(8), primary_key=True),
        sa.Column("name", sa.String(256), primary_key=True),
        *_sums("requests", "items", "taken"),
    )
    op.create_index("usage_label_kind", "usage_label", ["kind", "hour"])
    op.create_table(
        "usage_position",
        sa.Column("log", sa.String(200), primary_key=True),
        sa.Column("seq", sa.BigInteger, nullable=False),
        sa.Column("again_to", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "usage_state",
        sa.Column("one", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("kept_before", sa.BigInteger, nullable=False),
    )
    for name, table, columns in _INDEXES:
        op.create_index(name, table, columns)


def downgrade() -> None:
    """Drops them; a later upgrade counts again what the trail still has."""
    for name, table, _ in _INDEXES:
        op.drop_index(name, table)
    for table in (
        "usage_state",
        "usage_position",
        "usage_label",
        "usage_histogram",
        "usage_hour",
        "usage_series",
    ):
        op.drop_table(table)


def _place() -> list["sa.Column[int]"]:
    return [
        sa.Column("hour", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("series", sa.BigInteger, primary_key=True, autoincrement=False),
    ]


def _sums(*names: str) -> list["sa.Column[int]"]:
    return [sa.Column(name, sa.BigInteger, nullable=False) for name in names]
