"""One detector for all tests: compiling it takes most of a second."""

import pytest

from gateway.privacy import Detector
from tests.support.detector import DETECTOR


@pytest.fixture(scope="session")
def detector() -> Detector:
    return DETECTOR
