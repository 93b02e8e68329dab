"""The table of legal holds."""

from sqlalchemy import BigInteger, Column, String, Table, Text

from gateway.storage.metadata import metadata

# Legal holds. A held entry meets every condition that is not null: the persons that it mentions
# (keyed identifiers with their types, as JSON), its time (epoch milliseconds), its use case, its
# audit id (JSON).
hold = Table(
    "hold",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("reason", Text, nullable=False),
    Column("people", Text),
    Column("since", BigInteger),
    Column("until", BigInteger),
    Column("use_case", String(128)),
    Column("requests", Text),
    Column("review", BigInteger, nullable=False),
    Column("created", BigInteger, nullable=False),
    Column("created_by", String(128), nullable=False),
    Column("released", BigInteger),
    Column("released_by", String(128)),
)
