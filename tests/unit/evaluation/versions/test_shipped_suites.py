"""The suites of the release can be read, and are large enough for the policy of the release."""

from pathlib import Path

import pytest

from gateway.compiled.policy import evaluation_rules
from gateway.evaluation.versions.bootstrap import lowest_share
from gateway.evaluation.versions.suite import SHIPPED, read_directory, shipped_suites

POLICY = Path(__file__).parents[4] / "policies" / "evaluations.yaml"
DIRECTORIES = sorted(path.parent for path in SHIPPED.glob("*/suite.yaml"))


@pytest.mark.parametrize("directory", DIRECTORIES, ids=lambda path: path.name)
def test_a_shipped_suite_is_sound(directory: Path) -> None:
    suite = read_directory(directory)
    assert suite.name == directory.name
    both = {"nl"} if suite.about.task == "language-quality" else {"nl", "en"}
    assert set(suite.about.languages) == both
    for language in suite.about.languages:
        assert sum(item.language == language for item in suite.items) >= 20


def test_the_shipped_policy_asks_for_no_more_than_a_suite_can_show() -> None:
    suites = shipped_suites()
    rules = evaluation_rules({"evaluations.yaml": POLICY.read_text(encoding="utf-8")})
    for risk in ("minimal", "limited", "high"):
        for needed in rules.for_risk(risk).suites:
            if needed.suite in suites:
                items = suites[needed.suite].items
                assert needed.items <= len(items)
                units = len({getattr(item, "unit", item.id) for item in items})
                assert needed.min <= lowest_share(units, units)  # with all right
