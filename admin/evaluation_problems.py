"""What evaluations lack, in the user's language: the control plane names it in English."""

import re

from admin.i18n import Localizer

_NUMBER = r"[\d.]+"
_SENTENCES = tuple(
    (re.compile(pattern), f"problem.{name}")
    for name, pattern in (
        ("no_suite", r"there is no such suite"),
        ("no_run", r"no run\b"),
        ("suite_changed", r"the suite or its scorer has changed since"),
        ("thresholds_changed", r"the thresholds have changed since"),
        ("expired", r"its evaluation has expired"),
        ("again", r"run it again"),
        (
            "discarded",
            rf"(?P<found>{_NUMBER}) runs of it were failed or discarded before one passed",
        ),
        ("repeated", rf"(?P<found>{_NUMBER}) items were asked more than once"),
        ("deviation", r"the deployment (?P<name>\S+) changed during the run"),
        ("invalid", rf"(?P<failed>{_NUMBER}) requests failed; the run is invalid"),
        ("items", rf"(?P<found>{_NUMBER}) items count, (?P<needed>{_NUMBER}) are needed"),
        (
            "score",
            (
                rf"the score is (?P<found>{_NUMBER}), at least (?P<least>{_NUMBER}) with 95 % "
                rf"confidence, (?P<needed>{_NUMBER}) is needed"
            ),
        ),
        (
            "worse",
            (
                rf"it may be (?P<found>{_NUMBER}) worse than in production, "
                rf"(?P<allowed>{_NUMBER}) is allowed"
            ),
        ),
        ("add_own", r"add a suite of your own with `sluis models add-suite`"),
        ("own", r"^own-suites:"),
        ("not_asked", r"not asked for"),
    )
)


def problem_of(localize: Localizer, problem: str) -> str:
    """A problem as plain text; what has no translation stays as it is."""
    for pattern, key in _SENTENCES:
        if found := pattern.search(problem):
            said = localize.raw(key, **found.groupdict())
            problem = f"{problem[: found.start()]}{said}{problem[found.end() :]}"
    return problem


def problems_of(localize: Localizer, problems: list[str]) -> str:
    """Several problems as one line."""
    return "; ".join(problem_of(localize, one) for one in problems)
