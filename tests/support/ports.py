"""Free loopback ports."""

import itertools
import random
import socket

# Below the range from which the kernel takes ports for connections: one of those would
# otherwise take a port between the answer here and the start of the process that is to listen.
_RANGE = range(12_000, 32_000)
_ports = itertools.cycle(random.SystemRandom().sample(_RANGE, len(_RANGE)))


def free_port() -> int:
    """A port that nothing listens on now, and that was not given before."""
    return next(port for port in _ports if _is_free(port))


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
