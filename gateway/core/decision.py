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

    def narrowed_by(self, other: "Decision") -> "Decision":
        """Returns the decision that holds for both: allowed by both, redacted for either."""
        refused = [one for one in (self, other) if not one.allowed]
        given = refused or [self, other]
        return Decision(
            allowed=not refused,
            redact=not refused and (self.redact or other.redact),
            policies=tuple(sorted({name for one in given for name in one.policies})),
            bundle=self.bundle,
            errors=(*self.errors, *other.errors),
        )
