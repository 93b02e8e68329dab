"""What a change does to an object: before and after, by field, for an entry of the trail."""

from collections.abc import Collection
from typing import Any

import msgspec


class Difference(msgspec.Struct, frozen=True):
    """The fields that change, each as ``before -> after``."""

    lines: dict[str, str]

    def __bool__(self) -> bool:
        """Whether anything changes."""
        return bool(self.lines)

    @property
    def changed(self) -> list[str]:
        """The names of the fields, sorted."""
        return sorted(self.lines)

    def facts(self) -> dict[str, Any]:
        """The fields of an entry that tell it."""
        return {
            "changed": self.changed,
            "difference": [f"{name}: {self.lines[name]}" for name in self.changed],
        }


def difference_of(
    before: msgspec.Struct | None, after: msgspec.Struct, *, without: Collection[str] = ()
) -> Difference:
    """What differs, except for the fields in ``without``; an object that is new, from defaults."""
    lines = {}
    for field in msgspec.structs.fields(after):
        one = getattr(before, field.name) if before else _default(field)
        other = getattr(after, field.name)
        if field.name not in without and one != other:
            lines[field.name] = f"{_shown(one)} -> {_shown(other)}"
    return Difference(lines)


def _default(field: msgspec.structs.FieldInfo) -> Any:
    if field.default_factory is not msgspec.NODEFAULT:
        return field.default_factory()
    return None if field.default is msgspec.NODEFAULT else field.default


def _shown(value: Any) -> str:
    return "none" if value is None else msgspec.json.encode(value).decode()
