"""How versions of models are shown on several pages."""

from typing import Any, Literal

from streamlit.delta_generator import DeltaGenerator

from admin.page_context import PageContext

_COLORS: dict[str, Literal["green", "blue", "orange", "red", "grey"]] = {
    "production": "green",
    "approved": "green",
    "evaluated": "blue",
    "quarantined": "red",
    "retired": "grey",
}
_SHORT = 12  # characters of a digest


def badges(context: PageContext, row: DeltaGenerator, version: dict[str, Any]) -> None:
    """Draw the state and the tags of a version."""
    life = version["life"]
    row.badge(context.localize.name("state", life), color=_COLORS.get(life, "orange"))
    for tag in version["tags"]:
        tagged = context.localize("models.tag", tag=tag)
        row.badge(tagged, color="blue", icon=":material/sell:")


def short(digest: str) -> str:
    """The begin of a digest, by which people recognise it."""
    return digest.removeprefix("sha256:")[:_SHORT]
