"""The card of a model for tests: all that an approval asks for."""

from pathlib import Path

CARD = """\
---
license: apache-2.0
language: [nl, en]
sluis:
  context: 1024
  training_data:
    - {name: nothing, source: random weights, legal_basis: none needed, personal_data: none,
       copyright: none}
  limits: {nl: Zegt niets zinnigs., en: Says nothing sensible.}
  intended_use: {nl: Tests., en: Tests.}
  prohibited_use: {nl: Al het andere., en: Everything else.}
  ai_act: {role: provider, risk: minimal}
---
# A model for tests
"""


def with_card(directory: Path) -> Path:
    """Write the card into a directory of a model, and return the directory."""
    (directory / "README.md").write_text(CARD, encoding="utf-8")
    return directory
