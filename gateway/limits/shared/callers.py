"""The scopes of callers, as the store is asked about them."""

from collections.abc import Callable

import msgspec

from gateway.core.principal import Principal
from gateway.core.snapshot import Snapshot
from gateway.limits.scopes import LimitScope, ScopeId, Scopes

_MAX_SETS = 16_384
Asked = tuple[int | bool, int | bool, int | bool, float | bool, bool]


class CallerScopes(msgspec.Struct, frozen=True):
    """All scopes of one kind of request, their keys, and what each may reach.

    ``asked`` is requests, tokens, concurrent, budget (False without one), and whether the scope is
    known only at departure.
    """

    principal: Principal
    scopes: tuple[LimitScope, ...]
    names: tuple[str, ...]
    asked: tuple[Asked, ...]

    @property
    def is_limited(self) -> bool:
        """Whether anything bounds these requests."""
        return any(scope.is_limited for scope in self.scopes)

    @property
    def counts_requests(self) -> bool:
        """Whether a limit on requests a minute bounds them."""
        return any(one[0] is not False for one in self.asked)

    @property
    def limited(self) -> list[bool]:
        """For each scope whether its tokens a minute are counted."""
        return [one[1] is not False for one in self.asked]


class Callers:
    """Keeps the scopes of callers ready."""

    def __init__(self, name: Callable[[ScopeId], str]) -> None:
        """``name`` gives the key of a scope."""
        self._name = name
        self._scopes = Scopes()
        self._sets: dict[tuple[str, str, tuple[str, ...], str], CallerScopes] = {}

    def configure(self, snapshot: Snapshot) -> None:
        """Applies the limits of a new snapshot."""
        self._scopes.configure(snapshot)
        self._sets.clear()

    def of(
        self, principal: Principal, models: tuple[str, ...] = (), use_case: str = ""
    ) -> CallerScopes:
        """The scopes of a request, as ``Scopes.of``."""
        key = (principal.id, principal.person, models, use_case)
        found = self._sets.get(key)
        if found is None or (found.principal is not principal and found.principal != principal):
            if len(self._sets) >= _MAX_SETS:
                self._sets.clear()
            scopes = tuple(self._scopes.of(principal, models, use_case))
            found = self._sets[key] = CallerScopes(
                principal,
                scopes,
                tuple(self._name(scope.id) for scope in scopes),
                tuple(_asked(scope) for scope in scopes),
            )
        return found


def _asked(scope: LimitScope) -> Asked:
    limits, budget = scope.limits, scope.budget
    return (
        _or_false(limits.requests_per_minute),
        _or_false(limits.tokens_per_minute),
        _or_false(limits.concurrent),
        False if budget is None else budget.amount,
        scope.is_late,
    )


def _or_false(size: int | None) -> int | bool:
    return False if size is None else size
