"""Sensitivity levels of texts, and zones in which deployments run."""

from enum import IntEnum, StrEnum


class Level(IntEnum):
    """Sensitivity of a text, an ordered lattice: ``max`` of two levels is their join."""

    PUBLIC = 0
    INTERNAL = 1
    CONFIDENTIAL = 2
    RESTRICTED = 3

    @property
    def label(self) -> str:
        """The name as written in configuration, headers and reports."""
        return self.name.lower()

    @classmethod
    def parse(cls, text: str) -> "Level":
        """Returns the level of that name, in any case.

        Raises:
            ValueError: when there is no such level; the message lists the existing ones.
        """
        try:
            return cls[text.strip().upper()]
        except KeyError:
            known = ", ".join(level.label for level in cls)
            raise ValueError(f"unknown sensitivity {text!r}; use one of: {known}") from None


class Zone(StrEnum):
    """Where a deployment runs: own machines, a commercial service in the EU, or one elsewhere."""

    INTERNAL = "internal"
    EU = "eu"
    GLOBAL = "global"


ZONES = tuple(Zone)  # an enumeration makes a generator each time
