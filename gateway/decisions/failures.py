"""The table of failure actions: fail closed where policy says nothing."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Any

import msgspec

from gateway.core.level import Level
from gateway.core.spool_policy import SpoolPolicy


class Action(StrEnum):
    """The action on a request after a control has failed."""

    REFUSE = "refuse"
    INTERNAL_ONLY = "inside"
    FLAG = "flag"


class Control(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One control: its deadline in milliseconds, and the longest text it scans in characters."""

    deadline_ms: int
    longest: int
    on_failure: dict[str, Action]


class _Mode(StrEnum):
    REFUSE = "refuse"
    SPOOL = "spool"


class _Requests(StrEnum):
    INTERNAL_ONLY = "inside"
    ALL = "all"


class _Evidence(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Settings for when the database cannot take entries of the trail."""

    mode: _Mode = _Mode.REFUSE
    minutes: Annotated[int, msgspec.Meta(ge=1, le=1440)] = 15
    megabytes: Annotated[int, msgspec.Meta(ge=1, le=10_000)] = 256
    requests: _Requests = _Requests.INTERNAL_ONLY
    level: str = Level.RESTRICTED.label

    def spool_policy(self) -> SpoolPolicy | None:
        internal_only = self.requests is _Requests.INTERNAL_ONLY
        allowed = SpoolPolicy(self.minutes, self.megabytes, internal_only, Level.parse(self.level))
        return allowed if self.mode is _Mode.SPOOL else None


class _Document(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    version: int
    controls: dict[str, Control]
    evidence: _Evidence = _Evidence()


_CLOSED = Control(deadline_ms=5000, longest=262_144, on_failure={})


class FailureTable:
    """Maps control and level to an action. A pair that is not in the table is refused.

    ``spool_policy`` is None when a gateway may not go on without the database.
    """

    def __init__(
        self, controls: Mapping[str, Control], spool_policy: SpoolPolicy | None = None
    ) -> None:
        self._controls = controls
        self.spool_policy = spool_policy

    @classmethod
    def of(cls, document: Any) -> "FailureTable":
        """Returns the table of a parsed ``policies/failures.yaml``.

        Raises:
            ValueError: when a key is unknown or missing, or a level or an action does not exist.
        """
        try:
            parsed = msgspec.convert(document, _Document)
        except msgspec.ValidationError as error:
            raise ValueError(str(error)) from error
        if parsed.version != 1:
            raise ValueError("version must be 1")
        for name, control in parsed.controls.items():
            for level in control.on_failure:
                try:
                    Level.parse(level)
                except ValueError as error:
                    raise ValueError(f"{name}: no level {level!r}") from error
            if control.deadline_ms < 1 or control.longest < 1:
                raise ValueError(f"{name}: limits must be above 0")
        try:
            return cls(parsed.controls, parsed.evidence.spool_policy())
        except ValueError as error:
            raise ValueError(f"evidence: {error}") from error

    def control(self, name: str) -> Control:
        """Returns the limits of a control."""
        return self._controls.get(name, _CLOSED)

    def action(self, name: str, level: Level) -> Action:
        """Returns the action for a failed control at a level."""
        return self.control(name).on_failure.get(level.label, Action.REFUSE)
