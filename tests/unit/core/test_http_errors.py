"""Which refusals say how long to wait."""

import pytest

from gateway.core.errors import InvalidRequest, QuotaExceeded, RateLimited, Refusal
from gateway.core.http_errors import STATUS, waiting_of


@pytest.mark.parametrize("code", [code for code, status in STATUS.items() if status == 429])
def test_every_429_has_a_time_to_wait(code: str) -> None:
    assert int(waiting_of(Refusal("x", code=code))["retry-after"]) >= 1
    assert waiting_of(Refusal("x", code=code, retry_after=40))["retry-after"] == "40"


def test_a_spent_budget_also_says_not_to_retry() -> None:
    assert waiting_of(QuotaExceeded("x", retry_after=60)) == {
        "retry-after": "60",
        "x-should-retry": "false",
    }
    assert "x-should-retry" not in waiting_of(RateLimited("x", retry_after=1))


def test_a_refusal_that_waiting_does_not_heal_names_no_time() -> None:
    assert waiting_of(InvalidRequest("x")) == {}
