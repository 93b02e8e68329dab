"""How each type of personal data is taken out, as policy says."""

from enum import StrEnum
from typing import Any

import msgspec

from gateway.core.finding import PERSONAL_TYPES


class Mode(StrEnum):
    """What stands in the place of a value that leaves."""

    PLACEHOLDER = "placeholder"
    MASK = "mask"
    HASH = "hash"
    DROP = "drop"
    KEEP = "keep"


class Answers(StrEnum):
    """What happens to personal data in an answer that was not in its request."""

    KEEP = "keep"
    MASK = "mask"


class Modes(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The table of ``policies/redaction.yaml``."""

    version: int
    types: dict[str, Mode]
    answers: Answers

    @classmethod
    def of(cls, document: Any) -> "Modes":
        """The parsed table.

        Raises:
            ValueError: a key, a type or a mode does not exist; secrets have no mode.
        """
        try:
            parsed = msgspec.convert(document, cls)
        except msgspec.ValidationError as error:
            raise ValueError(f"redaction.yaml: {error}") from error
        unknown = sorted(set(parsed.types) - set(PERSONAL_TYPES))
        if unknown or parsed.version != 1:
            raise ValueError(f"redaction.yaml: version must be 1, and no type is called {unknown}")
        return parsed
