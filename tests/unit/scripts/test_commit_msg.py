"""The form of a commit message, as the hook checks it."""

from pathlib import Path

import pytest

from scripts.commit_msg import LONGEST, main, problems

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(
    "message",
    [
        "egress: cap DNS resolution at 3 s",
        "egress, routing: try the next address\n\nThe first may be down.\n",
        "Use one clock",
        "x" * LONGEST,
        "Merge branch 'main' of a place with a name that is very long, and more than 72 characters",
        'Revert "Added a thing."',
        "fixup! Added a thing.",
        "tests: run faster\n# Please enter the commit message\n# On branch main\n",
        "tests: run faster\n# ------------------------ >8 ------------------------\ndiff.\ndiff",
    ],
)
def test_a_message_of_the_right_form_passes(message: str) -> None:
    assert problems(message) == []


@pytest.mark.parametrize(
    ("message", "says"),
    [
        ("", "empty"),
        ("\n\nThe reason.", "empty"),
        ("egress: ", "empty"),
        ("x" * (LONGEST + 1), "73 characters"),
        ("egress: cap DNS resolution.", "full stop"),
        ("egress: Added a cap", "'Added'"),
        ("Fixes the cap", "'Fixes'"),
        ("moving the cap", "'moving'"),
        ("egress: cap it\nThe reason.", "second line"),
    ],
)
def test_what_is_wrong_is_named(message: str, says: str) -> None:
    assert says in " ".join(problems(message))


@pytest.mark.parametrize("message", ["user: list keys", "docs: address the reader", "Use it"])
def test_words_that_only_look_like_another_tense_pass(message: str) -> None:
    assert problems(message) == []


def test_the_exit_code_says_whether_git_may_go_on(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "COMMIT_EDITMSG"
    file.write_text("egress: cap DNS resolution\n", encoding="utf-8")
    assert main([str(file)]) == 0
    assert capsys.readouterr().err == ""
    file.write_text("Added a cap.\n", encoding="utf-8")
    assert main([str(file)]) == 1
    assert "full stop" in capsys.readouterr().err
