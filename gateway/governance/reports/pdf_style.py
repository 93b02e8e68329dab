"""Colours, type and measures of PDF reports."""

from functools import cache
from importlib.resources import as_file, files
from xml.sax.saxutils import escape

from reportlab.lib.colors import HexColor
from reportlab.lib.enums import TA_RIGHT
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.platypus import Paragraph

PAGE = A4
MARGIN = 20 * mm
WIDTH = PAGE[0] - 2 * MARGIN
TEXT, STRONG = "SluisText", "SluisStrong"
INK, GREY, LINE, PALE = (
    HexColor("#1B2733"),
    HexColor("#5B6B79"),
    HexColor("#D5DEE5"),
    HexColor("#F2F6F9"),
)
NIGHT, BLUE, SKY, WHITE = (
    HexColor("#123B57"),
    HexColor("#1F6F9C"),
    HexColor("#A9D4E8"),
    HexColor("#FFFFFF"),
)
# Distinct in grey as well: the order is from dark to light.
SERIES = tuple(
    HexColor(code) for code in ("#123B57", "#4A9CC7", "#E0A030", "#B9C4CD", "#8A5A9E", "#D2DEE6")
)
_FILES = {TEXT: "NotoSans-Regular.ttf", STRONG: "NotoSans-SemiBold.ttf"}


@cache
def load_fonts() -> None:
    """Register the fonts, which are embedded in every file: Latin, Greek and Cyrillic."""
    folder = files("gateway.governance.reports").joinpath("fonts")
    for name, file in _FILES.items():
        with as_file(folder.joinpath(file)) as path:
            pdfmetrics.registerFont(TTFont(name, str(path)))
    pdfmetrics.registerFontFamily(TEXT, normal=TEXT, bold=STRONG, italic=TEXT, boldItalic=STRONG)


def _style(
    name: str, size: float, leading: float, font: str = TEXT, **more: object
) -> ParagraphStyle:
    given = {"textColor": INK, "splitLongWords": 1, **more}
    return ParagraphStyle(name, fontName=font, fontSize=size, leading=leading, **given)


BODY = _style("body", 9.5, 14, spaceAfter=5)
SMALL = _style("small", 7.5, 10, textColor=GREY, spaceAfter=6)
CHAPTER = _style(
    "chapter", 17, 22, STRONG, spaceBefore=4, spaceAfter=8, textColor=NIGHT, keepWithNext=1
)
BLOCK = _style("block", 10.5, 14, STRONG, spaceBefore=10, spaceAfter=4)
CELL = _style("cell", 8, 10.6)
HEAD = _style("head", 7.5, 9.6, STRONG, textColor=GREY)
NUMBER = _style("number", 8, 10.6, alignment=TA_RIGHT)
NUMBER_HEAD = _style("number head", 7.5, 9.6, STRONG, textColor=GREY, alignment=TA_RIGHT)
CODE = _style("code", 7, 9.6)
LABEL = _style("label", 8, 11, textColor=GREY)
FIGURE = _style("figure", 16, 20, STRONG, textColor=NIGHT)
FIGURE_LABEL = _style("figure label", 8, 10.5, STRONG, textColor=GREY)
FIGURE_NOTE = _style("figure note", 7, 9, textColor=GREY)
TITLE = _style("title", 30, 36, STRONG, textColor=WHITE)
SUBTITLE = _style("subtitle", 13, 18, textColor=SKY)
CONTENTS = _style("contents", 9, 12)


def width_of(text: str, font: str, size: float) -> float:
    """The width of a text in points."""
    return float(pdfmetrics.stringWidth(text, font, size))


def words(text: object, style: ParagraphStyle) -> Paragraph:
    """A paragraph of plain text without markup."""
    return Paragraph(escape(str(text)).replace("\n", "<br/>"), style)
