"""Refusals of a limit or a budget: they name the scope, and no use or limit of another's."""

from gateway.core.errors import QuotaExceeded, RateLimited
from gateway.limits.scopes import KEY, MODEL, PERSON, TEAM, USE_CASE, LimitScope

_BUSY_S = 1
_LONGEST_WAIT_S = 86_400  # a budget may be raised before its month ends
_MAY = {
    TEAM: "Your team may",
    KEY: "This key may",
    PERSON: "You may",
    USE_CASE: "This use case may",
}
_BUDGET_OF = {
    TEAM: "your team",
    KEY: "this key",
    PERSON: "your own use",
    USE_CASE: "this use case",
}


def too_many_requests(scope: LimitScope, wait: int) -> RateLimited:
    """Returns the refusal of a scope without a request left in this minute."""
    most = scope.limits.requests_per_minute
    return _limited(scope, f"send {most} requests a minute", wait)


def too_many_tokens(scope: LimitScope, wait: int) -> RateLimited:
    """Returns the refusal of a scope without enough tokens left in this minute."""
    return _limited(scope, f"use {scope.limits.tokens_per_minute} tokens a minute", wait)


def busy(scope: LimitScope) -> RateLimited:
    """Returns the refusal of a scope in which as many answers run as may run at one time."""
    return _limited(scope, f"get {scope.limits.concurrent} answers at one time", _BUSY_S)


def no_budget(scope: LimitScope, wait: int) -> QuotaExceeded:
    """Returns the refusal of a scope whose budget is used up; ``wait`` is until the next month."""
    whose = _BUDGET_OF.get(scope.kind) or f"your team for {scope.name}"
    return QuotaExceeded(
        f"The budget of {whose} for this month is used up.",
        retry_after=min(wait, _LONGEST_WAIT_S),
        rules=_rules(scope),
    )


def _limited(scope: LimitScope, what: str, wait: int) -> RateLimited:
    may = _MAY.get(scope.kind, _MAY[TEAM])
    of = f" with {scope.name}" if scope.kind == MODEL else ""
    return RateLimited(
        f"{may} {what}{of}; try again in {wait} s.", retry_after=wait, rules=_rules(scope)
    )


def _rules(scope: LimitScope) -> tuple[str, ...]:
    return (f"limits.{scope.kind}",)
