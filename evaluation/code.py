"""Measure what detection damages in source files without planted persons.

The program samples files of installed packages, so no code of others is kept here. It counts the
files with a person, a city, a street, a plate or a secret. Persons that a file names as its authors
are counted apart: they are right findings. A person must judge the rest, which --list prints.

Folders default to the standard library and packages of this Python, the packages of npm and the
headers of this machine. Name others for more languages.

Example:
  .venv/bin/python -m evaluation.code
  .venv/bin/python -m evaluation.code --count 65 --list /usr/include ~/checkouts
"""

import argparse
import random
import re
import sys
import sysconfig
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from gateway.evaluation import Span
from gateway.processes.evaluate import shipped

_LANGUAGES = {
    "c": ".c .h",
    "go": ".go",
    "java": ".java",
    "javascript": ".js .mjs",
    "python": ".py",
    "rust": ".rs",
    "shell": ".bash .sh .zsh",
    "sql": ".sql",
    "typescript": ".ts",
}
_SUFFIXES = {suffix: name for name, all_ in _LANGUAGES.items() for suffix in all_.split()}
_FOLDERS = (
    sysconfig.get_path("stdlib"),
    sysconfig.get_path("purelib"),
    "/usr/include",
    "/usr/lib/node_modules",
    "/usr/share",
)
# Lists of names, and texts in many languages, are no code.
_SKIPPED = re.compile(r"/(?:locales?|i18n|translations|faker|presidio\w*|phonenumbers|names)\b")
_SHORTEST, _LONGEST = 2048, 10_240  # bytes of a file
_TYPES = frozenset(("PERSON", "CITY", "STREET_ADDRESS", "LICENSE_PLATE", "SECRET"))
_AUTHOR = re.compile(
    r"copyright|\(c\)|©|author|written|contribut|adapted|modified|maintain|thanks|\bby\b"
    r"|<[^<>@ ]+@",
    re.IGNORECASE,
)
_AROUND = 60  # characters on each side of a finding that are shown


def main() -> int:
    """Sample the files, count and print what is found in them."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folders", nargs="*", type=Path, help="folders with source files")
    parser.add_argument("--count", type=int, default=65, help="files of each language")
    parser.add_argument("--seed", type=int, default=1, help="of the sample")
    parser.add_argument("--list", action="store_true", help="print each finding")
    options = parser.parse_args()
    folders = options.folders or [Path(folder) for folder in _FOLDERS]
    files: Counter[str] = Counter()
    damaged: Counter[str] = Counter()
    restricted = 0
    with shipped() as predict:
        for language, path, text in sample(folders, options.count, options.seed):
            prediction = predict(text, "en")
            found = [
                span
                for span in prediction.spans
                if span.type in _TYPES and not is_author(text, span)
            ]
            files[language] += 1
            damaged[language] += bool(found)
            restricted += prediction.level == "restricted"
            if options.list:
                for span in found:
                    print(f"{path}\t{span.type}\t{shown(text, span)}")
    for language, count in sorted(files.items()):
        print(f"{language}: {damaged[language]} of {count} files with a finding")
    print(f"all: {damaged.total()} of {files.total()}, restricted {restricted}")
    return 0


def sample(folders: Sequence[Path], count: int, seed: int) -> Iterator[tuple[str, Path, str]]:
    """Yield language, path and text of so many different files of each language."""
    rng = random.Random(seed)  # noqa: S311 - a sample, not a secret
    by_language: dict[str, list[Path]] = {}
    for folder in folders:
        for file in sorted(folder.rglob("*")):
            language = _SUFFIXES.get(file.suffix)
            if language and not _SKIPPED.search(str(file)) and _fits(file):
                by_language.setdefault(language, []).append(file)
    for language, found in sorted(by_language.items()):
        rng.shuffle(found)
        texts: dict[str, Path] = {}
        for file in found:
            if len(texts) == count:
                break
            try:
                texts.setdefault(file.read_text(encoding="utf-8"), file)
            except (OSError, UnicodeDecodeError) as error:
                print(f"{file} is left out: {error!r}", file=sys.stderr)
        yield from ((language, file, text) for text, file in texts.items())


def _fits(file: Path) -> bool:
    return (
        not file.is_symlink() and file.is_file() and (_SHORTEST <= file.stat().st_size <= _LONGEST)
    )


def is_author(text: str, span: Span) -> bool:
    """Whether a person is on a line that names authors, or on the one before or behind it."""
    start = text.rfind("\n", 0, max(0, text.rfind("\n", 0, span.start))) + 1
    end = text.find("\n", text.find("\n", span.end) + 1)
    return span.type == "PERSON" and _AUTHOR.search(text, start, end) is not None


def shown(text: str, span: Span) -> str:
    """Return a finding in its line."""
    before, after = max(0, span.start - _AROUND), span.end + _AROUND
    left, right = text[before : span.start], text[span.end : after]
    return f"{left}⟦{text[span.start : span.end]}⟧{right}".replace("\n", "⏎")


if __name__ == "__main__":
    sys.exit(main())
