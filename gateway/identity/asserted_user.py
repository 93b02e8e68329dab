"""A user that an application names: asserted, not authenticated."""

from gateway.core.errors import InvalidRequest
from gateway.core.pseudonym import pseudonym

_PREFIX = "a_"  # an authenticated subject of a token has another prefix
_LONGEST = 256


def asserted_user(value: str, *, by: str, pepper: bytes) -> str:
    """Returns the pseudonym of a user id in the name space of principal ``by``.

    Raises:
        InvalidRequest: when it is empty, too long, or not plain printable ASCII.
    """
    if not value or len(value) > _LONGEST or not value.isascii() or not value.isprintable():
        raise InvalidRequest(
            f"x-sluis-user must be 1 to {_LONGEST} printable ASCII characters; send an id of the "
            "user, encoded if it holds other characters.",
            param="x-sluis-user",
        )
    return _PREFIX + pseudonym(pepper, f"asserted:{by}", value)
