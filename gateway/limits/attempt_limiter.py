"""Limits attempts by callers who are not authenticated: of each network, and of all together.

The state of a network is dropped once its bucket is full again. The common limit bounds the number
of networks; an attempt that the limit of its network refuses does not use it up.
"""

from collections.abc import Callable

from gateway.limits.token_bucket import TokenBucket


class AttemptLimiter:
    """Counts for one process."""

    def __init__(
        self, *, per_network: int, in_total: int, seconds: float, clock: Callable[[], float]
    ) -> None:
        """The limits are attempts per ``seconds``; ``clock`` is monotonic seconds."""
        self._per_network = per_network
        self._most = 2 * in_total  # networks that are kept before full buckets are dropped
        self._seconds = seconds
        self._clock = clock
        self._networks: dict[str, TokenBucket] = {}
        self._all = TokenBucket(in_total, clock(), seconds=seconds)

    def take(self, network: str) -> int:
        """Count one attempt; gives 0, or the seconds until one is possible again."""
        now = self._clock()
        known = self._networks.get(network) or TokenBucket(
            self._per_network, now, seconds=self._seconds
        )
        wait = known.take(1, now)
        if not wait:
            wait = self._all.take(1, now)
            if wait:
                known.credit(1, now)
        if not wait:
            self._networks[network] = known
            self._forget(now)
        return wait

    def give_back(self, network: str) -> None:
        """Count an attempt no more, because it succeeded."""
        now = self._clock()
        self._all.credit(1, now)
        known = self._networks.get(network)  # it may be forgotten by now
        if known is not None:
            known.credit(1, now)

    def _forget(self, now: float) -> None:
        if len(self._networks) > self._most:
            self._networks = {
                name: one for name, one in self._networks.items() if not one.is_full(now)
            }
