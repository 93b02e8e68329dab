"""Rate limits and budgets: reserved before an upstream call, settled after it."""

from gateway.limits.meter import Meter, Reservation, month_of, month_start

__all__ = ["Meter", "Reservation", "month_of", "month_start"]
