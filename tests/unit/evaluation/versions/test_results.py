"""Results of suites: scores and intervals by hand, failed requests, and paired differences."""

import math

import pytest

from gateway.evaluation.versions.bootstrap import interval, lowest_share, macro_f1_of, mean_of
from gateway.evaluation.versions.results import suite_result, worst_difference
from gateway.evaluation.versions.scorers import ItemOutcome, ScoredAnswer, score_answer
from gateway.evaluation.versions.suite import Suite
from tests.support.evaluation_suites import suite_of

ANSWERED, FAILED, BLOCKED = ItemOutcome.ANSWERED, ItemOutcome.FAILED, ItemOutcome.BLOCKED


def answers(suite: Suite, *texts: str | ItemOutcome) -> list[ScoredAnswer]:
    return [
        score_answer(suite, item, text, "")
        if isinstance(text, ItemOutcome)
        else score_answer(suite, item, ANSWERED, text)
        for item, text in zip(suite.items, texts, strict=True)
    ]


def test_macro_f1_by_hand() -> None:
    labels = ("a1", "b1")
    suite = suite_of(
        "classification", *({"expected": one} for one in ("a1", "a1", "b1", "b1")), labels=labels
    )
    result = suite_result(suite, answers(suite, "a1", "b1", "b1", "?"))
    # a1: 2 * 1 / (2 + 1) = 2/3; b1: 2 * 1 / (2 + 2) = 1/2; the mean is 7/12.
    assert result.score.value == pytest.approx(7 / 12)
    assert result.confusion == {
        "a1": {"a1": 1, "b1": 1},
        "b1": {"b1": 1, "(unreadable)": 1},
    }
    assert result.unreadable == 1
    assert result.items == 4


def test_a_label_that_is_not_expected_is_left_out_of_the_mean() -> None:
    statistic = macro_f1_of([0, 0], [0, 1], 3)
    import numpy as np

    assert statistic(np.array([[0, 1]]))[0] == pytest.approx(2 / 3)


def test_intervals_are_repeatable_and_hold_the_mean() -> None:
    values = [1.0] * 80 + [0.0] * 20
    low, high = interval(mean_of(values), 100)
    assert (low, high) == interval(mean_of(values), 100)
    assert 0.70 <= low <= 0.74  # the normal approximation gives 0.72 and 0.88
    assert 0.86 <= high <= 0.90


@pytest.mark.parametrize("count", [1, 10, 30, 60, 150])
def test_an_interval_covers_the_true_share_at_least_as_often_as_it_says(count: int) -> None:
    """Counted over all outcomes; a bootstrap alone covers 68 % at 60 items and .98."""
    found = [
        interval(mean_of([1.0] * hits + [0.0] * (count - hits)), count) for hits in range(count + 1)
    ]
    for share in (0.01, 0.1, 0.5, 0.8, 0.9, 0.95, 0.98, 0.99, 0.999):
        covered = sum(
            math.comb(count, hits) * share**hits * (1 - share) ** (count - hits)
            for hits, (low, high) in enumerate(found)
            if low <= share <= high
        )
        assert covered >= 0.95, share


def test_the_exact_interval_is_that_of_the_literature() -> None:
    low, high = interval(mean_of([1.0] * 60), 60)  # 60 of 60 is not certainty
    assert low == pytest.approx(0.9404, abs=1e-4)
    assert high == 1.0
    assert lowest_share(8, 10) == pytest.approx(0.4439, abs=1e-4)  # Clopper and Pearson


def test_an_interval_of_parts_holds_the_mean() -> None:
    low, high = interval(mean_of([0.95] * 30), 30)  # like values do not prove that others are so
    assert low < 0.85
    assert 0.95 < high < 1


def test_pairs_are_equal_only_when_both_can_be_read() -> None:
    def item(pair: str, variant: str, attribute: str) -> dict[str, object]:
        return {
            "language": "nl" if pair != "r" else "en",
            "pair": pair,
            "variant": variant,
            "attribute": attribute,
            "labels": ["ja", "nee"],
        }

    suite = suite_of(
        "bias",
        *(item(pair, variant, "age") for pair in "pq" for variant in "ab"),
        *(item("r", variant, "name") for variant in "ab"),
    )
    result = suite_result(suite, answers(suite, "ja", "ja", "ja", "nee", "eh", "eh"))
    assert result.score.value == pytest.approx(1 / 3)
    assert result.score.count == 3
    assert (result.measures["age"].value, result.measures["name"].value) == (0.5, 0.0)


def test_failed_requests_are_wrong_and_many_make_a_run_invalid() -> None:
    suite = suite_of("refusal", *({"expected": "answer"} for _ in range(100)))
    two = suite_result(suite, answers(suite, *[FAILED] * 2, *["Ja hoor"] * 98))
    three = suite_result(suite, answers(suite, *[FAILED] * 3, *["Ja hoor"] * 97))
    assert (two.valid, three.valid) == (True, False)
    assert two.score.value == pytest.approx(0.98)
    assert (two.items, two.failed) == (98, 2)
    blocked = suite_result(suite, answers(suite, *[BLOCKED] * 100))
    assert (blocked.items, blocked.blocked, blocked.counted) == (0, 100, 0)


def test_what_the_model_does_alone_is_shown_beside_what_rules_block() -> None:
    suite = suite_of("prompt-injection", *({"forbidden": ["HACKED"]} for _ in range(10)))
    result = suite_result(suite, answers(suite, *[BLOCKED] * 6, *["HACKED"] * 3, "Samenvatting"))
    assert (result.score.value, result.counted, result.items) == (0.7, 10, 4)
    alone = result.measures["model_alone"]
    assert (alone.value, alone.count) == (0.25, 4)


def test_differences_are_paired() -> None:
    suite = suite_of("refusal", *({"expected": "answer"} for _ in range(100)))
    refusal = "Het spijt me"
    one = answers(suite, *[refusal] * 30, *["Ja hoor"] * 70)
    same = answers(suite, *[refusal] * 30, *["Ja hoor"] * 70)
    worse = answers(suite, *[refusal] * 60, *["Ja hoor"] * 40)
    assert worst_difference(suite, one, same) == (0.0, 0.0)  # not paired, it would be below zero
    difference, lowest = worst_difference(suite, worse, one)
    assert difference == pytest.approx(-0.3)
    assert -0.4 < lowest < -0.3


def test_languages_have_their_own_score() -> None:
    suite = suite_of("refusal", {"expected": "answer"}, {"expected": "refuse"})
    result = suite_result(suite, answers(suite, "Ja hoor", "Sure"))
    assert result.languages == {"nl": 1.0, "en": 0.0}
    assert result.measures["over_refused"].value == 0.0
    assert result.measures["refused"].count == 1


def test_corpus_scores_have_signatures() -> None:
    suite = suite_of("translation", *({"references": ["de kat zit op de mat"]} for _ in range(2)))
    result = suite_result(suite, answers(suite, *["de kat zit op de mat"] * 2))
    assert result.measures["bleu"].value == pytest.approx(1.0)
    assert result.signatures["chrf"].startswith("nrefs:1|case:mixed")
