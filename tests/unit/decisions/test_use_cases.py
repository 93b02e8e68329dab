"""Review dates and contracts hold until the end of their day, in UTC."""

import pytest

from gateway.compiled.policy import use_case_rules
from gateway.core.days import end_of_day
from gateway.core.level import Zone
from gateway.core.snapshot import Provider
from gateway.decisions import BundleError, Review, UseCaseRules
from tests.support.contracts import under_contract

DAY_S = 86_400
DAY = "2026-11-29"
END = 1_795_996_800.0  # 2026-11-30T00:00:00Z


def test_the_end_of_a_day_is_the_start_of_the_next_in_utc() -> None:
    assert end_of_day(DAY) == END
    assert end_of_day("") == end_of_day("soon") == 0.0


@pytest.mark.parametrize(
    ("after_s", "review"),
    [
        (-0.001, Review.CURRENT),
        (0, Review.OVERDUE),
        (30 * DAY_S - 0.001, Review.OVERDUE),
        (30 * DAY_S, Review.EXPIRED),
    ],
)
def test_a_review_becomes_overdue_and_then_expires(after_s: float, review: Review) -> None:
    assert UseCaseRules().review(DAY, END + after_s) is review


def test_without_a_date_a_use_case_is_current() -> None:
    assert UseCaseRules(review_grace_days=0).review("", 2**40) is Review.CURRENT


def test_no_grace_is_none() -> None:
    assert UseCaseRules(review_grace_days=0).review(DAY, END) is Review.EXPIRED


@pytest.mark.parametrize(
    "text", ["review_grace_days: -1", "review_grace_days: many", "review_days: 3", "- 3"]
)
def test_a_file_that_cannot_be_used_is_refused(text: str) -> None:
    with pytest.raises(BundleError, match=r"use_cases\.yaml"):
        use_case_rules({"use_cases.yaml": text})


def test_a_bundle_from_before_has_the_default() -> None:
    assert use_case_rules({}).review_grace_days == 30


@pytest.mark.parametrize(
    ("zone", "until", "covered"),
    [
        (Zone.EU, DAY, (True, False)),
        (Zone.EU, "", (False, False)),
        (Zone.EU, None, (True, True)),  # from before contracts were registered
        (Zone.INTERNAL, "", (True, True)),
        (Zone.GLOBAL, DAY, (True, False)),
    ],
)
def test_a_contract_covers_until_the_end_of_its_day(
    zone: Zone, until: str | None, covered: tuple[bool, bool]
) -> None:
    provider = under_contract(Provider("a", "openai", "https://a.example/v1", zone), until)
    assert (provider.covered(END - 0.001), provider.covered(END)) == covered
