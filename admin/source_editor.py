"""A source with line numbers: to read with some lines marked, or to edit with faults at lines.

The browser gets text nodes, never HTML made from the source.
"""

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import streamlit as st
from streamlit.components.v2.types import ComponentRenderer

_FOLDER = Path(__file__).parent
_NO_LINES = (0, 0)


def show(
    text: str, *, label: str, key: str, lines: tuple[int, int] = _NO_LINES, height: int = 560
) -> None:
    """Draw a source; the given lines are marked, and the first is in view."""
    data = {
        "text": text,
        "label": label,
        "editable": False,
        "faults": [],
        "chosen": list(lines),
        "height": height,
    }
    _component()(data=data, key=key, on_text_change=_ignored)


def edit(
    text: str, *, label: str, key: str, faults: Sequence[dict[str, Any]], height: int = 480
) -> str:
    """Draw a field with a source; the text comes back half a second after the last key.

    ``faults`` have ``line`` and ``message``. A new ``key`` begins with ``text`` again.
    """
    data = {
        "text": text,
        "label": label,
        "editable": True,
        "faults": list(faults),
        "chosen": list(_NO_LINES),
        "height": height,
    }
    drawn = _component()(data=data, key=key, default={"text": text}, on_text_change=_ignored)
    return str(drawn.text)


def _ignored() -> None:
    """Take a change; the page is drawn with it anyway."""


@cache
def _component() -> ComponentRenderer:
    return st.components.v2.component(
        "sluis_source_editor",
        html='<div class="source"></div>',
        css=(_FOLDER / "source_editor.css").read_text(encoding="utf-8"),
        js=(_FOLDER / "source_editor.js").read_text(encoding="utf-8"),
    )
