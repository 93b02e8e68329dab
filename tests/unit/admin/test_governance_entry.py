"""Names, comments and differences of an entry, as the console shows them."""

import json
from typing import Any

import pytest

from admin.governance_entry import difference_of, facts_of, named
from admin.i18n import LANGUAGES, Localizer

pytestmark = pytest.mark.unit
LINE = {"object": "provider eu", "field": "zone", "before": "global", "after": "internal"}


@pytest.mark.parametrize(
    ("name", "person", "identity", "shown"),
    [
        ("officer", "anna", "k_officer", "officer (anna)"),
        ("anna", "anna", "k_officer", "anna"),
        (None, None, "k_officer", "k_officer"),
        (None, "anna", "k_officer", "k_officer (anna)"),
        (None, None, None, ""),
    ],
)
def test_a_person_stands_beside_the_name(
    name: str | None, person: str | None, identity: str | None, shown: str
) -> None:
    assert named(name, person, identity) == shown


@pytest.mark.parametrize("language", LANGUAGES)
def test_both_comments_are_shown_and_what_is_absent_is_not(language: str) -> None:
    fields = {
        "name": "officer",
        "person": "anna",
        "roles": ["policy_approver", "auditor"],
        "author_comment": "needed",
        "comment": "seen",
        "zone": "eu",
    }
    values = [list(row.values())[1] for row in facts_of(fields, Localizer(language))]
    assert values == ["officer", "anna", "policy_approver, auditor", "needed", "seen"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_difference_is_a_table(language: str) -> None:
    lines: list[Any] = [
        json.dumps({**LINE, "power": "provider.zone"}),
        {**LINE, "field": "", "after": None},
    ]
    lines += ["not JSON", "[1]", {**LINE, "before": ["a", "b"], "after": {"x": 1}}]
    rows = [list(row.values()) for row in difference_of(lines, Localizer(language))]
    assert rows == [
        ["provider eu", "zone", "global", "internal", "provider.zone"],
        ["provider eu", "–", "global", "–", "–"],
        ["not JSON", "–", "–", "–", "–"],
        ["1", "–", "–", "–", "–"],
        ["provider eu", "zone", "a, b", "x: 1", "–"],
    ]
