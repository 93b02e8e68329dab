"""Writes the package: a zip with what is stored, for machines and for people."""

import csv
import io
import zipfile
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import orjson

from gateway.core.text.spreadsheet import safe_cell
from gateway.governance.subject_access.texts import PackageDescription, explanation, moment

_STAMP = (1980, 1, 1, 0, 0, 0)
_COLUMNS = (
    "time",
    "audit_id",
    "application",
    "purpose",
    "model",
    "deployment",
    "provider",
    "zone",
    "level",
    "outcome",
    "bodies",
)
_PRETTY = orjson.OPT_INDENT_2


class Package:
    """A file that appears under its name only when it is complete."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._draft = path.with_name(path.name + ".part")
        self._zip = zipfile.ZipFile(self._draft, "w", zipfile.ZIP_DEFLATED)
        self._requests: list[dict[str, Any]] = []
        self.bodies = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._zip.close()
        self._draft.unlink(missing_ok=True)

    @property
    def requests(self) -> int:
        """The number of added requests."""
        return len(self._requests)

    def values(self, values: list[dict[str, Any]]) -> None:
        """Write the values that identify the person."""
        self._write("values.json", orjson.dumps(values, option=_PRETTY))

    def cases(self, cases: list[dict[str, Any]]) -> None:
        """Write the cases that name the person, without their texts."""
        self._write("cases.json", orjson.dumps(cases, option=_PRETTY))

    def request(self, shown: dict[str, Any], bodies: list[dict[str, Any]]) -> None:
        """Add a request that mentions the person."""
        self._requests.append(shown)
        self.bodies += len(bodies)
        if bodies:
            self._write(f"bodies/{shown['audit_id']}.json", orjson.dumps(bodies, option=_PRETTY))

    def explain(self, about: PackageDescription) -> None:
        """Write the lists of requests, and the explanation in all languages."""
        self._requests.sort(key=lambda one: (one["time"], one["audit_id"]))
        self._write("entries.json", orjson.dumps(self._requests, option=_PRETTY))
        self._write("entries.csv", self._table())
        self._write("LEESMIJ.txt", explanation("nl", about).encode())
        self._write("README.txt", explanation("en", about).encode())

    def finish(self) -> None:
        """Give the file its final name."""
        self._zip.close()
        self._draft.replace(self._path)

    def _table(self) -> bytes:
        out = io.StringIO()
        table = csv.writer(out)
        table.writerow(_COLUMNS)
        for one in self._requests:
            row = {**one, "time": moment(one["time"])}
            table.writerow([safe_cell(row.get(name, "")) for name in _COLUMNS])
        return out.getvalue().encode()

    def _write(self, name: str, data: bytes) -> None:
        info = zipfile.ZipInfo(name, date_time=_STAMP)
        info.compress_type = zipfile.ZIP_DEFLATED
        self._zip.writestr(info, data)
