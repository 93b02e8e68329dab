"""The tables of proposals, of their comments, and of who was asked to review them."""

from sqlalchemy import Boolean, Column, Float, Index, Integer, String, Table, Text

from gateway.storage.metadata import metadata

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
    Column("comment", Text),  # of the author
    # Since revision 0014; null in older rows.
    Column("decision_comment", Text),
    Column("author_name", String(256)),
    Column("author_person", String(256)),
    Column("author_persons", Text),  # a JSON list: every name of that person
    Column("decider_name", String(256)),
    Column("alone", Boolean),  # one person decided, because there was no other
    Column("powers", Text),  # a JSON list
    Column("lines", Text),  # a JSON list of lines, as entries of the trail hold them
    Column("source", String(16)),  # "file" when it came from sluis.yaml
    Column("expires", Float),  # since revision 0075; epoch seconds
    # Since revision 0078; a JSON list of signed approvals that are not enough yet.
    Column("approvals", Text),
    Index("proposal_state", "state", "proposed"),
)

# What persons say about a proposal before it is decided; ``at`` is epoch seconds.
proposal_comment = Table(
    "proposal_comment",
    metadata,
    Column("proposal", String(32), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("by", String(128), nullable=False),
    Column("name", String(256), nullable=False),
    Column("at", Float, nullable=False),
    Column("text", Text, nullable=False),
)

# Who was asked. ``name`` is a role, the id of a person on record, or the owner of a key in lower
# case. ``persons`` is a JSON list: every name of that person, in lower case. ``at`` is epoch
# seconds.
proposal_reviewer = Table(
    "proposal_reviewer",
    metadata,
    Column("proposal", String(32), primary_key=True),
    Column("kind", String(8), primary_key=True),  # "person" or "role"
    Column("name", String(320), primary_key=True),
    Column("label", String(320), nullable=False),
    Column("persons", Text, nullable=False),
    Column("by", String(128), nullable=False),
    Column("by_name", String(256), nullable=False),
    Column("at", Float, nullable=False),
)
