"""The tables of reviews."""

from sqlalchemy import BigInteger, Column, Index, String, Table, Text

from gateway.storage.metadata import metadata

# A request that a rule flagged, and what a person decided about it. ``rules`` is a JSON list of
# ids, times are epoch milliseconds. No text of the request is here.
review = Table(
    "review",
    metadata,
    Column("request", String(64), primary_key=True),
    Column("time", BigInteger, nullable=False),
    Column("rules", Text, nullable=False),
    Column("team", String(256), nullable=False),
    Column("key", String(256), nullable=False),
    Column("model", String(256), nullable=False),
    Column("use_case", String(256), nullable=False),
    Column("level", String(32), nullable=False),
    Column("state", String(16), nullable=False),
    Column("outcome", String(16)),
    Column("reference", String(64)),
    Column("reason", Text),
    Column("decided", BigInteger),
    Column("decided_by", String(128)),
    Column("decided_by_name", String(256)),
    Index("review_order", "state", "time", "request"),
    Index("review_time", "time", "request"),
)

# The last entry of each log that was read for flags.
review_position = Table(
    "review_position",
    metadata,
    Column("log", String(200), primary_key=True),
    Column("seq", BigInteger, nullable=False),
)
