"""A bundle that cannot be read is refused with the file at fault, whatever is in it."""

import pytest

from gateway.decisions import BundleError
from gateway.governance.policies.bundle import check, read_bundle
from gateway.governance.policies.cases import run_tests

BUNDLE = read_bundle()
DEEP = "x: " + "{a: " * 900 + "b" + "}" * 900
DEEPER = "x: " + "{a: " * 100_000 + "b" + "}" * 100_000


@pytest.mark.parametrize(
    "name",
    [
        "content.yaml",
        "egress.yaml",
        "failures.yaml",
        "levels.yaml",
        "proposals.yaml",
        "redaction.yaml",
        "retention.yaml",
    ],
)
@pytest.mark.parametrize(
    "text",
    [
        "[",
        "3",
        "- a",
        "a: b",
        "a: [",
        "\x00",
        pytest.param(DEEP, id="deep"),
        pytest.param(DEEPER, id="deeper"),
    ],
)
def test_a_file_that_cannot_be_read_is_named(name: str, text: str) -> None:
    with pytest.raises(BundleError, match=name):
        check({**BUNDLE, name: text})


def test_fields_nested_without_end_are_refused() -> None:
    with pytest.raises(BundleError, match="egress"):
        check({**BUNDLE, "egress.yaml": DEEP.replace("x:", "chat_completions:")})


@pytest.mark.parametrize(
    "text",
    [
        "[",
        "3",
        "a: b",
        "- a",
        "- [a]",
        "- {name: x}",
        "\x00",
        "- {name: x, zone: eu, level: public, clearance: public, expect: allow, policies: 3}",
        pytest.param(DEEPER, id="deeper"),
    ],
)
def test_a_case_that_cannot_be_read_is_named(text: str) -> None:
    with pytest.raises(BundleError, match="tests/more"):
        run_tests({**BUNDLE, "tests/more.yaml": text})


def test_an_empty_file_of_cases_has_none() -> None:
    assert len(run_tests({**BUNDLE, "tests/more.yaml": ""})) == len(run_tests(BUNDLE))
