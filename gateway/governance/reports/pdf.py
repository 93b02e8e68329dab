"""A report as PDF: a cover, contents, chapters; the same document always gives the same bytes."""

import io
from datetime import UTC, datetime
from threading import Lock
from typing import Any

from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import (
    BaseDocTemplate,
    CondPageBreak,
    Flowable,
    Frame,
    KeepTogether,
    NextPageTemplate,
    PageBreak,
    PageTemplate,
    Paragraph,
    Spacer,
    TableStyle,
)
from reportlab.platypus.tableofcontents import TableOfContents

from gateway.governance.reports import pdf_style as style
from gateway.governance.reports.document import ReportDocument, Section
from gateway.governance.reports.localizer import ReportLocalizer
from gateway.governance.reports.pdf_charts import chart_of
from gateway.governance.reports.pdf_parts import card_of, figures_of, pairs_of, table_of
from gateway.governance.reports.pdf_style import MARGIN, PAGE, WIDTH
from gateway.governance.reports.pdf_style import words as text

_BAND = 76 * mm
_ONE = Lock()  # fonts keep what was used of them while a file is written
_LANG = {"nl": "nl-NL", "en": "en-GB"}


def as_pdf(document: ReportDocument, timezone: str) -> bytes:
    """The whole file. Slow (some tenths of a second): call it from a thread."""
    style.load_fonts()
    words = ReportLocalizer(document.language, timezone)
    out = io.BytesIO()
    template = _Template(out, document)
    with _ONE:
        template.multiBuild(
            _story(document, words), canvasmaker=_numbered(document, words), maxPasses=5
        )
    return out.getvalue()


class _Template(BaseDocTemplate):  # type: ignore[misc]
    def __init__(self, out: io.BytesIO, document: ReportDocument) -> None:
        super().__init__(
            out,
            pagesize=PAGE,
            invariant=1,
            lang=_LANG[document.language],
            displayDocTitle=1,
            title=f"{document.title}, {document.period}",
            author=document.organisation,
            subject=document.period,
            creator="Sluis",
            producer="Sluis",
        )
        plain = {"leftPadding": 0, "rightPadding": 0, "topPadding": 0, "bottomPadding": 0}
        cover = Frame(MARGIN, MARGIN, WIDTH, PAGE[1] - MARGIN - 20 * mm, id="cover", **plain)
        body = Frame(MARGIN, 22 * mm, WIDTH, PAGE[1] - 22 * mm - 24 * mm, id="body", **plain)
        self.addPageTemplates([
            PageTemplate("cover", [cover], onPage=lambda canvas, _: _cover(canvas)),
            PageTemplate("body", [body]),
        ])
        self._made = datetime.fromtimestamp(document.made / 1000, UTC)

    def beforeDocument(self) -> None:  # noqa: N802 - the library's name
        """The moment on record is that of the report, not that of the printing."""
        self.canv.setDateFormatter(lambda *_: self._made.strftime("D:%Y%m%d%H%M%S+00'00'"))

    def afterFlowable(self, flowable: Flowable) -> None:  # noqa: N802 - the library's name
        """Chapters go into the contents and the bookmarks."""
        if isinstance(flowable, _Chapter):
            self.canv.bookmarkPage(flowable.key)
            self.canv.addOutlineEntry(flowable.title, flowable.key, level=0)
            self.notify("TOCEntry", (0, flowable.title, self.page, flowable.key))


class _Chapter(Paragraph):  # type: ignore[misc]
    """A chapter's title, known to the contents."""

    def __init__(self, number: int, section: Section) -> None:
        self.title = f"{number}  {section.title}"
        self.key = f"chapter-{number}"
        super().__init__(text(self.title, style.CHAPTER).text, style.CHAPTER)


def _numbered(document: ReportDocument, words: ReportLocalizer) -> type[Canvas]:
    """A canvas that knows, when it writes a page's foot, how many pages there are."""

    class Numbered(Canvas):  # type: ignore[misc]
        def __init__(self, *given: Any, **named: Any) -> None:
            super().__init__(*given, **{**named, "initialFontName": style.TEXT})
            self._pages: list[dict[str, Any]] = []

        def showPage(self) -> None:  # noqa: N802 - the library's name
            self._pages.append(dict(self.__dict__))
            self._startPage()

        def save(self) -> None:
            total = len(self._pages)
            for page in self._pages:
                self.__dict__.update(page)
                if self._pageNumber > 1:
                    _furniture(self, document, words, total)
                super().showPage()
            super().save()

    return Numbered


