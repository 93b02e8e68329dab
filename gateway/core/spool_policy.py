"""How far a gateway may go on while the database cannot take entries: policy, never a caller."""

import msgspec

from gateway.core.level import Level


class SpoolPolicy(msgspec.Struct, frozen=True):
    """Entries may wait on the gateway's own disk: for how long, how much, and of which requests.

    ``inside_only`` lets requests go to internal deployments only; above ``level`` none departs.
    """

    minutes: int
    megabytes: int
    inside_only: bool
    level: Level
