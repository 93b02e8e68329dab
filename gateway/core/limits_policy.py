"""What happens to limits and budgets while their store is away. Policy sets it."""

import msgspec


class LocalLimits(msgspec.Struct, frozen=True):
    """Each gateway counts by itself meanwhile, and has its share of every limit.

    ``replicas`` is the number of gateways that the limits are divided by; with 1 each has all.
    """

    replicas: int = 1
