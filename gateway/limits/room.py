"""How much of a limit is left."""

import msgspec


class Room(msgspec.Struct, frozen=True):
    """What is ``left`` of a limit a minute; all of it is back in ``reset`` seconds."""

    limit: int
    left: int
    reset: int


REQUESTS, TOKENS = "requests", "tokens"
Rooms = dict[str, Room]  # of the tightest scope, by REQUESTS and TOKENS; none without a limit