def _furniture(
    canvas: Canvas, document: ReportDocument, words: ReportLocalizer, total: int
) -> None:
    canvas.saveState()
    canvas.setFont(style.TEXT, 7.5)
    canvas.setFillColor(style.GREY)
    top, low = PAGE[1] - 14 * mm, 13 * mm
    canvas.drawString(MARGIN, top, document.organisation[:90])
    canvas.drawRightString(PAGE[0] - MARGIN, top, document.title)
    canvas.drawString(MARGIN, low, document.period)
    page = words("page", page=canvas.getPageNumber(), pages=total)
    canvas.drawRightString(PAGE[0] - MARGIN, low, page)
    canvas.setStrokeColor(style.LINE)
    canvas.setLineWidth(0.5)
    canvas.line(MARGIN, top - 2.4 * mm, PAGE[0] - MARGIN, top - 2.4 * mm)
    canvas.line(MARGIN, low + 4.4 * mm, PAGE[0] - MARGIN, low + 4.4 * mm)
    canvas.restoreState()


def _cover(canvas: Canvas) -> None:
    canvas.saveState()
    canvas.setFillColor(style.NIGHT)
    canvas.rect(0, PAGE[1] - _BAND, PAGE[0], _BAND, stroke=0, fill=1)
    canvas.setFillColor(style.BLUE)
    canvas.rect(0, PAGE[1] - _BAND, PAGE[0], 1.6 * mm, stroke=0, fill=1)
    _mark(canvas, MARGIN, PAGE[1] - 31 * mm, 11 * mm)
    canvas.setFillColor(style.WHITE)
    canvas.setFont(style.STRONG, 17)
    canvas.drawString(MARGIN + 15 * mm, PAGE[1] - 28 * mm, "Sluis")
    canvas.restoreState()


def _mark(canvas: Canvas, x: float, y: float, size: float) -> None:
    """The gates of a lock, as in the console's logo (a square of 30)."""
    canvas.setFillColor(style.BLUE)
    canvas.roundRect(x, y, size, size, size / 5, stroke=0, fill=1)
    canvas.setLineWidth(size / 10)
    canvas.setLineCap(1)
    canvas.setLineJoin(1)
    for start, colour in ((7, style.WHITE), (16, style.SKY)):
        canvas.setStrokeColor(colour)
        gate = canvas.beginPath()
        gate.moveTo(x + size * start / 30, y + size * 24 / 30)
        gate.lineTo(x + size * (start + 8) / 30, y + size * 15 / 30)
        gate.lineTo(x + size * start / 30, y + size * 6 / 30)
        canvas.drawPath(gate, stroke=1, fill=0)


def _story(document: ReportDocument, words: ReportLocalizer) -> list[Flowable]:
    story: list[Flowable] = [
        Spacer(1, 22 * mm),
        text(document.title, style.TITLE),
        Spacer(1, 2 * mm),
        text(document.period, style.SUBTITLE),
        NextPageTemplate("body"),
        Spacer(1, 22 * mm),
        pairs_of(document.about, words),
        Spacer(1, 6 * mm),
        *(text(paragraph, style.BODY) for paragraph in document.paragraphs[:1]),
        text(words("cover.proof"), style.BLOCK),
        pairs_of(document.proof, words),
        Spacer(1, 3 * mm),
        *(text(paragraph, style.SMALL) for paragraph in document.paragraphs[1:]),
        Spacer(1, 5 * mm),
        text(words("contents"), style.BLOCK),
    ]
    contents = TableOfContents(dotsMinLevel=-1)
    contents.levelStyles = [style.CONTENTS]
    contents.tableStyle = TableStyle([
        ("FONTNAME", (0, 0), (-1, -1), style.TEXT),
        *((f"{side}PADDING", (0, 0), (-1, -1), 0) for side in ("LEFT", "RIGHT", "TOP", "BOTTOM")),
    ])
    story.append(contents)
    for number, section in enumerate(document.sections, start=1):
        story += (
            [PageBreak()] if number == 1 else [Spacer(1, 8 * mm), CondPageBreak(_room(section))]
        )
        story += _section(number, section, words)
    return story


def _room(section: Section) -> float:
    """What must be left of a page for a chapter to begin on it."""
    return float((65 if section.charts or section.tables or section.cards else 40) * mm)


def _section(number: int, section: Section, words: ReportLocalizer) -> list[Flowable]:
    story: list[Flowable] = [_Chapter(number, section)]
    story += [text(paragraph, style.BODY) for paragraph in section.paragraphs]
    if section.figures:
        story += [Spacer(1, 2 * mm), *figures_of(section.figures)]
    for chart in section.charts:
        title = text(chart.title, style.BLOCK)
        story += [
            KeepTogether([title, Spacer(1, 2 * mm), chart_of(chart, words)]),
            Spacer(1, 3 * mm),
        ]
    for table in section.tables:
        story += table_of(table, words)
    for card in section.cards:
        story += card_of(card, words)
    return story
