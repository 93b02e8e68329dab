"""Back to the page that lacked a sign-in, or whose session ended without activity.

The identity provider returns to the first page. The address stays in the browser's tab. It is a
path of this console, and goes nowhere else.
"""

from functools import cache
from pathlib import Path

import streamlit as st
from streamlit.components.v2.types import ComponentRenderer


def keep() -> None:
    """Keep the address of the page that asks for a sign-in."""
    _component()(data={"mode": "keep"}, key="return_address.keep")


def follow(idle_s: float) -> None:
    """Go to the kept address, once.

    From now on the address of a session that ends after ``idle_s`` seconds is kept; 0 is never.
    """
    _component()(data={"mode": "follow", "idle_s": idle_s}, key="return_address.follow")


@cache
def _component() -> ComponentRenderer:
    return st.components.v2.component(
        "sluis_return_address",
        html="<span hidden></span>",
        js=Path(__file__).with_name("return_address.js").read_text(encoding="utf-8"),
    )
