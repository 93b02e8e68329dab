"""Text with highlighted findings; the browser gets text nodes, never HTML made from the text."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import zip_longest
from pathlib import Path
from typing import Any

import streamlit as st
from streamlit.components.v2.types import ComponentRenderer

_FOLDER = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Segment:
    """A piece of text; ``finding`` is None between the findings."""

    text: str
    finding: dict[str, Any] | None = None


def segments(text: str, findings: Sequence[dict[str, Any]]) -> list[Segment]:
    """The whole text in segments; of overlapping findings the first and longest is marked.

    A finding that contains others is not marked: a sentence must not hide the names in it.
    """
    pieces: list[Segment] = []
    at = 0
    ordered = sorted(findings, key=lambda f: (f["start"], -f["end"]))
    for finding, following in zip_longest(ordered, ordered[1:]):
        start, end = finding["start"], finding["end"]
        if start < at or end <= start or (following and _within(following, start, end)):
            continue
        if start > at:
            pieces.append(Segment(text[at:start]))
        pieces.append(Segment(text[start:end], finding))
        at = end
    if at < len(text):
        pieces.append(Segment(text[at:]))
    return pieces


def _within(finding: dict[str, Any], start: int, end: int) -> bool:
    """Whether a finding lies in a span without covering all of it."""
    return bool(finding["end"] <= end and (finding["start"], finding["end"]) != (start, end))


def draw(pieces: Sequence[Segment], names: dict[str, str], *, key: str) -> None:
    """Draw the segments; ``names`` are types and tiers of findings in the user's language."""
    data = [
        {
            "text": piece.text,
            "label": names.get(piece.finding["type"], piece.finding["type"]),
            "kind": piece.finding["kind"],
            "score": f"{piece.finding['score']:.2f}",
            "tier": names.get(piece.finding["tier"], piece.finding["tier"]),
        }
        if piece.finding
        else {"text": piece.text}
        for piece in pieces
    ]
    _component()(data=data, key=key)


@cache
def _component() -> ComponentRenderer:
    return st.components.v2.component(
        "sluis_marked_text",
        html='<div class="marked"></div>',
        css=(_FOLDER / "highlight.css").read_text(encoding="utf-8"),
        js=(_FOLDER / "highlight.js").read_text(encoding="utf-8"),
    )
