"""Rate limits and budgets: reserved before an upstream call, settled after it."""

from gateway.limits.limiter import Limiter, Reservation
from gateway.limits.meter import Meter
from gateway.limits.months import month_of, month_start
from gateway.limits.room import Room, Rooms
from gateway.limits.scopes import has_limits

__all__ = [
    "Limiter",
    "Meter",
    "Reservation",
    "Room",
    "Rooms",
    "has_limits",
    "month_of",
    "month_start",
]
