"""What policy says about one request and one deployment."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Decision:
    """Allow or refuse, in which form, and because of which policies.

    ``redact`` is the obligation to send the request only after redaction. ``policies`` are the ids
    of the policies that determined it, sorted; ``errors`` is non-empty only on a refusal.
    """

    allowed: bool
    redact: bool
    policies: tuple[str, ...]
    bundle: str
    errors: tuple[str, ...] = field(default=())
