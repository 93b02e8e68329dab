"""The dead of history: their names are taken out like others, and say nothing of anybody alive.

The GDPR does not apply to the dead (recital 27), and a question about Thorbecke is no confidential one. Only
whole names count, and with one of them in a text its parts elsewhere in that text: ``Humboldt`` behind
``Alexander von Humboldt``.
"""

from pathlib import Path

from msgspec.structs import replace

from gateway.privacy.level import NOBODY_MEANT
from gateway.privacy.view import Hit, View

NAMES = Path(__file__).with_name("history.txt")
_NAMES = frozenset(NAMES.read_text(encoding="utf-8").lower().splitlines())


def marked(view: View, hits: list[Hit]) -> list[Hit]:
    """The hits, with those names marked as of nobody."""
    known = [
        set(name.split())
        for name in (_plain(view, hit) for hit in hits if hit.type == "PERSON")
        if name in _NAMES
    ]
    if not known:
        return hits
    return [
        replace(hit, rule=f"{hit.rule}{NOBODY_MEANT}")
        if hit.type == "PERSON"
        and any(parts.issuperset(_plain(view, hit).split()) for parts in known)
        else hit
        for hit in hits
    ]


def _plain(view: View, hit: Hit) -> str:
    name = view.lower[hit.start : hit.end]
    return name.removesuffix("'s").removesuffix("'")
