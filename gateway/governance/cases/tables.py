"""The tables of incidents and complaints."""

from sqlalchemy import BigInteger, Column, Index, LargeBinary, String, Table, Text

from gateway.storage.metadata import metadata

# Times are epoch milliseconds; ``requests`` are audit ids (JSON). The texts of a case are in
# ``case_text``. Each is encrypted under its own key, which is wrapped under the KEK.
incident = Table(
    "incident",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("kind", String(32), nullable=False),
    Column("article", String(32), nullable=False),
    Column("model", String(128)),
    Column("requests", Text, nullable=False),
    Column("hold", String(32)),
    Column("aware", BigInteger, nullable=False),
    Column("deadline", BigInteger, nullable=False),
    Column("opened", BigInteger, nullable=False),
    Column("opened_by", String(128), nullable=False),
    Column("reported", BigInteger),
    Column("closed", BigInteger),
    Column("closed_by", String(128)),
    Index("incident_closed", "closed", "deadline"),
)

complaint = Table(
    "complaint",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("request", String(64), nullable=False),
    Column("language", String(8), nullable=False),
    Column("hold", String(32), nullable=False),
    Column("deadline", BigInteger, nullable=False),
    Column("opened", BigInteger, nullable=False),
    Column("outcome", String(16)),
    Column("decided", BigInteger),
    Column("decided_by", String(128)),
    Index("complaint_decided", "decided", "deadline"),
)

case_text = Table(
    "case_text",
    metadata,
    Column("case_id", String(32), primary_key=True),
    Column("part", String(16), primary_key=True),
    Column("ciphertext", LargeBinary, nullable=False),
    Column("wrapped", LargeBinary, nullable=False),
)
