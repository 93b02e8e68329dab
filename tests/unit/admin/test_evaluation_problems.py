"""What evaluations lack is said in the user's language."""

import pytest

from admin.evaluation_problems import problem_of, problems_of
from admin.i18n import Localizer
from gateway.decisions import OWN, SuiteThresholds
from gateway.governance.evaluations import scoring

pytestmark = pytest.mark.unit
DUTCH, ENGLISH = Localizer("nl"), Localizer("en")
RESULT = {
    "valid": True,
    "counted": 12,
    "score": {"value": 0.5, "low": 0.211},
    "compared": {"exceeds": -0.25},
}


def test_what_a_run_lacks_is_said_with_its_figures() -> None:
    wanted = SuiteThresholds(suite="letters", min=0.9, items=40, not_worse_by=0.1)
    problems = list(scoring.problems_of(RESULT, wanted, compares=True))
    assert len(problems) == 3
    assert problems_of(DUTCH, problems) == (
        "12 vragen tellen, 40 zijn nodig; de score is 0.500, met 95 % zekerheid ten minste 0.211, "
        "0.9 is nodig; kan 0.250 slechter zijn dan in productie, 0.1 is toegestaan"
    )
    assert problems_of(ENGLISH, problems) == "; ".join(problems)
    invalid = scoring.problems_of({"valid": False, "failed": 7}, wanted, compares=False)
    assert problems_of(DUTCH, list(invalid)) == "7 verzoeken mislukten; de evaluatie is ongeldig"


def test_what_the_gate_lacks_is_said_by_suite() -> None:
    assert problem_of(DUTCH, "letters: no run") == "letters: niet uitgevoerd"
    changed = "letters: the thresholds have changed since; run it again"
    assert problem_of(DUTCH, changed) == (
        "letters: de grenzen zijn sindsdien veranderd; voer haar opnieuw uit"
    )
    own = f"{OWN}: post: its evaluation has expired; run it again"
    assert problem_of(DUTCH, own) == (
        "eigen suites: post: de evaluatie is verlopen; voer haar opnieuw uit"
    )
    assert problem_of(
        DUTCH, "letters: 3 runs of it were failed or discarded before one passed"
    ) == ("letters: 3 evaluaties ervan mislukten of werden afgebroken voordat er een slaagde")
    assert problem_of(DUTCH, "2 items were asked more than once") == (
        "2 vragen zijn meer dan eens gesteld"
    )
    assert problem_of(DUTCH, "the deployment first changed during the run") == (
        "de deployment first is tijdens de evaluatie veranderd"
    )
    assert problem_of(DUTCH, "something new") == "something new"
