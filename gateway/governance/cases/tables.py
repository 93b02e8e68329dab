"""The tables of incidents, complaints and the calendar."""

from sqlalchemy import (
    BigInteger,
    Column,
    Float,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    text,
)

from gateway.storage.metadata import metadata

NO_DEADLINE = 2**42  # the year 2109


def _order(table: str, ended: str, due: str) -> tuple[Index, Index]:
    """The indexes of a list: what waits by deadline, and what is over by its end."""
    waits = text(f"{ended} IS NULL")
    return (
        Index(f"{table}_waiting", due, "id", postgresql_where=waits, sqlite_where=waits),
        Index(f"{table}_over", ended, "id"),
    )


# Times are epoch milliseconds; ``requests`` are audit ids (JSON). The ``article`` and ``deadline``
# of an incident are those offered when it was opened: an empty text and ``NO_DEADLINE`` without
# one. ``due`` is when the clock ends that ends first and is not met; null where none runs.
# The texts of a case are in ``case_text``. Each is encrypted under its own key, which is wrapped
# under the KEK.
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
    Column("severity", String(16)),
    Column("classified", BigInteger),
    Column("judged", BigInteger),
    Column("judged_by", String(128)),
    Column("due", BigInteger),  # since revision 0076
    *_order("incident", "closed", "due"),
)

# The deadlines that a judgement says bind an incident. ``document`` is the row of the calendar as
# it was then; ``due`` is missing until the clock starts.
incident_clock = Table(
    "incident_clock",
    metadata,
    Column("incident", String(32), primary_key=True),
    Column("rule", String(32), primary_key=True),
    Column("document", Text, nullable=False),
    Column("due", BigInteger),
    Column("reported", BigInteger),
    Column("reported_by", String(128)),
)

# Tasks that follow from an incident; their texts are in ``case_text`` as ``followup.NUMBER``.
follow_up = Table(
    "follow_up",
    metadata,
    Column("incident", String(32), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("due", BigInteger),
    Column("created", BigInteger, nullable=False),
    Column("created_by", String(128), nullable=False),
    Column("done", BigInteger),
    Column("done_by", String(128)),
)

# Rows of the calendar that the organisation has changed or added (JSON).
deadline_rule = Table(
    "deadline_rule",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("document", Text, nullable=False),
    Column("since", Float, nullable=False),
    Column("proposed_by", String(128), nullable=False),
    Column("approved_by", String(128), nullable=False),
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
    Column("article", String(32)),
    Column("extended", BigInteger),
    *_order("complaint", "decided", "deadline"),
    Index("complaint_of_request", "request"),
)

# Requests of data subjects, and objections; who it is and what is asked are in ``case_text``.
person_request = Table(
    "person_request",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("kind", String(32), nullable=False),
    Column("received", BigInteger, nullable=False),
    Column("article", String(32)),
    Column("deadline", BigInteger),
    Column("extended", BigInteger),
    Column("identified", BigInteger),
    Column("opened", BigInteger, nullable=False),
    Column("opened_by", String(128), nullable=False),
    Column("outcome", String(16)),
    Column("decided", BigInteger),
    Column("decided_by", String(128)),
    *_order("person_request", "decided", "deadline"),
)

# The correspondence of a case; the texts are in ``case_text`` as ``message.NUMBER``.
case_message = Table(
    "case_message",
    metadata,
    Column("case_id", String(32), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("at", BigInteger, nullable=False),
    Column("by", String(128), nullable=False),
    Column("direction", String(8), nullable=False),
)

# ``stored`` is missing for texts that an earlier version stored. ``erase`` is the time of an
# erasure that reaches the text: it goes once its case has ended and no hold covers it.
case_text = Table(
    "case_text",
    metadata,
    Column("case_id", String(32), primary_key=True),
    Column("part", String(16), primary_key=True),
    Column("ciphertext", LargeBinary, nullable=False),
    Column("wrapped", LargeBinary, nullable=False),
    Column("stored", BigInteger),
    Column("erase", BigInteger),
    Index("case_text_erase", "erase"),
)

# Erased persons for whom the texts are still to be searched: keyed identifiers, and up to when.
case_erasure = Table(
    "case_erasure",
    metadata,
    Column("identifier", String(64), primary_key=True),
    Column("time", BigInteger, nullable=False),
)

# Which texts of a case were removed, when, and why: by ``retention`` or by ``erasure``.
case_text_removed = Table(
    "case_text_removed",
    metadata,
    Column("case_id", String(32), primary_key=True),
    Column("part", String(16), primary_key=True),
    Column("removed", BigInteger, nullable=False),
    Column("cause", String(16), nullable=False),
)
