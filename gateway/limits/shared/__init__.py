"""Limits and budgets that replicas share, counted in a store that speaks the Redis protocol."""

from gateway.limits.shared.meter import SharedMeter
from gateway.limits.shared.store import Store, StoreAway, problem_of
from gateway.limits.shared.trial import try_out

__all__ = ["SharedMeter", "Store", "StoreAway", "problem_of", "try_out"]
