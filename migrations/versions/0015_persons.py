"""Persons, their groups, cut-offs, and the logout tokens that were used."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0031"


def upgrade() -> None:
    """Creates the tables."""
    op.create_table(
        "person",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("issuer", sa.String(128), nullable=False),
        sa.Column("source", sa.String(16), nullable=False),
        sa.Column("principal", sa.String(64)),
        sa.Column("external_id", sa.String(256)),
        sa.Column("user_name", sa.String(256)),
        sa.Column("user_name_key", sa.String(256)),
        sa.Column("email_key", sa.String(320)),
        sa.Column("emails", sa.Text, nullable=False),
        sa.Column("display_name", sa.String(256)),
        sa.Column("names", sa.Text, nullable=False),
        sa.Column("roles", sa.Text, nullable=False),
        sa.Column("active", sa.Boolean, nullable=False),
        sa.Column("provided_active", sa.Boolean),
        sa.Column("created", sa.Float, nullable=False),
        sa.Column("changed", sa.Float, nullable=False),
        sa.Column("deactivated_at", sa.Float),
        sa.Column("deleted", sa.Float),
    )
    for column in ("principal", "user_name_key", "email_key"):
        op.create_index(f"ix_person_{column}", "person", [column])
    op.create_index("ix_person_external", "person", ["issuer", "external_id"])
    op.create_table(
        "person_group",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("issuer", sa.String(128), nullable=False),
        sa.Column("external_id", sa.String(256)),
        sa.Column("display_name", sa.String(256), nullable=False),
        sa.Column("display_key", sa.String(256), nullable=False),
        sa.Column("created", sa.Float, nullable=False),
        sa.Column("changed", sa.Float, nullable=False),
    )
    op.create_table(
        "person_group_member",
        sa.Column("group_id", sa.String(32), primary_key=True),
        sa.Column("person_id", sa.String(32), primary_key=True),
    )
    op.create_index("ix_person_group_member_person_id", "person_group_member", ["person_id"])
    op.create_table(
        "cut_off",
        sa.Column("key", sa.String(160), primary_key=True),
        sa.Column("not_before", sa.BigInteger),
        sa.Column("person", sa.String(32)),
        sa.Column("until", sa.Float),
    )
    op.create_index("ix_cut_off_person", "cut_off", ["person"])
    op.create_table(
        "logout_token",
        sa.Column("digest", sa.String(64), primary_key=True),
        sa.Column("until", sa.Float, nullable=False),
    )


def downgrade() -> None:
    """Drops them."""
    for table in ("logout_token", "cut_off", "person_group_member", "person_group", "person"):
        op.drop_table(table)
