"""Charts in PDF: horizontal bars, and stacked columns."""

from collections.abc import Sequence
from itertools import pairwise

from reportlab.lib.units import mm
from reportlab.platypus import Flowable

from gateway.governance.reports.document import Chart
from gateway.governance.reports.localizer import ReportLocalizer
from gateway.governance.reports.pdf_style import (
    BLUE,
    GREY,
    INK,
    LINE,
    PALE,
    SERIES,
    STRONG,
    TEXT,
    WIDTH,
    width_of,
)

_ROW = 6.4 * mm
_BAR = 3.6 * mm
_NAMES = 0.34
_SMALL = 7.2
_STEPS = 4


def chart_of(chart: Chart, words: ReportLocalizer) -> Flowable:
    """The chart as a flowable."""
    return Bars(chart, words) if chart.kind == "bars" else Columns(chart, words)


def _cut(text: str, width: float, size: float) -> str:
    """The text, or its beginning where it is too wide."""
    if width_of(text, TEXT, size) <= width:
        return text
    while text and width_of(text + "…", TEXT, size) > width:
        text = text[:-1]
    return text + "…"


class Bars(Flowable):  # type: ignore[misc]
    """A bar per category, with its number."""

    def __init__(self, chart: Chart, words: ReportLocalizer) -> None:
        super().__init__()
        self._chart = chart
        self._words = words
        self._height = _ROW * len(chart.categories) + 2 * mm

    def wrap(self, width: float, height: float) -> tuple[float, float]:
        return width, self._height

    def draw(self) -> None:
        canvas, chart = self.canv, self._chart
        values = chart.series[0].values
        most = max(values, default=0) or 1
        left = WIDTH * _NAMES
        room = WIDTH - left - 22 * mm
        for place, (name, value) in enumerate(zip(chart.categories, values, strict=True)):
            base = self._height - (place + 1) * _ROW
            middle = base + _ROW / 2
            canvas.setFont(TEXT, 8)
            canvas.setFillColor(INK)
            canvas.drawRightString(left - 3 * mm, middle - 2.7, _cut(name, left - 4 * mm, 8))
            canvas.setFillColor(PALE)
            canvas.rect(left, middle - _BAR / 2, room, _BAR, stroke=0, fill=1)
            canvas.setFillColor(BLUE)
            long = max(room * value / most, 0.6 if value else 0)
            canvas.rect(left, middle - _BAR / 2, long, _BAR, stroke=0, fill=1)
            canvas.setFont(STRONG, 8)
            canvas.setFillColor(INK)
            shown = self._words.number(value, chart.digits)
            canvas.drawString(left + room + 2.5 * mm, middle - 2.7, shown)


class Columns(Flowable):  # type: ignore[misc]
    """A stacked column per category, with a scale and a legend."""

    def __init__(self, chart: Chart, words: ReportLocalizer, height: float = 58 * mm) -> None:
        super().__init__()
        self._chart = chart
        self._words = words
        self._height = height

    def wrap(self, width: float, height: float) -> tuple[float, float]:
        return width, self._height

    def draw(self) -> None:
        chart = self._chart
        sums = [sum(one.values[at] for one in chart.series) for at in range(len(chart.categories))]
        top = _round_top(max(sums, default=0))
        low, high = 9 * mm, self._height - 9 * mm
        left = 3 * mm + max(
            width_of(self._number(top * step / _STEPS), TEXT, _SMALL) for step in range(_STEPS + 1)
        )
        self._key()
        self._scale(top, left, low, high)
        self._stacks(top, left, low, high)
        self._names(left, low)

    def _number(self, value: float) -> str:
        return self._words.number(value, 0 if value == int(value) else 1)

    def _key(self) -> None:
        canvas, at = self.canv, 0.0
        canvas.setFont(TEXT, 8)
        for series, colour in zip(
            self._chart.series, _colours(len(self._chart.series)), strict=True
        ):
            canvas.setFillColor(colour)
            canvas.rect(at, self._height - 4.2 * mm, 2.8 * mm, 2.8 * mm, stroke=0, fill=1)
            canvas.setFillColor(INK)
            canvas.drawString(at + 4.2 * mm, self._height - 3.9 * mm, series.name)
            at += 10 * mm + width_of(series.name, TEXT, 8)

    def _scale(self, top: float, left: float, low: float, high: float) -> None:
        canvas = self.canv
        canvas.setLineWidth(0.4)
        canvas.setStrokeColor(LINE)
        canvas.setFont(TEXT, _SMALL)
        canvas.setFillColor(GREY)
        for step in range(_STEPS + 1):
            y = low + (high - low) * step / _STEPS
            canvas.line(left, y, WIDTH, y)
            canvas.drawRightString(left - 1.5 * mm, y - 2.4, self._number(top * step / _STEPS))

    def _slot(self, left: float) -> float:
        return float(WIDTH - left) / max(len(self._chart.categories), 1)

    def _stacks(self, top: float, left: float, low: float, high: float) -> None:
        canvas, slot = self.canv, self._slot(left)
        wide = min(slot * 0.72, 16 * mm)
        for at in range(len(self._chart.categories)):
            base = low
            x = left + at * slot + (slot - wide) / 2
            for series, colour in zip(
                self._chart.series, _colours(len(self._chart.series)), strict=True
            ):
                tall = (high - low) * series.values[at] / top
                canvas.setFillColor(colour)
                canvas.rect(x, base, wide, tall, stroke=0, fill=1)
                base += tall

    def _names(self, left: float, low: float) -> None:
        """As many names as fit beside one another."""
        canvas, names, slot = self.canv, self._chart.categories, self._slot(left)
        widest = max((width_of(name, TEXT, _SMALL) for name in names), default=0) + 3 * mm
        every = max(1, -(-int(widest) // max(int(slot), 1)))
        canvas.setFont(TEXT, _SMALL)
        canvas.setFillColor(GREY)
        for at in range(0, len(names), every):
            canvas.drawCentredString(left + (at + 0.5) * slot, low - 4.6 * mm, names[at])


def _colours(count: int) -> Sequence[object]:
    return [SERIES[at % len(SERIES)] for at in range(count)]


def _round_top(value: float) -> float:
    """The next number from which a scale of four steps reads well."""
    size = 1.0
    while value > 10 * size:
        size *= 10
    tops = [size * step for step in (1, 2, 4, 6, 8, 10)]
    for before, after in pairwise([0.0, *tops]):
        if before < value <= after:
            return max(after, _STEPS)
    return float(_STEPS)
