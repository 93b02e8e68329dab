"""The tables of notices: what each channel received, and its state."""

from sqlalchemy import BigInteger, Column, Float, Integer, String, Table

from gateway.storage.metadata import metadata

# One row for each item that a channel receives, once. ``stage`` is new, asked, reminder or overdue;
# ``due`` (epoch milliseconds, 0 without one) belongs to the key: an extended term is sent
# again. ``base`` is the case or proposal that it belongs to. ``sent`` is missing until the
# channel took the message.
notice_item = Table(
    "notice_item",
    metadata,
    Column("channel", String(64), primary_key=True),
    Column("item", String(80), primary_key=True),
    Column("stage", String(16), primary_key=True),
    Column("due", BigInteger, primary_key=True, autoincrement=False),
    Column("source", String(16), nullable=False),
    Column("base", String(32), nullable=False),
    Column("kind", String(32), nullable=False),
    Column("noted", BigInteger, nullable=False),
    Column("sent", BigInteger),
)

# ``holder`` is the control plane that sends until ``held_until`` (epoch seconds).
notice_channel = Table(
    "notice_channel",
    metadata,
    Column("channel", String(64), primary_key=True),
    Column("holder", String(64), nullable=False),
    Column("held_until", Float, nullable=False),
    Column("sent", BigInteger),
    Column("failures", Integer, nullable=False),
    Column("failing_since", BigInteger),
    Column("reason", String(128)),
    Column("wait_until", Float, nullable=False),
)
