"""The tables of usage: sums by hour and series. They hold no person and no text."""

from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, String, Table

from gateway.storage.metadata import metadata

_WIDE = 256


def _place(*more: Column[object]) -> list[Column[object]]:
    return [
        Column("hour", BigInteger, primary_key=True, autoincrement=False),
        Column("series", BigInteger, primary_key=True, autoincrement=False),
        *more,
    ]


def _sums(*names: str) -> list[Column[object]]:
    return [Column(name, BigInteger, nullable=False) for name in names]


# One combination of values. ``id`` is a digest of them, so that all processes give the same one.
usage_series = Table(
    "usage_series",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    *(
        Column(name, String(_WIDE), nullable=False)
        for name in ("team", "key", "model", "provider", "zone", "use_case", "level", "result")
    ),
    Column("currency", String(16), nullable=False),
)

# ``hour`` is the epoch milliseconds at which an hour (UTC) begins.
usage_hour = Table(
    "usage_hour",
    metadata,
    *_place(),
    *_sums(
        "requests",
        "answered",
        "refused",
        "estimated",
        "input_tokens",
        "output_tokens",
        "cost_micros",
    ),
)

# Answers by bucket: ``latency`` in milliseconds, ``overhead`` in tenths of one. ``counts`` is
# packed by histograms.py, as a row for each bucket takes far longer to read.
usage_histogram = Table(
    "usage_histogram",
    metadata,
    *_place(Column("kind", String(8), primary_key=True)),
    Column("counts", LargeBinary, nullable=False),
)

# What one request can have several of: rules that refused it or fired, types of findings, controls
# that failed. ``items`` are values found, ``taken`` those that left redacted.
usage_label = Table(
    "usage_label",
    metadata,
    *_place(
        Column("kind", String(8), primary_key=True), Column("name", String(_WIDE), primary_key=True)
    ),
    *_sums("requests", "items", "taken"),
    Index("usage_label_kind", "kind", "hour"),
)

# The last entry of each log that is in the sums. ``again_to`` is the last that a rebuild counts
# again.
usage_position = Table(
    "usage_position",
    metadata,
    Column("log", String(200), primary_key=True),
    Column("seq", BigInteger, nullable=False),
    Column("again_to", BigInteger, nullable=False),
)

# One row: hours before ``kept_before`` keep their sums in a rebuild, as entries have expired.
usage_state = Table(
    "usage_state",
    metadata,
    Column("one", Integer, primary_key=True, autoincrement=False),
    Column("kept_before", BigInteger, nullable=False),
)
