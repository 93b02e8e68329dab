"""Suites are read strictly: every fault names its line, and the digest covers every value."""

from pathlib import Path

import pytest

from gateway.evaluation.versions.suite import SuiteError, read_directory, read_suite
from tests.support.evaluation_suites import description, items_text, line

CLASSES = description("classification", labels=["blij", "boos"])
TWO = items_text({"expected": "blij"}, {"expected": "boos"})


def test_digest_covers_values_and_not_layout() -> None:
    suite = read_suite(CLASSES, TWO)
    spaced = TWO.replace('": "', '":    "').replace("\n", "\n\n")
    assert read_suite("# a comment\n" + CLASSES, spaced).digest == suite.digest
    assert read_suite(CLASSES, TWO.replace("boos", "blij")).digest != suite.digest
    assert read_suite(CLASSES.replace("version: 1", "version: 2"), TWO).digest != suite.digest
    assert [item.id for item in suite.items] == ["i-0", "i-1"]


@pytest.mark.parametrize(
    ("lines", "fault"),
    [
        ([TWO, "{"], "items.jsonl:3: "),
        ([TWO, line("x", expected="sip")], "items.jsonl:3: expected is none of the labels"),
        ([TWO, line("x", expected="blij", extra=1)], "items.jsonl:3: Object contains unknown"),
        ([TWO, line("i-0", expected="blij")], "items.jsonl:3: id i-0 occurs in line 1 too"),
        ([TWO, line("x", expected="blij", language="de")], "items.jsonl:3: Invalid enum value"),
        ([TWO, '{"id": "a", "id": "b"}'], "items.jsonl:3: a key occurs twice"),
        ([line("x", expected="blij")], "no item is in language en"),
        ([""], "items.jsonl:1: there are no items"),
    ],
)
def test_broken_lines_are_named(lines: list[str], fault: str) -> None:
    with pytest.raises(SuiteError) as refused:
        read_suite(CLASSES, "\n".join(lines))
    assert fault in str(refused.value)


@pytest.mark.parametrize(
    ("task", "fields", "fault"),
    [
        ("question-answering", {}, "accepted answers in expected, or unanswerable"),
        ("question-answering", {"expected": ["a"], "unanswerable": True}, "not both"),
        ("extraction", {"schema": {"type": 3}, "expected": {}}, "schema is no JSON schema"),
        (
            "extraction",
            {"schema": {"required": ["a"]}, "expected": {}},
            "expected does not fit the schema",
        ),
        (
            "instruction-following",
            {"checks": [{"kind": "max_words", "value": "ten"}]},
            "max_words is a whole number",
        ),
        (
            "instruction-following",
            {"checks": [{"kind": "regex", "value": "(a"}]},
            "regex cannot be used",
        ),
        ("language-quality", {"expected": "c", "choices": ["a", "b"]}, "none of the choices"),
        (
            "bias",
            {"pair": "p", "variant": "a", "attribute": "age", "labels": ["ja", "nee"]},
            "pair p needs variants a and b",
        ),
    ],
)
def test_items_that_no_answer_can_be_scored_by_are_refused(
    task: str, fields: dict[str, object], fault: str
) -> None:
    with pytest.raises(SuiteError) as refused:
        read_suite(description(task), items_text(fields, fields | {"language": "en"}))
    assert fault in str(refused.value)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (CLASSES + "extra: 1\n", "unknown field"),
        (description("classification"), "`labels` are needed"),
        (CLASSES.replace("task: classification", "task: poetry"), "poetry"),
        ("name: [", "suite.yaml: "),
    ],
)
def test_a_description_is_strict(text: str, fault: str) -> None:
    with pytest.raises(SuiteError) as refused:
        read_suite(text, TWO)
    assert fault in str(refused.value)


def test_a_directory_without_its_files_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SuiteError, match=r"suite\.yaml: cannot be read"):
        read_directory(tmp_path)
