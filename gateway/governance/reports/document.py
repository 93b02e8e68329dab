"""A report as a document: texts and figures in order, independent of the format."""

from collections.abc import Iterator

import msgspec

Cell = str | int | float
Row = tuple[Cell, ...]


def row(*cells: Cell) -> Row:
    """A row of a table."""
    return cells


class _Part(msgspec.Struct, frozen=True):
    """A plain immutable part of a document."""


class Pair(_Part, frozen=True):
    """A fact with its name; ``code`` marks identifiers and digests."""

    label: str
    value: str
    code: bool = False


class Figure(_Part, frozen=True):
    """A key figure."""

    label: str
    value: str
    note: str = ""


class Series(_Part, frozen=True):
    """One colour of a chart: a value for each category."""

    name: str
    values: tuple[float, ...]


class Chart(_Part, frozen=True):
    """A chart: ``bars`` are horizontal, of one series; ``columns`` are stacked."""

    id: str
    title: str
    kind: str
    categories: tuple[str, ...]
    series: tuple[Series, ...]
    digits: int = 0


class Column(_Part, frozen=True):
    """A column; ``kind`` is text, number or code, ``share`` its relative width."""

    id: str
    label: str
    kind: str = "text"
    digits: int = 0
    share: float = 1.0


class Table(_Part, frozen=True):
    """Rows of cells. Numbers stay numbers; ``empty`` is the text of a table without rows."""

    id: str
    title: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    empty: str
    note: str = ""


class Card(_Part, frozen=True):
    """An object with its facts."""

    title: str
    pairs: tuple[Pair, ...]


class Section(_Part, frozen=True):
    """A chapter; its parts are shown in the order of these fields."""

    id: str
    title: str
    paragraphs: tuple[str, ...] = ()
    figures: tuple[Figure, ...] = ()
    charts: tuple[Chart, ...] = ()
    tables: tuple[Table, ...] = ()
    cards: tuple[Card, ...] = ()


class ReportDocument(_Part, frozen=True):
    """A report in one language; ``made`` is epoch milliseconds, ``records`` are register rows."""

    kind: str
    language: str
    title: str
    organisation: str
    period: str
    made: int
    about: tuple[Pair, ...]
    proof: tuple[Pair, ...]
    paragraphs: tuple[str, ...]
    sections: tuple[Section, ...]
    records: tuple[dict[str, object], ...] = ()

    def tables(self) -> Iterator[tuple[Section, Table]]:
        """All tables, each with its section."""
        for section in self.sections:
            for table in section.tables:
                yield section, table
