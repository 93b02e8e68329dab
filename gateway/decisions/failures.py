"""The table of failure actions: fail closed where policy says nothing."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Any

import msgspec

from gateway.core.level import Level
from gateway.core.limits_policy import LocalLimits
from gateway.core.spool_policy import SpoolPolicy


class Action(StrEnum):
    """The action on a request after a control has failed."""

    REFUSE = "refuse"
    INTERNAL_ONLY = "inside"
    FLAG = "flag"


class Overload(StrEnum):
    """The reading of a request that has to wait long: go on waiting, or give up at once."""

    WAIT = "wait"
    FAIL = "fail"


class Control(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One control: how long a request may wait for it, and what happens when it failed.

    A request has ``deadline_ms``, and ``per_kib_ms`` for each KiB that was not read before, but no
    more than ``ceiling_ms``; without that value ``deadline_ms`` is the ceiling. Up to
    ``waiting_kib`` may wait in one gateway. ``when_full`` applies above that, ``when_too_long``
    where the measured pace says that the deadline will pass first. ``longest``, in characters that
    were not read before, is the bound of one request in bundles before these values.
    """

    deadline_ms: int
    on_failure: dict[str, Action]
    per_kib_ms: int = 0
    ceiling_ms: int | None = None
    waiting_kib: int = 8192
    when_full: Overload = Overload.FAIL
    when_too_long: Overload = Overload.WAIT
    longest: int | None = None

    def check(self) -> None:
        """Raises ValueError when a bound is not a sound one."""
        longest = 1 if self.longest is None else self.longest
        if min(self.deadline_ms, self.waiting_kib, longest) < 1:
            raise ValueError("limits must be above 0")
        if self.per_kib_ms < 0:
            raise ValueError("per_kib_ms must not be negative")
        if self.ceiling_ms is not None and self.ceiling_ms < self.deadline_ms:
            raise ValueError("ceiling_ms must not be below deadline_ms")


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


class _LimitsMode(StrEnum):
    REFUSE = "refuse"
    LOCAL = "local"


class _Limits(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Settings for when the store of shared limits and budgets is away."""

    mode: _LimitsMode = _LimitsMode.REFUSE
    replicas: Annotated[int, msgspec.Meta(ge=1, le=1000)] = 1

    def local_limits(self) -> LocalLimits | None:
        return LocalLimits(self.replicas) if self.mode is _LimitsMode.LOCAL else None


class _Document(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    version: int
    controls: dict[str, Control]
    evidence: _Evidence = _Evidence()
    limits: _Limits = _Limits()


_CLOSED = Control(deadline_ms=5000, on_failure={})


class FailureTable:
    """Maps control and level to an action. A pair that is not in the table is refused.

    ``spool_policy`` is None when a gateway may not go on without the database, ``local_limits``
    when it may not without the store of shared limits.
    """

    def __init__(
        self,
        controls: Mapping[str, Control],
        spool_policy: SpoolPolicy | None = None,
        local_limits: LocalLimits | None = None,
    ) -> None:
        self._controls = controls
        self.spool_policy = spool_policy
        self.local_limits = local_limits

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
            try:
                control.check()
            except ValueError as error:
                raise ValueError(f"{name}: {error}") from error
        try:
            return cls(
                parsed.controls, parsed.evidence.spool_policy(), parsed.limits.local_limits()
            )
        except ValueError as error:
            raise ValueError(f"evidence: {error}") from error

    def control(self, name: str) -> Control:
        """Returns the limits of a control."""
        return self._controls.get(name, _CLOSED)

    def action(self, name: str, level: Level) -> Action:
        """Returns the action for a failed control at a level.

        Restricted text is not passed unchecked to others, whatever the table says.
        """
        action = self.control(name).on_failure.get(level.label, Action.REFUSE)
        unchecked = action is Action.FLAG and level is Level.RESTRICTED
        return Action.INTERNAL_ONLY if unchecked else action
