"""The version of the rules: it changes with what decides findings, not with names in code."""

import hashlib
from collections.abc import Iterable
from pathlib import Path

from gateway.core.text.patterns import Pattern
from gateway.privacy.text import language

# Raise this by hand whenever a check, a merge or a veto changes findings: patterns and word lists
# are hashed, Python code is not. Then refresh the figures (evaluation/run.py --write) and the
# frozen digest of tests/unit/privacy/detect/test_version.py.
RULES_VERSION = 4
_LEXICONS = Path(__file__).parents[1] / "lexicons"


def version_of(patterns: Iterable[Pattern]) -> str:
    """Return ``rules-`` and 16 hexadecimal digits of a digest over version, patterns and lists."""
    digest = hashlib.sha256(str(RULES_VERSION).encode())
    for pattern in patterns:
        digest.update(repr((pattern.regex, pattern.ignore_case, pattern.once)).encode())
    for path in (*sorted(_LEXICONS.glob("*.txt")), language.GRAMS):
        digest.update(f"\0{path.name}\0".encode())
        digest.update(path.read_bytes())
    return f"rules-{digest.hexdigest()[:16]}"
