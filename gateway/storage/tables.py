"""The tables of the control plane. Those of the trail are in gateway/evidence/schema.sql."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
)

NAMING = {
    "ix": "ix_%(column_0_label)s",
    "uq": "uq_%(table_name)s_%(column_0_name)s",
    "pk": "pk_%(table_name)s",
}
metadata = MetaData(naming_convention=NAMING)

# One row for each provider, deployment, alias, team, use case, issuer: its document as JSON.
catalogue = Table(
    "catalogue",
    metadata,
    Column("kind", String(32), primary_key=True),
    Column("name", String(128), primary_key=True),
    Column("position", Integer, nullable=False),
    Column("document", Text, nullable=False),
)

api_key = Table(
    "api_key",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("name", String(128), nullable=False),
    Column("digest", String(64), nullable=False, unique=True),
    Column("document", Text, nullable=False),
    Column("source", String(16), nullable=False),  # "file" from sluis.yaml, "issued" otherwise
    Column("created", Float, nullable=False),
    Column("revoked", Float),
)

bundle = Table(
    "bundle",
    metadata,
    Column("digest", String(80), primary_key=True),
    Column("files", Text, nullable=False),
    Column("author", String(128), nullable=False),
    Column("created", Float, nullable=False),
    Column("active", Boolean, nullable=False),
)

model_version = Table(
    "model_version",
    metadata,
    Column("name", String(128), primary_key=True),
    Column("version", String(64), primary_key=True),
    Column("kind", String(16), nullable=False, server_default="language"),
    Column("digest", String(80), nullable=False),
    Column("state", String(16), nullable=False),
    Column("clearance", String(16), nullable=False),
    Column("base_dir", Text, nullable=False),
    Column("base_digest", String(80), nullable=False),
    Column("adapter_dir", Text),
    Column("adapter_digest", String(80)),
    Column("card", Text, nullable=False),
    Column("registered_by", String(128), nullable=False),
    Column("registered", Float, nullable=False),
    Column("approved_by", String(128)),
)

model_tag = Table(
    "model_tag",
    metadata,
    Column("name", String(128), primary_key=True),
    Column("tag", String(64), primary_key=True),
    Column("version", String(64), nullable=False),
    Column("previous", String(64)),
)

proposal = Table(
    "proposal",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("kind", String(32), nullable=False),
    Column("subject", String(256), nullable=False),
    Column("document", Text, nullable=False),
    Column("state", String(16), nullable=False),
    Column("proposed_by", String(128), nullable=False),
    Column("proposed", Float, nullable=False),
    Column("decided_by", String(128)),
    Column("decided", Float),
    Column("comment", Text),
)

# Deny and allow lists; ``form`` is what spellings of one term share.
term = Table(
    "term",
    metadata,
    Column("kind", String(8), primary_key=True),
    Column("form", String(200), primary_key=True),
    Column("text", String(200), nullable=False),
    Column("type", String(32), nullable=False),
    Column("proposed_by", String(128), nullable=False),
    Column("approved_by", String(128), nullable=False),
    Column("since", Float, nullable=False),
)

snapshot = Table(
    "snapshot",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("digest", String(64), nullable=False),
    Column("envelope", LargeBinary, nullable=False),
    Column("created", Float, nullable=False),
    Column("confirmed", Float, nullable=False),
)

# Keyed names of people who were erased, and when (epoch milliseconds): destroyed again after a restore.
erased = Table(
    "erased",
    metadata,
    Column("identifier", String(64), primary_key=True),
    Column("time", BigInteger, nullable=False),
)

# Legal holds. What is not null must all be so of an entry that is held: whom it mentions (keyed names
# with their types, as JSON), when it was (epoch milliseconds), its use case, its audit id (JSON).
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

# Incidents and complaints. Moments are epoch milliseconds; ``requests`` are audit ids (JSON); what people
# wrote stands in ``case_text``, each text under a key of its own that is wrapped under the KEK.
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
)

case_text = Table(
    "case_text",
    metadata,
    Column("case_id", String(32), primary_key=True),
    Column("part", String(16), primary_key=True),
    Column("ciphertext", LargeBinary, nullable=False),
    Column("wrapped", LargeBinary, nullable=False),
)

# Runs of expiry of one class: up to when (by part, JSON), under which rule, and their entry in the trail.
expiry_run = Table(
    "expiry_run",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("retention_class", String(64), nullable=False),
    Column("rule", String(64), nullable=False),
    Column("until", Text, nullable=False),
    Column("finished", BigInteger),
    Column("entry", BigInteger),
)

# Signed heads of all logs, so that entries missing at the end are noticed before an export.
# The Merkle log over the entries of all processes: its hashes, which entries stand where, its heads.
log_tile = Table(
    "log_tile",
    metadata,
    Column("level", Integer, primary_key=True),
    Column("position", BigInteger, primary_key=True),
    Column("hashes", LargeBinary, nullable=False),
)

log_run = Table(
    "log_run",
    metadata,
    Column("first", BigInteger, primary_key=True, autoincrement=False),
    Column("log", String(200), nullable=False),
    Column("first_seq", BigInteger, nullable=False),
    Column("count", BigInteger, nullable=False),
    Index("log_run_log", "log", "first_seq"),
)

log_checkpoint = Table(
    "log_checkpoint",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("size", BigInteger, nullable=False),
    Column("time", BigInteger, nullable=False),
    Column("note", Text, nullable=False),
)

log_head = Table(
    "log_head",
    metadata,
    Column("log", String(200), primary_key=True),
    Column("seq", BigInteger, nullable=False),
    Column("hash", String(64), nullable=False),
    Column("time", BigInteger, nullable=False),
)

# Regular reports: what each was made of, signed; every form of it is drawn from that.
report = Table(
    "report",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("kind", String(32), nullable=False),
    Column("every", String(16), nullable=False),
    Column("since", BigInteger, nullable=False),
    Column("until", BigInteger, nullable=False),
    Column("made", BigInteger, nullable=False),
    Column("facts", LargeBinary, nullable=False),
    Column("digest", String(64), nullable=False),
    Column("signature", String(128), nullable=False),
    Index("report_period", "kind", "every", "since", unique=True),
)

# What witnesses have seen: the checkpoint, with their cosignatures where they give one, and the time stamp
# over it where the place is a TSA.
log_witness = Table(
    "log_witness",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("witness", String(500), nullable=False),
    Column("label", String(500), nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("time", BigInteger, nullable=False),
    Column("note", Text, nullable=False),
    Column("stamp", LargeBinary),
    Index("log_witness_size", "witness", "size"),
)

# From one signing key to the next; the notes are public and stand in every export.
log_key = Table(
    "log_key",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("public", String(64), nullable=False, unique=True),
    Column("note", Text, nullable=False),
)
