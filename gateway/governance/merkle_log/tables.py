"""The tables of the Merkle log, its checkpoints, witnesses and signing keys."""

from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, String, Table, Text

from gateway.storage.metadata import metadata

# The Merkle log over the entries of all processes: its hashes, the position of each run of entries,
# its signed heads.
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

# The last entry of each log that is in the tree.
log_head = Table(
    "log_head",
    metadata,
    Column("log", String(200), primary_key=True),
    Column("seq", BigInteger, nullable=False),
    Column("hash", String(64), nullable=False),
    Column("time", BigInteger, nullable=False),
)

# What each witness has seen: the checkpoint with its cosignatures, and the time stamp of a TSA.
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

# Rotations of the signing key; the notes are public and part of every export.
log_key = Table(
    "log_key",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("public", String(64), nullable=False, unique=True),
    Column("note", Text, nullable=False),
)
