"""A report as CSV, JSON and Parquet."""

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Protocol

import msgspec
import orjson

from gateway.core.text.spreadsheet import safe_cell
from gateway.governance.reports.algorithms import FIELDS
from gateway.governance.reports.document import ReportDocument
from gateway.governance.reports.entries_table import arrow
from gateway.governance.reports.facts import Facts


class Writer(Protocol):
    """A writer of CSV."""

    def writerow(self, row: Iterable[str], /) -> object:
        """Write a line."""
        ...


_BOM = b"\xef\xbb\xbf"  # so that spreadsheets read accents correctly


def as_json(document: ReportDocument, facts: Facts, *, signature: str, key: str) -> bytes:
    """The document, its facts, and the signature of the facts as sorted JSON."""
    fields: dict[str, object] = {
        "document": msgspec.to_builtins(document),
        "facts": msgspec.to_builtins(facts),
        "signature": signature,
        "key": key,
    }
    return orjson.dumps(fields, option=orjson.OPT_SORT_KEYS | orjson.OPT_INDENT_2)


def as_csv(document: ReportDocument) -> bytes:
    """The records of a register in its own columns; the tables of other reports."""
    out = io.StringIO()
    writer = csv.writer(out)
    if document.kind == "algorithms":
        _records(writer, document)
    else:
        _tables(writer, document)
    return _BOM + out.getvalue().encode()


def as_parquet(document: ReportDocument) -> bytes:
    """All cells of all tables, one a row, with position and, where they are numbers, value."""
    pa, parquet = arrow()
    rows = [
        (
            section.id,
            table.id,
            number,
            column.id,
            column.label,
            str(cell),
            None if isinstance(cell, str) else float(cell),
        )
        for section, table in document.tables()
        for number, row in enumerate(table.rows)
        for column, cell in zip(table.columns, row, strict=True)
    ]
    schema = pa.schema([
        ("section", pa.string()),
        ("table", pa.string()),
        ("row", pa.int32()),
        ("column", pa.string()),
        ("label", pa.string()),
        ("text", pa.string()),
        ("number", pa.float64()),
    ])
    columns = list(zip(*rows, strict=True)) if rows else [()] * len(schema)
    about = {b"title": document.title.encode(), b"period": document.period.encode()}
    table = pa.Table.from_arrays(
        [pa.array(values, type=field.type) for values, field in zip(columns, schema, strict=True)],
        schema=schema.with_metadata(about),
    )
    out = io.BytesIO()
    parquet.write_table(table, out)
    return out.getvalue()


def _records(writer: Writer, document: ReportDocument) -> None:
    writer.writerow([field.name for field in FIELDS])
    for record in document.records:
        writer.writerow([_plain(record[field.name]) for field in FIELDS])


def _plain(value: object) -> str:
    if isinstance(value, list):
        return safe_cell(orjson.dumps(value).decode() if value else "")
    return safe_cell(value)


def _tables(writer: Writer, document: ReportDocument) -> None:
    head: Sequence[tuple[str, str]] = [
        (document.title, ""),
        *((pair.label, pair.value) for pair in (*document.about, *document.proof)),
    ]
    for line in head:
        writer.writerow([safe_cell(cell) for cell in line])
    for section in document.sections:
        for figure in section.figures:
            writer.writerow([safe_cell(figure.label), safe_cell(figure.value)])
        for card in section.cards:
            writer.writerow([])
            writer.writerow([safe_cell(f"{section.title}: {card.title}")])
            for pair in card.pairs:
                writer.writerow([safe_cell(pair.label), safe_cell(pair.value)])
        for table in section.tables:
            writer.writerow([])
            writer.writerow([safe_cell(f"{section.title}: {table.title}")])
            writer.writerow([safe_cell(column.label) for column in table.columns])
            for row in table.rows:
                writer.writerow([safe_cell(cell) for cell in row])
