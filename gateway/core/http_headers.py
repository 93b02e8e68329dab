"""Rules for the headers of a request, for both planes."""

from collections.abc import Sequence

from gateway.core.errors import InvalidRequest

_SINGLE = (b"authorization", b"x-api-key", b"idempotency-key")
_OWN = b"x-sluis-"


def check_single(headers: Sequence[tuple[bytes, bytes]]) -> None:
    """Checks that headers that decide about a request come once.

    A proxy in front may check the first of two, and this process obey the last.

    Raises:
        InvalidRequest: names the header that comes twice.
    """
    names = [name for name, _ in headers if name in _SINGLE or name.startswith(_OWN)]
    if len(names) != len(set(names)):
        name = max(names, key=names.count).decode("latin-1")
        raise InvalidRequest(
            f"The header '{name}' comes more than once. Send it once.",
            code="duplicate_header",
            param=name,
        )
