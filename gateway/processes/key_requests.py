"""Asks the control plane to fetch the signing keys of an issuer again.

A gateway fetches nothing: its configuration comes by snapshot alone. It leaves a note beside the
snapshots, and the control plane follows it within a second (gateway/governance/issuer_keys).
"""

import logging
from collections.abc import Callable

from gateway.processes.snapshot_source import GatewaySource

logger = logging.getLogger(__name__)
ASK_EVERY_S = 5.0


class KeyRequests:
    """The issuers whose tokens named an unknown key since the last note about them."""

    def __init__(self, source: GatewaySource, *, clock: Callable[[], float]) -> None:
        """``clock`` is monotonic seconds."""
        self._source = source
        self._clock = clock
        self._wanted: set[str] = set()
        self._asked: dict[str, float] = {}

    def note(self, issuer: str) -> None:
        """Remember the address of an issuer; this is all that a request waits for."""
        self._wanted.add(issuer)

    async def send(self) -> None:
        """Leave a note about each that has had none for ``ASK_EVERY_S`` seconds."""
        now = self._clock()
        due = [
            one for one in self._wanted if now - self._asked.get(one, -ASK_EVERY_S) >= ASK_EVERY_S
        ]
        if not due:
            return
        try:
            await self._source.ask_for_keys(due)
        except OSError as error:
            logger.warning("issuer:keys:unasked", extra={"reason": type(error).__name__})
            return
        self._wanted.difference_update(due)
        self._asked.update(dict.fromkeys(due, now))
