"""Check the form of a commit message: ``commit_msg.py FILE``, run by the commit-msg hook."""

import re
import sys
from pathlib import Path

LONGEST = 72
_SCISSORS = (
    "# ------------------------ >8 ------------------------"  # below it: the diff of `commit -v`
)
_GENERATED = re.compile(r"(Merge|Revert|fixup!|squash!|amend!) ")
_AREA = re.compile(r"[\w./-]+(, [\w./-]+)*: ")
_TENSES = re.compile(
    r"(add|chang|creat|delet|fix|improv|mak|mov|remov|renam|replac|updat|us)(e?s|ed|ing)\b",
    re.IGNORECASE,
)


def problems(message: str) -> list[str]:
    """What is wrong with a message; nothing when it has the form of CONTRIBUTING.md."""
    lines = [
        line for line in message.split(_SCISSORS, maxsplit=1)[0].splitlines() if line[:1] != "#"
    ]
    subject = lines[0] if lines else ""
    if _GENERATED.match(subject):
        return []
    said = _AREA.sub("", subject, count=1)
    found = []
    if not said.strip():
        found.append("the subject is empty")
    if len(subject) > LONGEST:
        found.append(f"the subject has {len(subject)} characters, more than {LONGEST}")
    if subject.endswith("."):
        found.append("the subject ends in a full stop")
    if _TENSES.match(said):
        found.append(f"the subject is not imperative: {said.split()[0]!r}")
    if len(lines) > 1 and lines[1].strip():
        found.append("the second line is not blank")
    return found


def main(arguments: list[str]) -> int:
    """The exit code: 1 when the message in the named file has another form."""
    found = problems(Path(arguments[0]).read_text(encoding="utf-8"))
    for problem in found:
        print(f"Commit message: {problem}.", file=sys.stderr)
    if found:
        print("The form is `area: do one thing`, a blank line, the reason.", file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
