"""A line in the log, once a day, that names the keys that soon expire."""

import logging
from collections.abc import Callable

from gateway.governance.keys.service import Keys
from gateway.governance.keys.store import DAY_S

logger = logging.getLogger(__name__)
NOTICE_DAYS = 14


class ExpiryNotice:
    """Says once a day (UTC) which keys expire within two weeks."""

    def __init__(self, keys: Keys, *, wall: Callable[[], float]) -> None:
        """``wall`` is epoch seconds."""
        self._keys = keys
        self._wall = wall
        self._last = -1  # day

    async def look(self) -> None:
        """Look once; on a day on which it has been said nothing is done."""
        now = self._wall()
        today = int(now // DAY_S)
        if today == self._last:
            return
        for one in await self._keys.expiring(NOTICE_DAYS):
            days = int(((one.key.expires or now) - now) // DAY_S)
            about = {"key": one.key.name, "key_id": one.key.id, "days": days}
            logger.warning("key:expiry:near", extra=about)
        self._last = today
