"""The entries of an export as one Parquet table, written in pieces."""

import io
from typing import Any

import orjson

from gateway.core.errors import Unavailable
from gateway.evidence.difference import difference_text
from gateway.evidence.disclosure_profile import DisclosureProfile
from gateway.evidence.entry import values_of
from gateway.evidence.export_row import ExportRow

_PIECE = 10_000
_TEXTS = (
    "event",
    "request",
    "log",
    "principal",
    "team",
    "purpose",
    "model",
    "deployment",
    "provider",
    "zone",
    "level",
    "outcome",
    "currency",
    "model_digest",
    "model_version",
    "model_proof",
    "name",
    "person",
    "kind",
    "proposal",
    "basis",
    "comment",
    "author_name",
    "author_person",
    "author_comment",
    "difference",
    "gone",
)
_NUMBERS = (
    "seq",
    "redacted",
    "input_tokens",
    "output_tokens",
    "cost_micros",
    "latency_ms",
    "gone_entry",
    "cached_tokens",
    "cache_write_tokens",
    "cache_write_1h_tokens",
)
_OF_LEAF = ("event", "request", "log", "seq")
_OF_ROW = (*_OF_LEAF, "gone", "gone_entry")


class EntriesTable:
    """One row an entry, with the values that the entry itself discloses, else null.

    ``gone`` says that its values expired or are missing, ``gone_entry`` is the entry in the log
    "control" about it. Columns of fields that the profile withholds are left out.
    """

    def __init__(self, profile: DisclosureProfile) -> None:
        """Raises Unavailable when the library is not installed."""
        self._pa, self._parquet = arrow()
        pa = self._pa
        typed = [(name, pa.string()) for name in _TEXTS] + [(name, pa.int64()) for name in _NUMBERS]
        columns = [
            one
            for one in typed
            if one[0] in _OF_ROW or profile.opens("lines" if one[0] == "difference" else one[0])
        ]
        self._schema = pa.schema([("time", pa.timestamp("ms", tz="UTC")), *columns])
        self._out = io.BytesIO()
        self._writer = self._parquet.ParquetWriter(self._out, self._schema)
        self._rows: list[dict[str, Any]] = []

    def add(self, row: ExportRow) -> None:
        """Add an entry."""
        leaf = orjson.loads(row.leaf)
        values = {} if row.disclosure is None else values_of(row.disclosure)
        shown: dict[str, Any] = {name: leaf[name] for name in ("time", *_OF_LEAF)}
        if row.disclosure is None:
            shown |= {"gone": row.deletion.kind, "gone_entry": row.deletion.entry}
        shown["difference"] = difference_text(values)
        self._rows.append({name: shown.get(name, values.get(name)) for name in self._schema.names})
        if len(self._rows) >= _PIECE:
            self._flush()

    def bytes(self) -> bytes:
        """The whole file. Call it once."""
        self._flush()
        self._writer.close()
        return self._out.getvalue()

    def _flush(self) -> None:
        if self._rows:
            self._writer.write_table(self._pa.Table.from_pylist(self._rows, self._schema))
            self._rows = []


def arrow() -> tuple[Any, Any]:
    """The library that writes Parquet, loaded at first use.

    Raises:
        Unavailable: when it is not installed.
    """
    try:
        import pyarrow
        from pyarrow import parquet
    except ImportError as error:
        raise Unavailable(
            "Parquet needs the extra: install sluis[reports].", retry_after=3600
        ) from error
    return pyarrow, parquet
