"""The floor of clearance: what a zone may ever receive. Code, so that no bundle can widen it."""

from dataclasses import dataclass

from gateway.core.level import Level, Zone


@dataclass(frozen=True, slots=True)
class Clearance:
    """The highest level that may be sent as it is (``clear``) and after redaction (``redacted``)."""

    clear: Level
    redacted: Level

    def narrowed_by(self, other: "Clearance") -> "Clearance":
        """The lower of both, for each form."""
        return Clearance(min(self.clear, other.clear), min(self.redacted, other.redacted))

    def allows(self, level: Level, *, redacted: bool) -> bool:
        """Whether a text of this level may be sent in this form."""
        return level <= (self.redacted if redacted else self.clear)


CEILING = {
    Zone.INTERNAL: Clearance(Level.RESTRICTED, Level.RESTRICTED),
    Zone.EU: Clearance(Level.INTERNAL, Level.CONFIDENTIAL),
    Zone.GLOBAL: Clearance(Level.PUBLIC, Level.PUBLIC),
}


def effective(zone: Zone, configured: Clearance | None) -> Clearance:
    """The clearance that counts: the zone's ceiling, narrowed by configuration, never widened."""
    ceiling = CEILING[zone]
    return ceiling if configured is None else ceiling.narrowed_by(configured)
