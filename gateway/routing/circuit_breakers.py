"""A breaker per deployment: after failures in a row it is tried last for a while."""

from collections.abc import Callable, Sequence

from gateway.routing.candidates import Target

_FAILURES_TO_OPEN = 3
_OPEN_S = 10.0


class CircuitBreakers:
    """What this process has seen of each deployment; shared by all snapshots."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._failures: dict[str, int] = {}
        self._open_until: dict[str, float] = {}

    def order(self, candidates: Sequence[Target]) -> list[Target]:
        """Healthy candidates first, each group in order of preference; none is left out."""
        if not self._open_until:
            return list(candidates)
        return sorted(candidates, key=self.is_open)

    def is_open(self, target: Target) -> bool:
        """Whether this deployment failed repeatedly a moment ago."""
        return self._open_until.get(target.name, 0.0) > self._clock()

    def succeeded(self, target: Target) -> None:
        """One good answer closes the breaker."""
        if target.name in self._failures:
            del self._failures[target.name]
            self._open_until.pop(target.name, None)

    def failed(self, target: Target) -> None:
        """Counts a failure in a row."""
        count = self._failures.get(target.name, 0) + 1
        self._failures[target.name] = count
        if count >= _FAILURES_TO_OPEN:
            self._open_until[target.name] = self._clock() + _OPEN_S
