"""One detector for all tests: compiling it takes most of a second."""

import pytest

from gateway.privacy import Detector


@pytest.fixture(scope="session")
def detector() -> Detector:
    return Detector()
