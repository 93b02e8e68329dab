"""The tables of persons, of their groups, and of cut-offs."""

from sqlalchemy import BigInteger, Boolean, Column, Float, Index, String, Table, Text

from gateway.storage.metadata import metadata

# ``principal`` is the pseudonym of the subject of the person's tokens. The ``*_key`` columns are
# case-folded for look-ups. ``provided_active`` is what the identity provider says by SCIM,
# ``active`` what is in force. ``emails``, ``names`` and ``roles`` are JSON.
person = Table(
    "person",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("issuer", String(128), nullable=False),
    Column("source", String(16), nullable=False),  # "scim", "sign-on" or "request"
    Column("principal", String(64), index=True),
    Column("external_id", String(256)),
    Column("user_name", String(256)),
    Column("user_name_key", String(256), index=True),
    Column("email_key", String(320), index=True),
    Column("emails", Text, nullable=False),
    Column("display_name", String(256)),
    Column("names", Text, nullable=False),
    Column("roles", Text, nullable=False),  # those of the last sign-on
    Column("active", Boolean, nullable=False),
    Column("provided_active", Boolean),
    Column("created", Float, nullable=False),
    Column("changed", Float, nullable=False),
    Column("deactivated_at", Float),
    Column("deleted", Float),
)
Index("ix_person_external", person.c.issuer, person.c.external_id)

person_group = Table(
    "person_group",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("issuer", String(128), nullable=False),
    Column("external_id", String(256)),
    Column("display_name", String(256), nullable=False),
    Column("display_key", String(256), nullable=False),
    Column("created", Float, nullable=False),
    Column("changed", Float, nullable=False),
)

person_group_member = Table(
    "person_group_member",
    metadata,
    Column("group_id", String(32), primary_key=True),
    Column("person_id", String(32), primary_key=True, index=True),
)

# Keys of gateway.identity.cut_offs, of owners of keys, and ids of persons: nothing readable.
# ``not_before`` is epoch seconds, and null for good. ``until`` is when the row is removed.
cut_off = Table(
    "cut_off",
    metadata,
    Column("key", String(160), primary_key=True),
    Column("not_before", BigInteger),
    Column("person", String(32), index=True),
    Column("until", Float),
)

# Logout tokens that were used (digests of issuer and ``jti``), until none of that age is accepted.
logout_token = Table(
    "logout_token",
    metadata,
    Column("digest", String(64), primary_key=True),
    Column("until", Float, nullable=False),
)
