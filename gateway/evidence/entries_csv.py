"""The entries of an export as CSV, safe in a spreadsheet: no cell is taken for a formula."""

import csv
import io
from collections.abc import Mapping
from typing import Any

from gateway.core.text.spreadsheet import safe_cell
from gateway.evidence.difference import difference_text
from gateway.evidence.disclosure_profile import DisclosureProfile
from gateway.evidence.entry import values_of
from gateway.evidence.export_row import ExportRow

_COLUMNS = (
    "time",
    "event",
    "request",
    "principal",
    "name",
    "person",
    "team",
    "model",
    "deployment",
    "zone",
    "level",
    "outcome",
    "redacted",
    "input_tokens",
    "output_tokens",
    "cost_micros",
    "log",
    "seq",
    "kind",
    "proposal",
    "basis",
    "difference",
    "comment",
    "author_name",
    "author_person",
    "author_comment",
    "cached_tokens",
    "cache_write_tokens",
    "cache_write_1h_tokens",
    "currency",
    "gone",
    "gone_entry",
)
_LEAF_COLUMNS = ("time", "event", "request", "log", "seq")


class EntriesCsv:
    """Columns of withheld fields are left out. Entries of governance show names and differences."""

    def __init__(self, profile: DisclosureProfile) -> None:
        always = {*_LEAF_COLUMNS, "gone", "gone_entry"}
        self._columns = [
            name
            for name in _COLUMNS
            if name in always or profile.opens("lines" if name == "difference" else name)
        ]
        self._out = io.StringIO()
        self._csv = csv.writer(self._out)
        self._csv.writerow(self._columns)

    def add(self, row: ExportRow, leaf: Mapping[str, Any]) -> None:
        """Writes one entry: those of its values that have a column."""
        values: dict[str, Any] = {}
        if row.disclosure is None:
            values = {"gone": row.deletion.kind, "gone_entry": row.deletion.entry}
        else:
            values |= values_of(row.disclosure)
        values |= {name: leaf[name] for name in _LEAF_COLUMNS}
        values["difference"] = difference_text(values) or ""
        self._csv.writerow([safe_cell(values.get(name, "")) for name in self._columns])

    def bytes(self) -> bytes:
        """The whole file."""
        return self._out.getvalue().encode()
