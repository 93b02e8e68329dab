"""Limits and budgets that replicas share, counted in a store that speaks the Redis protocol."""

from gateway.limits.shared.meter import SharedMeter
from gateway.limits.shared.store import Store, StoreAway, problem_of

__all__ = ["SharedMeter", "Store", "StoreAway", "problem_of"]
