"""Figures, tables and cards on paper."""

from collections.abc import Sequence
from typing import Any

from reportlab.lib.units import mm
from reportlab.platypus import CondPageBreak, Flowable, KeepTogether, LongTable, Spacer
from reportlab.platypus import Table as Grid

from gateway.governance.reports import pdf_style as style
from gateway.governance.reports.document import Card, Cell, Column, Figure, Pair, Table
from gateway.governance.reports.localizer import ReportLocalizer
from gateway.governance.reports.pdf_style import LINE, PALE, WIDTH
from gateway.governance.reports.pdf_style import words as text

_GAP = 3 * mm
_MOST_TOGETHER = 16
_NAMES = 0.3
_LONG = 180 * mm
_WIDEST = 30 * mm  # a column asks for no more than this by its words
_TIGHT = [
    ("FONTNAME", (0, 0), (-1, -1), style.TEXT),
    ("VALIGN", (0, 0), (-1, -1), "TOP"),
    ("LEFTPADDING", (0, 0), (-1, -1), 2 * mm),
    ("RIGHTPADDING", (0, 0), (-1, -1), 2 * mm),
    ("TOPPADDING", (0, 0), (-1, -1), 1.1 * mm),
    ("BOTTOMPADDING", (0, 0), (-1, -1), 1.3 * mm),
]


def figures_of(figures: Sequence[Figure]) -> list[Flowable]:
    """Numbers large, four or five beside one another."""
    tiles = 5 if len(figures) > 8 else 4
    rows: list[list[Any]] = []
    for start in range(0, len(figures), tiles):
        row: list[Any] = [_tile(one) for one in figures[start : start + tiles]]
        rows.append(row + [""] * (tiles - len(row)))
    found: list[Flowable] = []
    wide = (WIDTH - _GAP * (tiles - 1)) / tiles
    for row in rows:
        cells: list[Any] = []
        for at, cell in enumerate(row):
            cells += [cell] if at == 0 else ["", cell]
        grid = Grid([cells], colWidths=[wide, *([_GAP, wide] * (tiles - 1))])
        filled = [2 * at for at, cell in enumerate(row) if cell]
        grid.setStyle([
            *_TIGHT,
            ("LEFTPADDING", (0, 0), (-1, -1), 3 * mm),
            ("TOPPADDING", (0, 0), (-1, -1), 2 * mm),
            ("BOTTOMPADDING", (0, 0), (-1, -1), 2.4 * mm),
            *(("BACKGROUND", (at, 0), (at, 0), PALE) for at in filled),
            *(("LINEABOVE", (at, 0), (at, 0), 1.4, style.BLUE) for at in filled),
        ])
        found += [grid, Spacer(1, _GAP)]
    return found


def _tile(figure: Figure) -> list[Flowable]:
    tile = [text(figure.value, style.FIGURE), text(figure.label, style.FIGURE_LABEL)]
    if figure.note:
        tile.append(text(figure.note, style.FIGURE_NOTE))
    return tile


def table_of(table: Table, words: ReportLocalizer) -> list[Flowable]:
    """A table that goes on over pages, with its head on each."""
    title = text(table.title, style.BLOCK)
    room = CondPageBreak(60 * mm)
    if not table.rows:
        return [KeepTogether([title, text(table.empty, style.BODY)])]
    head = [
        text(column.label, style.NUMBER_HEAD if column.kind == "number" else style.HEAD)
        for column in table.columns
    ]
    body = [
        [_cell(cell, column, words) for cell, column in zip(row, table.columns, strict=True)]
        for row in table.rows
    ]
    grid = LongTable([head, *body], colWidths=_widths(table, words), repeatRows=1, splitInRow=0)
    grid.setStyle([
        *_TIGHT,
        ("VALIGN", (0, 0), (-1, 0), "BOTTOM"),
        ("LINEBELOW", (0, 0), (-1, 0), 0.9, style.BLUE),
        ("LINEBELOW", (0, 1), (-1, -1), 0.35, LINE),
        ("LEFTPADDING", (0, 0), (0, -1), 0),
        ("RIGHTPADDING", (-1, 0), (-1, -1), 0),
    ])
    short = len(table.rows) <= _MOST_TOGETHER
    found: list[Flowable] = [KeepTogether([title, grid])] if short else [room, title, grid]
    if table.note:
        found += [Spacer(1, 1.5 * mm), text(table.note, style.SMALL)]
    return found


def _widths(table: Table, words: ReportLocalizer) -> list[float]:
    """By their shares, but none narrower than its longest word."""
    least = [_least(table, at, words) for at in range(len(table.columns))]
    rest, shares = WIDTH - sum(least), [column.share for column in table.columns]
    wanted = [WIDTH * share / sum(shares) for share in shares]
    lacking = [max(0.0, want - low) for want, low in zip(wanted, least, strict=True)]
    whole = sum(lacking) or 1.0
    return [low + rest * lack / whole for low, lack in zip(least, lacking, strict=True)]


def _least(table: Table, at: int, words: ReportLocalizer) -> float:
    column = table.columns[at]
    head = [(word, style.STRONG, 7.5) for word in column.label.split()]
    if column.kind == "number":
        numbers = [cell for row in table.rows if not isinstance(cell := row[at], str)]
        cells = [(words.number(cell, column.digits), style.TEXT, 8.0) for cell in numbers]
    else:
        cells = [(word, style.TEXT, 8.0) for row in table.rows for word in str(row[at]).split()]
    longest = max((style.width_of(*piece) for piece in (*head, *cells)), default=0.0)
    most = WIDTH / len(table.columns) if column.kind == "code" else _WIDEST
    return float(min(longest, most) + 4.4 * mm)


def _cell(cell: Cell, column: Column, words: ReportLocalizer) -> Flowable:
    if column.kind == "number" and not isinstance(cell, str):
        return text(words.number(cell, column.digits), style.NUMBER)
    return text(cell, style.CODE if column.kind == "code" else style.CELL)


def pairs_of(pairs: Sequence[Pair], words: ReportLocalizer) -> Grid:
    """Facts with their names, one a line; unstated ones in grey."""
    unknown = words("not_stated")
    rows = []
    for pair in pairs:
        look = style.LABEL if pair.value == unknown else style.CELL
        rows.append([
            text(pair.label, style.LABEL),
            text(pair.value, style.CODE if pair.code else look),
        ])
    grid = Grid(rows, colWidths=[WIDTH * _NAMES, WIDTH * (1 - _NAMES)])
    grid.setStyle([
        *_TIGHT,
        ("LINEBELOW", (0, 0), (-1, -2), 0.35, LINE),
        ("LEFTPADDING", (0, 0), (0, -1), 0),
    ])
    return grid


def card_of(card: Card, words: ReportLocalizer) -> list[Flowable]:
    """An object with its facts, on one page if possible."""
    parts = [text(card.title, style.BLOCK), pairs_of(card.pairs, words)]
    long = len(card.pairs) > _MOST_TOGETHER
    return [*([CondPageBreak(_LONG), *parts] if long else [KeepTogether(parts)]), Spacer(1, 3 * mm)]
