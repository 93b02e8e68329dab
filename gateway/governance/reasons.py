"""Why somebody reads what is kept of people: said before, and on record."""

from gateway.core.errors import InvalidRequest

_SHORTEST = 10  # characters


def check_reason(reason: str) -> None:
    """Nothing when it says something.

    Raises:
        InvalidRequest: when it has less than ten characters.
    """
    if len(reason.strip()) < _SHORTEST:
        raise InvalidRequest("Say why, in at least ten characters.", param="reason")
