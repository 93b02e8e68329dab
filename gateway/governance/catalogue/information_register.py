"""Contracts with commercial providers for DORA's register of information.

The columns follow the templates of Implementing Regulation (EU) 2024/2956 where a value is known
here. A column that has no code is no field of the templates, or one whose code differs between
published versions of them. What is not stated stays empty, and nothing is derived but "storage".
"""

import csv
import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from gateway.core.level import Zone
from gateway.core.text.spreadsheet import safe_cell

_BOM = b"\xef\xbb\xbf"  # so that spreadsheets read accents correctly
_Stated = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class _Column:
    """A column, and what it takes from a provider's document and its contract."""

    title: str
    value: Callable[[_Stated, _Stated], object]


_COLUMNS = (
    _Column("Provider in Sluis", lambda provider, _: provider["name"]),
    _Column("Zone", lambda provider, _: provider["zone"]),
    _Column(
        "B_02.02.0010 Contractual arrangement reference number",
        lambda _, contract: contract.get("reference"),
    ),
    _Column(
        "B_02.02.0140 Storage of data", lambda _, contract: _storage(contract.get("retention"))
    ),
    _Column(
        "B_02.02.0160 Location of management of the data (processing)",
        lambda _, contract: contract.get("region"),
    ),
    _Column(
        "B_05.02 Subcontractors in the supply chain",
        lambda _, contract: "; ".join(contract.get("subprocessors") or []),
    ),
    _Column("Retention of the data", lambda _, contract: contract.get("retention")),
    _Column("Training on the data", lambda _, contract: contract.get("training")),
    _Column("Transfer basis (GDPR chapter V)", lambda _, contract: contract.get("transfer_basis")),
    _Column("Covers confidential text until", lambda _, contract: contract.get("review")),
)
COLUMNS = tuple(column.title for column in _COLUMNS)


def rows(documents: Sequence[bytes]) -> list[list[str]]:
    """One row for each commercial provider, by name; without a contract all else is empty."""
    found = sorted(map(orjson.loads, documents), key=lambda one: str(one["name"]))
    return [
        [_text(column.value(one, one.get("contract") or {})) for column in _COLUMNS]
        for one in found
        if one["zone"] != Zone.INTERNAL.value
    ]


def as_csv(lines: Sequence[Sequence[str]]) -> bytes:
    """The rows with a head, for a spreadsheet."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    writer.writerows([safe_cell(cell) for cell in line] for line in lines)
    return _BOM + out.getvalue().encode()


def _storage(retention: object) -> str | None:
    """Whether the provider keeps data, where that is stated as a number of days."""
    if isinstance(retention, int):
        return "Yes" if retention else "No"
    return None


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "Yes" if value else "No"
    return "" if value is None else str(value)
