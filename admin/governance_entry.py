"""An entry of governance for readers: who acted, with which comments, and what changed."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import orjson

from admin.i18n import Localizer

_ABOUT = (
    "name",
    "person",
    "principal",
    "via",
    "roles",
    "author_name",
    "author_person",
    "proposed_by",
)
_COMMENTS = ("author_comment", "comment", "reason")
_NONE = "–"


def named(name: str | None, person: str | None, identity: str | None) -> str:
    """Who acted, with the person behind it, such as ``officer (anna@example.nl)``."""
    shown = name or identity or ""
    return f"{shown} ({person})" if person and person != shown else shown


def facts_of(fields: Mapping[str, Any], localize: Localizer) -> list[dict[str, str]]:
    """Rows with who acted and who proposed, and their comments; what is absent is left out."""
    return [
        {
            localize.raw("entry.fact"): localize.raw(f"entry.{name}"),
            localize.raw("entry.value"): text_of(fields[name]),
        }
        for name in (*_ABOUT, *_COMMENTS)
        if fields.get(name)
    ]


def difference_of(
    lines: Iterable[str | Mapping[str, Any]], localize: Localizer
) -> list[dict[str, str]]:
    """Rows of a difference: what changed, from what to what, and the power that it needed."""
    return [
        {
            localize.raw("entry.object"): text_of(line.get("object")),
            localize.raw("entry.field"): text_of(line.get("field") or None),
            localize.raw("entry.before"): text_of(line.get("before")),
            localize.raw("entry.after"): text_of(line.get("after")),
            localize.raw("entry.power"): text_of(line.get("power")),
        }
        for line in map(_line, lines)
    ]


def _line(line: str | Mapping[str, Any]) -> Mapping[str, Any]:
    """A line as an object; a text that is none is shown as it is."""
    if isinstance(line, str):
        try:
            line = orjson.loads(line)
        except orjson.JSONDecodeError:
            return {"object": line}
    return line if isinstance(line, Mapping) else {"object": line}


def text_of(value: Any) -> str:
    """A value in a reader's words: ``amount: 50; currency: EUR``, ``a, b``."""
    if value is None:
        return _NONE
    if isinstance(value, Mapping):
        return "; ".join(f"{name}: {text_of(one)}" for name, one in value.items()) or _NONE
    if isinstance(value, Sequence) and not isinstance(value, str):
        return ", ".join(map(text_of, value))
    return value if isinstance(value, str) else orjson.dumps(value).decode()
