"""The model names that providers answer with: a change of one is on record."""

from collections.abc import Callable, Mapping

from gateway.dialects.base import REPORTED, Body
from gateway.evidence import Entry, Trail, Value
from gateway.routing import Target

DRIFT = "gateway:model:drift"
_LONGEST = 128
_WITHIN = ("message", "response")  # where the first event of a stream has its model


def reported_model(event: Body, known: str | None = None) -> str | None:
    """The name in an answer, or in an event of a stream; None where there is none that is usable.

    It comes from outside, so only printable characters of it are kept. What a reading has set apart
    of the answer is taken out of it. A stream keeps the name that is ``known``.
    """
    if REPORTED in event:
        reported = _usable(event.pop(REPORTED))
        return known or reported
    if known:
        return known
    parts = (event, *(event.get(name) for name in _WITHIN))
    names = (_usable(part.get("model")) for part in parts if isinstance(part, Mapping))
    return next((name for name in names if name), None)


def _usable(name: object) -> str | None:
    usable = isinstance(name, str) and name.isascii() and name.isprintable() and name
    return str(name)[:_LONGEST] if usable else None


class ReportedModels:
    """The last name of each deployment, in this process, by what it was asked for."""

    def __init__(self, trail: Trail, now_ms: Callable[[], int]) -> None:
        self._trail = trail
        self._now_ms = now_ms
        self._last: dict[str, tuple[str, str | None, str]] = {}

    async def note(self, target: Target, reported: str | None) -> None:
        """Put on record that a provider answers with another model.

        Raises:
            Unavailable: when the trail cannot be written.
        """
        if drift := self._drift(target, reported):
            await self._trail.record(Entry(DRIFT, "", self._now_ms(), drift))

    def _drift(self, target: Target, reported: str | None) -> dict[str, Value] | None:
        """What an entry says of a name that is another than the registered one, or than before.

        Each other name is reported once, until the deployment answers with a third one.
        """
        if reported is None:
            return None
        asked, digest, before = self._last.get(target.name, (None, None, None))
        if (asked, digest) != (target.model, target.digest):
            before = None
        if reported == before:
            return None
        self._last[target.name] = target.model, target.digest, reported
        expected = _registered(target)
        if expected is None:
            expected = () if before is None else (before,)
        if not expected or reported in expected:
            return None
        version = target.version
        return {
            "deployment": target.name,
            "provider": target.provider.name,
            "model_version": f"{version.name}@{version.version}" if version else None,
            "expected_model": expected[0],
            "reported_model": reported,
        }


def _registered(target: Target) -> tuple[str, ...] | None:
    """The names that a registered version may answer with; None where it states no dated one."""
    stated = target.version.external if target.version else None
    if stated is None or stated.snapshot is None:
        return None
    return stated.snapshot, stated.model
