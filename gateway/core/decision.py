"""The policy decision for one request and one deployment."""

import msgspec


class Decision(msgspec.Struct, frozen=True):
    """Whether a request is allowed, in which form, and the policies that determined it.

    ``redact`` is the obligation to send the request only after redaction. ``policies`` are the ids
    of the policies that determined it, sorted. ``errors`` is non-empty only on a refusal.
    """

    allowed: bool
    redact: bool
    policies: tuple[str, ...]
    bundle: str
    errors: tuple[str, ...] = msgspec.field(default=())
