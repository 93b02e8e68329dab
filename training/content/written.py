"""Texts of attacks, look-alikes and ordinary prompts that were written one by one.

``written/<language>/<category>.txt`` holds attacks, one a line; ``none_….txt`` holds ordinary text.
A line break within a text is written as ``\\n``. One text in ten is kept for validation: training
does not read it.
"""

from pathlib import Path
from typing import NamedTuple
from zlib import crc32

FOLDER = Path(__file__).resolve().parent / "written"
NONE = "none"
_KEPT = 10


class Written(NamedTuple):
    """A text, its language and its category, ``none`` for ordinary text."""

    text: str
    language: str
    category: str


def written(*, validation: bool = False) -> list[Written]:
    """Return the texts for training, or those that are kept for validation."""
    return [
        one
        for path in sorted(FOLDER.glob("*/*.txt"))
        for one in _texts(path)
        if (crc32(one.text.encode()) % _KEPT == 0) is validation
    ]


def _texts(path: Path) -> list[Written]:
    category = NONE if path.stem.startswith(f"{NONE}_") else path.stem
    lines = path.read_text(encoding="utf-8").splitlines()
    texts = dict.fromkeys(line.strip().replace("\\n", "\n") for line in lines if line.strip())
    return [Written(text, path.parent.name, category) for text in texts]
