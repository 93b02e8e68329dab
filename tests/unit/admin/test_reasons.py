"""Explanations from policy files."""

import pytest

from admin.reasons import Reasons

pytestmark = pytest.mark.unit


def test_unreadable_policy_files_give_no_reasons() -> None:
    assert not Reasons({"levels.yaml": "a: [", "content.yaml": "- 1"}, "en").of("secret")
