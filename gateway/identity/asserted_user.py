"""A user whom an application names: asserted, never proven."""

from gateway.core.errors import InvalidRequest
from gateway.core.pseudonym import pseudonym

_PREFIX = "a_"  # a token's subject, which is proven, has another
_LONGEST = 256


def asserted_user(value: str, *, by: str, pepper: bytes) -> str:
    """The pseudonym of a user as principal ``by`` calls him or her: its own name space.

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
