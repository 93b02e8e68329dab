"""Read the word lists and pattern lists of this folder.

A list is a UTF-8 file with one entry a line, sorted by code point. Lines that begin with ``#``
give its meaning, source and licence. In a ``*.patterns.txt`` file an entry is a fragment of a
regular expression; blank lines separate groups, and the fragments of a group make one pattern.
"""

from functools import cache
from pathlib import Path

_FOLDER = Path(__file__).parent


@cache
def groups(name: str) -> tuple[tuple[str, ...], ...]:
    """Return the entries of a list by group, in the order of the file.

    Raises:
        OSError: the file cannot be read.
    """
    lines = (_FOLDER / name).read_text(encoding="utf-8").split("\n")
    found: list[list[str]] = [[]]
    for line in lines:
        if not line:
            found.append([])
        elif not line.startswith("#"):
            found[-1].append(line)
    return tuple(tuple(group) for group in found if group)


def entries(name: str) -> tuple[str, ...]:
    """Return all entries of a list, in the order of the file."""
    return tuple(entry for group in groups(name) for entry in group)


def words(name: str) -> frozenset[str]:
    """Return the entries of a list as a set."""
    return frozenset(entries(name))


def alternation(name: str) -> str:
    """Return one pattern for all entries, longer ones first: ``re`` takes the first that fits."""
    return "|".join(sorted(entries(name), key=lambda entry: (-len(entry), entry)))


def patterns(name: str) -> list[str]:
    """Return one pattern a group."""
    return ["|".join(group) for group in groups(name)]
