"""What happens when a control fails: by a table that policy holds, closed where it says nothing."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Any

import msgspec

from gateway.core.level import Level
from gateway.core.spool_policy import SpoolPolicy


class Action(StrEnum):
    """What a failed control means for a request."""

    REFUSE = "refuse"
    INSIDE = "inside"
    FLAG = "flag"


class Control(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One control: how long it may take (milliseconds), how much it reads (characters)."""

    deadline_ms: int
    longest: int
    on_failure: dict[str, Action]


class _Mode(StrEnum):
    REFUSE = "refuse"
    SPOOL = "spool"


class _Requests(StrEnum):
    INSIDE = "inside"
    ALL = "all"


class _Evidence(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What holds when the database cannot take entries of the trail."""

    mode: _Mode = _Mode.REFUSE
    minutes: Annotated[int, msgspec.Meta(ge=1, le=1440)] = 15
    megabytes: Annotated[int, msgspec.Meta(ge=1, le=10_000)] = 256
    requests: _Requests = _Requests.INSIDE
    level: str = Level.RESTRICTED.label

    def spooling(self) -> SpoolPolicy | None:
        inside = self.requests is _Requests.INSIDE
        allowed = SpoolPolicy(self.minutes, self.megabytes, inside, Level.parse(self.level))
        return allowed if self.mode is _Mode.SPOOL else None


class _Document(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    version: int
    controls: dict[str, Control]
    evidence: _Evidence = _Evidence()


_CLOSED = Control(deadline_ms=5000, longest=262_144, on_failure={})


class FailureTable:
    """Control × level → action. What the table does not name is refused.

    ``spooling`` is how far a gateway may go on without the database; None when it may not.
    """

    def __init__(
        self, controls: Mapping[str, Control], spooling: SpoolPolicy | None = None
    ) -> None:
        self._controls = controls
        self.spooling = spooling

    @classmethod
    def of(cls, document: Any) -> "FailureTable":
        """The table of a parsed ``policies/failures.yaml``.

        Raises:
            ValueError: a key is unknown or missing, a level or an action does not exist.
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
            return cls(parsed.controls, parsed.evidence.spooling())
        except ValueError as error:
            raise ValueError(f"evidence: {error}") from error

    def control(self, name: str) -> Control:
        """The limits of a control."""
        return self._controls.get(name, _CLOSED)

    def action(self, name: str, level: Level) -> Action:
        """What the failure of a control means at a level."""
        return self.control(name).on_failure.get(level.label, Action.REFUSE)
