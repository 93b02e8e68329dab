"""Rules for the headers of a request, for both planes."""

import hmac
from collections.abc import Mapping, Sequence

from gateway.core.errors import InvalidRequest

_SINGLE = (b"authorization", b"x-api-key", b"idempotency-key")
_OWN = b"x-sluis-"
CALLER = "x-sluis-caller"  # from a gateway to its model worker


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


def has_bearer(headers: Sequence[tuple[bytes, bytes]], token: str | None) -> bool:
    """Whether a request has this credential, compared in constant time; None asks for none."""
    if token is None:
        return True
    sent = next((value for name, value in headers if name == b"authorization"), b"")
    return hmac.compare_digest(sent, f"Bearer {token}".encode())


def language_of(headers: Mapping[str, str]) -> str:
    """The language of texts for a caller: "nl" where Accept-Language has Dutch first, else "en"."""
    for one in headers.get("accept-language", "").lower().split(","):
        tag = one.partition(";")[0].strip().partition("-")[0]
        if tag in {"en", "nl"}:
            return tag
    return "en"
