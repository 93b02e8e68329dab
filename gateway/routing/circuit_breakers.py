"""A circuit breaker per deployment: after consecutive failures it is tried last for a while."""

from collections.abc import Callable, Sequence

from gateway.routing.candidates import Target

_FAILURES_TO_OPEN = 3
_OPEN_S = 10.0


class CircuitBreakers:
    """The breaker states of this process; shared by all snapshots."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._failures: dict[str, int] = {}
        self._open_until: dict[str, float] = {}

    def order(self, candidates: Sequence[Target]) -> list[Target]:
        """Returns all candidates, healthy ones first, each group in order of preference."""
        if not self._open_until:
            return list(candidates)
        return sorted(candidates, key=self.is_open)

    def is_open(self, target: Target) -> bool:
        """Returns whether this deployment's breaker is open."""
        return self.is_open_for(target.name)

    def is_open_for(self, deployment: str) -> bool:
        """Returns the same by the deployment's name."""
        return self._open_until.get(deployment, 0.0) > self._clock()

    def succeeded(self, target: Target) -> None:
        """Closes the breaker after one success."""
        if target.name in self._failures:
            del self._failures[target.name]
            self._open_until.pop(target.name, None)

    def failed(self, target: Target) -> None:
        """Counts a consecutive failure; the third opens the breaker."""
        count = self._failures.get(target.name, 0) + 1
        self._failures[target.name] = count
        if count >= _FAILURES_TO_OPEN:
            self._open_until[target.name] = self._clock() + _OPEN_S
