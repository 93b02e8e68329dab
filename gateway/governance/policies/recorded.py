"""Recorded decisions as probes: what entries and the catalogue still say of a request."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from gateway.approvals.objects import Objects
from gateway.core.level import Level, Zone
from gateway.core.origin import Origin
from gateway.core.snapshot import Key
from gateway.dialects.registry import DIALECTS
from gateway.governance.policies.probe import ProbeText, Where, Who

Fields = Mapping[str, Any]
_KEY_CLEARANCE = next(one.default for one in msgspec.structs.fields(Key) if one.name == "clearance")
_DEEPEST = 60  # levels of a stored body that are read


@dataclass(frozen=True, slots=True)
class RecordedDecision:
    """A request that was sent or refused: its entry, and its stored texts where they were opened.

    ``texts`` is None where nothing is stored any more or nothing was opened.
    """

    request: str
    fields: Fields
    sent: bool
    texts: Sequence[ProbeText] | None = None

    @property
    def redacted(self) -> bool:
        """Whether values in the stored texts were replaced."""
        return bool(self.fields.get("redacted"))


class CatalogueView:
    """What the catalogue of today says of the callers and destinations of entries."""

    def __init__(self, objects: Objects) -> None:
        self._objects = objects

    def who(self, fields: Fields) -> tuple[Who, bool]:
        """The caller of an entry, and whether its key is known: roles are on no entry."""
        key = self._objects.get(("key", str(fields.get("principal", ""))))
        case = self._objects.get(("use_case", str(fields.get("purpose") or "")), {})
        known: Fields = key or {}
        who = Who(
            id=str(fields.get("principal") or "k_unknown"),
            kind=str(fields.get("principal_kind") or "app"),
            team=str(fields.get("team") or ""),
            roles=tuple(known.get("roles", ())),
            clearance=_clearance(key),
            key=str(known.get("name", "")),
            use_case=str(fields.get("purpose") or ""),
            risk=str(case.get("risk") or "none"),
            zones=tuple(map(Zone, case.get("zones", ()))),
        )
        return who, key is not None

    def destinations(self, fields: Fields) -> list[Where]:
        """The deployment of an entry; of a refusal those of the model that was asked for."""
        if name := fields.get("deployment"):
            zone = Zone(str(fields["zone"]))
            document = self._objects.get(("deployment", str(name)), {})
            return [_where(str(name), zone, str(fields.get("provider", "")), document)]
        model = str(fields.get("model") or "")
        alias = self._objects.get(("alias", model))
        names = alias.get("candidates", ()) if alias else (model,)
        found = []
        for one in names:
            deployment = self._objects.get(("deployment", str(one)))
            if deployment is not None:
                provider = str(deployment["provider"])
                zone = Zone(str(self._objects["provider", provider]["zone"]))
                found.append(_where(str(one), zone, provider, deployment))
        return found


def _clearance(key: Fields | None) -> str:
    """That of a key, whose document leaves out a default; of an unknown one the highest."""
    return Level.RESTRICTED.label if key is None else str(key.get("clearance", _KEY_CLEARANCE))


def _where(name: str, zone: Zone, provider: str, document: Fields) -> Where:
    given = document.get("clearance") or {}
    return Where(zone, provider, name, given.get("clear"), given.get("redacted"))


def texts_of(body: Any, surface: str) -> list[ProbeText]:
    """The texts of a stored body with their positions; of an unknown form, without."""
    origin: Callable[[tuple[str | int, ...]], Origin] | None = None
    dialect = DIALECTS.get(surface)
    if dialect is not None and isinstance(body, dict):
        try:
            origin = dialect.origin_of(body)
            return [ProbeText(text, origin(place)) for place, text in _strings(body, ())]
        except (KeyError, TypeError, IndexError, AttributeError):  # stored by another version
            pass
    return [ProbeText(text, Origin.OTHER) for _, text in _strings(body, ())]


def _strings(
    node: Any, place: tuple[str | int, ...]
) -> Iterator[tuple[tuple[str | int, ...], str]]:
    if len(place) > _DEEPEST:
        return
    if isinstance(node, str):
        yield place, node
    elif isinstance(node, dict):
        for name, value in node.items():
            yield from _strings(value, (*place, name))
    elif isinstance(node, list):
        for index, value in enumerate(node):
            yield from _strings(value, (*place, index))
