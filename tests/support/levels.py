"""The table of levels that ships."""

from pathlib import Path

import yaml

from gateway.privacy import LevelTable

DOCUMENT = yaml.safe_load(
    (Path(__file__).parents[2] / "policies/levels.yaml").read_text(encoding="utf-8")
)
LEVELS = LevelTable.of(DOCUMENT)
