"""Reasons for reading stored personal data. They are recorded."""

from gateway.core.errors import InvalidRequest

_MIN_LENGTH = 10  # characters


def check_reason(reason: str) -> None:
    """Check that a reason is given.

    Raises:
        InvalidRequest: when it has less than ten characters.
    """
    if len(reason.strip()) < _MIN_LENGTH:
        raise InvalidRequest("Say why, in at least ten characters.", param="reason")
