"""The tables of evaluations: own suites, runs, answers, and overrides of the gate."""

from sqlalchemy import Column, Float, Index, Integer, String, Table, Text

from gateway.storage.metadata import metadata

# A suite of the organisation's own, as it was uploaded.
evaluation_suite = Table(
    "evaluation_suite",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("digest", String(80), nullable=False),
    Column("description", Text, nullable=False),  # the text of suite.yaml
    Column("items", Text, nullable=False),  # the text of items.jsonl
    Column("added", Float, nullable=False),
    Column("added_by", String(128), nullable=False),  # who proposed it
    # Since revision 0073; null in older rows, which one person added.
    Column("approved_by", String(128)),
)

# What is set before the first request, and the result; ``purpose`` is "gate" or "baseline".
evaluation_run = Table(
    "evaluation_run",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("name", String(128), nullable=False),
    Column("version", String(64), nullable=False),
    Column("version_digest", String(80), nullable=False),
    Column("purpose", String(16), nullable=False),
    Column("suite", String(64), nullable=False),
    Column("suite_version", Integer, nullable=False),
    Column("suite_digest", String(80), nullable=False),
    Column("scorer", String(16), nullable=False),
    Column("thresholds", Text, nullable=False),  # as JSON; "null" where policy asks for nothing
    Column("parameters", Text, nullable=False),  # of the requests, as JSON
    Column("deployment", String(128), nullable=False),
    Column("proof", String(16), nullable=False),  # what proves that it serves the version
    Column("key", String(64), nullable=False),  # the id of the key of its requests
    Column("compared_with", String(32)),  # the run of the version in production
    Column("state", String(16), nullable=False),
    Column("started", Float, nullable=False),
    Column("started_by", String(128), nullable=False),
    Column("finished", Float),
    Column("result", Text),  # as JSON
    Column("problems", Text),  # why it did not pass, as JSON
    Index("evaluation_run_of", "name", "version", "suite"),
)

evaluation_answer = Table(
    "evaluation_answer",
    metadata,
    Column("run", String(32), primary_key=True),
    Column("item", String(64), primary_key=True),
    Column("outcome", String(16), nullable=False),
    Column("text", Text, nullable=False),
    Column("code", String(64), nullable=False),  # of the refusal or failure
    Column("ms", Integer, nullable=False),
    Column("audit_id", String(64), nullable=False),  # of the entry of the request
    Column("at", Float, nullable=False),
)

# What another person let pass: the problems of a version at that time.
evaluation_override = Table(
    "evaluation_override",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", String(128), nullable=False),
    Column("version", String(64), nullable=False),
    Column("version_digest", String(80), nullable=False),
    Column("problems", Text, nullable=False),  # as JSON
    Column("reason", Text, nullable=False),
    Column("author", String(256), nullable=False),
    Column("approved_by", String(128), nullable=False),
    Column("at", Float, nullable=False),
    Index("evaluation_override_of", "name", "version"),
)
