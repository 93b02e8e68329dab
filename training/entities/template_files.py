"""Readers of templates and pools: text files with `# name` sections, one entry a line."""

from functools import cache
from pathlib import Path

_FOLDER = Path(__file__).parent / "templates"


@cache
def sections(name: str) -> dict[str, list[str]]:
    """Return the sections of templates/NAME.txt, in the order of the file.

    The sections whose names end in `!` are held out of training.
    """
    found: dict[str, list[str]] = {}
    current: list[str] = []
    for line in (_FOLDER / f"{name}.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith("# "):
            current = found.setdefault(line[2:], [])
        elif line.strip():
            current.append(line.replace("\\n", "\n"))
    return found


@cache
def documents(name: str) -> dict[str, list[str]]:
    """Return sections of templates of many lines, which a line `---` separates."""
    found: dict[str, list[str]] = {}
    section, lines = "", list[str]()

    def close() -> None:
        text = "\n".join(lines).strip("\n")
        if text:
            found.setdefault(section, []).append(text)
        lines.clear()

    for line in (_FOLDER / f"{name}.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith("# @"):
            close()
            section = line[3:]
        elif line == "---":
            close()
        else:
            lines.append(line)
    close()
    return found


@cache
def pool(name: str, section: str) -> list[str]:
    """Return the entries of one section of a pool, separated by `|` or lines."""
    return [entry for line in sections(name)[section] for entry in line.split("|") if entry]
