"""The ceiling of clearance: the most a zone may receive. It is code, so no bundle can widen it."""

from dataclasses import dataclass

from gateway.core.level import Level, Zone


@dataclass(frozen=True, slots=True)
class Clearance:
    """The highest level that may be sent unchanged (``clear``) and redacted (``redacted``)."""

    clear: Level
    redacted: Level

    def narrowed_by(self, other: "Clearance") -> "Clearance":
        """Returns the lower of the two clearances, for each form."""
        return Clearance(min(self.clear, other.clear), min(self.redacted, other.redacted))

    def allows(self, level: Level, *, redacted: bool) -> bool:
        """Returns whether a text of this level may be sent in this form."""
        return level <= (self.redacted if redacted else self.clear)


CEILING = {
    Zone.INTERNAL: Clearance(Level.RESTRICTED, Level.RESTRICTED),
    Zone.EU: Clearance(Level.INTERNAL, Level.CONFIDENTIAL),
    Zone.GLOBAL: Clearance(Level.PUBLIC, Level.PUBLIC),
}

# What a provider may receive without a contract in force: no confidential text, not even redacted.
WITHOUT_CONTRACT = Clearance(Level.INTERNAL, Level.INTERNAL)


def effective(zone: Zone, configured: Clearance | None) -> Clearance:
    """Returns the zone's ceiling, narrowed by configuration. Configuration never widens it."""
    ceiling = CEILING[zone]
    return ceiling if configured is None else ceiling.narrowed_by(configured)
