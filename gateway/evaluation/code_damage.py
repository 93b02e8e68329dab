"""Damage to source code: findings in texts of code that hold no such value.

A replaced keyword, identifier or hash makes an answer about the code useless, so the share of texts
with any such finding counts, not the number of findings.
"""

from dataclasses import dataclass
from typing import Any

from gateway.core.level import Level
from gateway.evaluation.examples import MarkedText
from gateway.evaluation.scoring import Outcome

# Kinds of marked texts that are source code or what programs write and read.
CODE_KINDS = frozenset((
    "c",
    "code",
    "config",
    "diff",
    "go",
    "java",
    "javascript",
    "json",
    "log",
    "python",
    "rust",
    "schema",
    "shell",
    "sql",
    "trace",
    "typescript",
))
# Types that a detector takes keywords, identifiers and hashes for.
_DAMAGING = frozenset(("PERSON", "CITY", "STREET_ADDRESS", "LICENSE_PLATE", "SECRET"))


def shape_of(example: MarkedText) -> str:
    """Return ``code`` or ``prose``, by the kind of the text."""
    return "code" if example.kind in CODE_KINDS else "prose"


@dataclass(slots=True)
class CodeDamage:
    """Counts over the texts of code."""

    texts: int = 0
    damaged: int = 0  # with a false person, city, street, plate or secret
    restricted: int = 0  # rated restricted though marked lower

    @property
    def damaged_share(self) -> float:
        """Share of the texts of code with a false finding; 0 without texts of code."""
        return self.damaged / self.texts if self.texts else 0.0

    def add(self, example: MarkedText, outcome: Outcome, level: str) -> None:
        """Count one text if it is code."""
        if shape_of(example) != "code":
            return
        self.texts += 1
        self.damaged += any(span.type in _DAMAGING for span in outcome.false)
        top = Level.RESTRICTED.label
        self.restricted += level == top and example.level not in ("", top)

    def document(self) -> dict[str, Any]:
        """Return the figures as JSON values."""
        return {
            "texts": self.texts,
            "damaged": self.damaged,
            "damaged_share": round(self.damaged_share, 4),
            "wrongly_restricted": self.restricted,
        }

    def sentence(self) -> str:
        """Return the figures as one line."""
        return (
            f"Source code damaged in {self.damaged} of {self.texts} texts "
            f"({self.damaged_share:.3f}), wrongly restricted in {self.restricted}."
        )
