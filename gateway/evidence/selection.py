"""The entries of a package to which its profile applies.

Of all other entries a package discloses only the fields that select entries. So a verifier can
check that no selected entry is left out.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import orjson

from gateway.evidence.entry import Value, values_of
from gateway.evidence.export_row import ExportRow

FIELDS = ("deployment", "event", "level", "outcome", "zone")


@dataclass(frozen=True, slots=True)
class Selection:
    """``criteria`` maps some of ``FIELDS`` to the allowed values; without criteria all match."""

    criteria: Mapping[str, frozenset[str]] = field(default_factory=dict)

    def __bool__(self) -> bool:
        """Returns whether there are criteria."""
        return bool(self.criteria)

    def mark(self, row: ExportRow) -> ExportRow:
        """Returns the row with ``selected`` set; a row without values counts as not selected."""
        if not self.criteria:
            return row
        if row.disclosure is None:
            return replace(row, selected=False)
        event = orjson.loads(row.leaf)["event"]
        return replace(row, selected=self._matches({**values_of(row.disclosure), "event": event}))

    def document(self) -> dict[str, list[str]] | None:
        """Returns the criteria for the manifest; None for all entries."""
        return {name: sorted(values) for name, values in sorted(self.criteria.items())} or None

    def texts(self) -> list[str]:
        """Returns the criteria for the entry of an export, such as ``zone=global``."""
        return [
            f"{name}={value}"
            for name, values in (self.document() or {}).items()
            for value in values
        ]

    def _matches(self, fields_of_entry: Mapping[str, Value]) -> bool:
        return all(fields_of_entry.get(name) in values for name, values in self.criteria.items())


ALL = Selection()
