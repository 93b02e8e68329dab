"""The rules, compiled once for all tests and processes: it takes seconds."""

import tempfile
from pathlib import Path

from gateway.privacy import Detector

CACHE = Path(tempfile.gettempdir()) / "sluis-test-patterns"
DETECTOR = Detector(CACHE)
