"""The checksum of the Dutch citizen service number."""

import pytest

from gateway.privacy.rules import bsn

pytestmark = pytest.mark.unit


@pytest.mark.parametrize("digits", ["111222333", "123456782", "010464554", "10464554"])
def test_a_number_that_passes_the_eleven_test_is_valid(digits: str) -> None:
    assert bsn.is_valid(digits)


@pytest.mark.parametrize("digits", ["", "123456789", "1234567", "1112223330", "000000000"])
def test_another_number_is_not(digits: str) -> None:
    assert not bsn.is_valid(digits)
