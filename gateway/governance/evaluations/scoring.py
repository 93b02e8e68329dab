"""Scores of stored answers: in a thread, with the library that intervals need."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from gateway.core.errors import Unavailable
from gateway.decisions import SuiteThresholds
from gateway.evaluation.versions.suite import Suite

Result = dict[str, Any]


def result_of(suite: Suite, answers: Mapping[str, Any], others: Mapping[str, Any] | None) -> Result:
    """The result of a run as a document; ``others`` are the answers of the one in production.

    A difference is that of the scores, and what it exceeds with 95 % confidence.

    Raises:
        Unavailable: when a package that a metric needs is not installed.
    """
    try:
        return _result_of(suite, answers, others)
    except ModuleNotFoundError as error:
        raise Unavailable(
            f"{error.name} is not installed: install sluis[evaluations] on the control plane, and "
            "run the same command again."
        ) from error


def _result_of(
    suite: Suite, answers: Mapping[str, Any], others: Mapping[str, Any] | None
) -> Result:
    from gateway.evaluation.versions.results import suite_result, worst_difference

    scored = _scored(suite, answers)
    result = suite_result(suite, scored)
    document: Result = {**msgspec.to_builtins(result), "valid": result.valid}
    if others is not None:
        compared = _scored(suite, others)
        difference, lowest = worst_difference(suite, scored, compared)
        other = suite_result(suite, compared)
        document["compared"] = {
            "score": msgspec.to_builtins(other.score),
            "measures": msgspec.to_builtins(other.measures),
            "difference": difference,
            "exceeds": lowest,
        }
    return document


def problems_of(
    result: Result, thresholds: SuiteThresholds | None, *, compares: bool
) -> Sequence[str]:
    """Why a run does not pass; ``compares``: there is a version in production."""
    if not result["valid"]:
        return [f"{result['failed']} requests failed; the run is invalid"]
    if thresholds is None:
        return []
    problems = []
    score, least = result["score"]["value"], result["score"]["low"]
    if result["counted"] < thresholds.items:
        problems.append(f"{result['counted']} items count, {thresholds.items} are needed")
    if least < thresholds.min:
        problems.append(
            f"the score is {score:.3f}, at least {least:.3f} with 95 % confidence, "
            f"{thresholds.min:g} is needed"
        )
    if thresholds.not_worse_by is not None and compares:
        exceeds = result["compared"]["exceeds"]
        if exceeds < -thresholds.not_worse_by:
            problems.append(
                f"it may be {-exceeds:.3f} worse than in production, "
                f"{thresholds.not_worse_by:g} is allowed"
            )
    return problems


def summary_of(result: Result) -> Mapping[str, Any]:
    """What of a result is written into the entry of the run."""
    score = result["score"]
    compared = result.get("compared")
    return {
        "score": round(score["value"], 4),
        "low": round(score["low"], 4),
        "high": round(score["high"], 4),
        "items": result["items"],
        "failed": result["failed"],
        "blocked": result["blocked"],
        "unreadable": result["unreadable"],
        "score_difference": round(compared["difference"], 4) if compared else None,
    }


def _scored(suite: Suite, answers: Mapping[str, Any]) -> list[Any]:
    from gateway.evaluation.versions.scorers import ItemOutcome, score_answer

    return [
        score_answer(suite, item, ItemOutcome(one.outcome), one.text)
        for item in suite.items
        for one in [answers[item.id]]
    ]
