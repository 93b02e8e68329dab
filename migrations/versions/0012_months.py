"""The erasable table of the trail in months, in PostgreSQL."""

import time

from alembic import op
from sqlalchemy import text

from gateway.evidence.month_partition import ALONE, OTHER, REQUESTS, TABLE, month_of, months_from
from gateway.evidence.rows import schema

revision = "0012"
down_revision = "0011"
_BEFORE = f"{TABLE}_before"
_INDEXES = ("request", "time", "principal", "model", "zone", "level", "outcome", "event")


def upgrade() -> None:
    """Entries of requests that are there become one part, without being copied.

    Takes a look at each of them, and entries wait meanwhile. What is a month and what is none:
    gateway/evidence/month_partition.py.
    """
    connection = op.get_bind()
    if connection.dialect.name != "postgresql":
        return
    now = int(time.time() * 1000)
    newest = connection.execute(text(f"SELECT MAX(time) FROM {TABLE}")).scalar()
    op.execute(f"ALTER TABLE {TABLE} RENAME TO {_BEFORE}")
    for name in _INDEXES:
        op.execute(f"ALTER INDEX {TABLE}_{name} RENAME TO {_BEFORE}_{name}")
    # No primary key, which could not hold with parts of this kind; audit_entry has it.
    op.execute(f"ALTER TABLE {_BEFORE} DROP CONSTRAINT {TABLE}_pkey")
    op.execute(f"CREATE TABLE {TABLE} (LIKE {_BEFORE}) PARTITION BY LIST ((request = ''))")
    op.execute(f"CREATE INDEX {TABLE}_entry ON {TABLE} (log, seq)")
    _index()
    op.execute(f"CREATE TABLE {ALONE} PARTITION OF {TABLE} FOR VALUES IN (true)")
    op.execute(
        f"CREATE TABLE {REQUESTS} PARTITION OF {TABLE} FOR VALUES IN (false) PARTITION BY RANGE "
        f"(time)"
    )
    since = now
    if newest is None:
        op.execute(f"DROP TABLE {_BEFORE}")
    else:
        since = month_of(max(newest, now)).high
        op.execute(f"INSERT INTO {ALONE} SELECT * FROM {_BEFORE} WHERE request = ''")
        op.execute(f"DELETE FROM {_BEFORE} WHERE request = ''")
        op.execute(
            f"ALTER TABLE {REQUESTS} ATTACH PARTITION {_BEFORE} FOR VALUES FROM (MINVALUE) TO "
            f"({since})"
        )
    op.execute(f"CREATE TABLE {OTHER} PARTITION OF {REQUESTS} DEFAULT")
    for month in months_from(since, count=3):
        op.execute(month.creation)


def downgrade() -> None:
    """One table again; copies every entry."""
    if op.get_bind().dialect.name != "postgresql":
        return
    op.execute(f"CREATE TABLE {_BEFORE} (LIKE {TABLE})")
    op.execute(f"INSERT INTO {_BEFORE} SELECT * FROM {TABLE}")
    op.execute(f"DROP TABLE {TABLE}")
    op.execute(f"ALTER TABLE {_BEFORE} RENAME TO {TABLE}")
    op.execute(f"ALTER TABLE {TABLE} ADD CONSTRAINT {TABLE}_pkey PRIMARY KEY (log, seq)")
    _index()


def _index() -> None:
    for statement in schema("BYTEA"):
        if statement.startswith(f"CREATE INDEX IF NOT EXISTS {TABLE}_"):
            op.execute(statement)
