"""The difference that an entry of governance holds: one text a line, each a JSON object.

``{"object": "provider eu", "field": "zone", "before": "global", "after": "internal", "power": …}``.
Secrets stand in it as digests only. What cannot be read is shown as it is.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import orjson


@dataclass(frozen=True, slots=True)
class DifferenceLine:
    """One value before and after; None where there was none, or is none any more."""

    object: str
    field: str
    before: Any
    after: Any
    power: str | None = None

    def __str__(self) -> str:
        """As text, such as ``provider eu, zone: global -> internal``."""
        name = f"{self.object}, {self.field}" if self.field else self.object
        return f"{name}: {shown(self.before)} -> {shown(self.after)}"


def read_lines(texts: Iterable[str]) -> list[DifferenceLine]:
    """Returns the lines of a difference."""
    return [_line(text) for text in texts]


def difference_text(values: Mapping[str, Any]) -> str | None:
    """Returns the difference that an entry's values hold, as one text; None without one."""
    if isinstance(lines := values.get("lines"), list):
        return "; ".join(map(str, read_lines(lines)))
    return "; ".join(found) if isinstance(found := values.get("difference"), list) else None


def shown(value: Any) -> str:
    """Returns a value as text; a dash for none."""
    if value is None:
        return "–"
    return value if isinstance(value, str) else orjson.dumps(value).decode()


def _line(text: str) -> DifferenceLine:
    try:
        found = orjson.loads(text)
        return DifferenceLine(
            str(found["object"]),
            str(found.get("field") or ""),
            found.get("before"),
            found.get("after"),
            found.get("power"),
        )
    except (orjson.JSONDecodeError, KeyError, TypeError, AttributeError):
        return DifferenceLine(text, "", None, None)
