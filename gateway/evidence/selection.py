"""Which entries a package opens as its profile says.

Of all others it opens only the fields by which entries are selected, so that whoever verifies it sees
that none of those that were asked for is left out.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import orjson

from gateway.evidence.entry import Value, values_of
from gateway.evidence.export_row import ExportRow

FIELDS = ("deployment", "event", "level", "outcome", "zone")


@dataclass(frozen=True, slots=True)
class Selection:
    """``wanted``: for some of ``FIELDS`` the values of which an entry must have one; without any, all entries."""

    wanted: Mapping[str, frozenset[str]] = field(default_factory=dict)

    def __bool__(self) -> bool:
        """Whether some entries are not selected."""
        return bool(self.wanted)

    def marked(self, row: ExportRow) -> ExportRow:
        """The row, marked when it is not selected. Of one without values nobody can tell: it is not."""
        if not self.wanted:
            return row
        if row.disclosure is None:
            return replace(row, selected=False)
        event = orjson.loads(row.leaf)["event"]
        return replace(row, selected=self._takes({**values_of(row.disclosure), "event": event}))

    def document(self) -> dict[str, list[str]] | None:
        """As it stands in the manifest; None for all entries."""
        return {name: sorted(values) for name, values in sorted(self.wanted.items())} or None

    def words(self) -> list[str]:
        """As it stands in the entry of an export, such as ``zone=global``."""
        return [
            f"{name}={value}"
            for name, values in (self.document() or {}).items()
            for value in values
        ]

    def _takes(self, told: Mapping[str, Value]) -> bool:
        return all(told.get(name) in values for name, values in self.wanted.items())


ALL = Selection()
