"""The limits within which a gateway may go on without the database. Policy sets them."""

import msgspec

from gateway.core.level import Level


class SpoolPolicy(msgspec.Struct, frozen=True):
    """Which entries may wait on the gateway's own disk, for how many minutes and megabytes.

    ``internal_only`` lets requests go to internal deployments only. Requests above ``level`` are
    not sent.
    """

    minutes: int
    megabytes: int
    internal_only: bool
    level: Level

    def recorded(self) -> dict[str, int | bool | str]:
        """The bounds, as the trail records them."""
        return {
            "minutes": self.minutes,
            "megabytes": self.megabytes,
            "inside_only": self.internal_only,
            "level": self.level.label,
        }
