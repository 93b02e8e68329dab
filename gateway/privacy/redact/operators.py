"""How each type of personal data is redacted, by policy."""

from enum import StrEnum
from fnmatch import fnmatchcase
from typing import Annotated, Any

import msgspec

from gateway.core.finding import PERSONAL_TYPES
from gateway.privacy.pseudonyms.surrogates import SUPPORTED


class Operator(StrEnum):
    """What replaces a value that leaves."""

    PLACEHOLDER = "placeholder"
    MASK = "mask"
    HASH = "hash"
    SURROGATE = "surrogate"
    DROP = "drop"
    KEEP = "keep"


class ResponseMode(StrEnum):
    """What happens to personal data of an answer that was not in its request."""

    KEEP = "keep"
    MASK = "mask"


class VaultRule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Whether values of a conversation that the caller names are stored, and for how long."""

    keep: bool = True
    hours: Annotated[int, msgspec.Meta(ge=1, le=24 * 90)] = 24


class ResponsesRule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Whether conversations that callers ask to store are stored, and for how long."""

    keep: bool = False
    hours: Annotated[int, msgspec.Meta(ge=1, le=24 * 90)] = 24 * 30


class Hints(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a placeholder tells about a person."""

    gender: bool = False
    title: bool = False


NO_HINTS = Hints()


class RedactionPolicy(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The table of ``policies/redaction.yaml``.

    ``mentions``: whether entries can be found by the persons in them. ``external_tools``: patterns
    for names of tools that send their arguments out of the organisation.
    """

    version: int
    types: dict[str, Operator]
    answers: ResponseMode
    vault: VaultRule = VaultRule()
    responses: ResponsesRule = ResponsesRule()
    mentions: bool = True
    hints: Hints = NO_HINTS
    external_tools: tuple[Annotated[str, msgspec.Meta(min_length=1)], ...] = ()

    def is_external(self, tool: str) -> bool:
        """Whether a tool keeps placeholders in its arguments; an unnamed one does if any does."""
        return bool(self.external_tools) and (
            not tool or any(fnmatchcase(tool, pattern) for pattern in self.external_tools)
        )

    @classmethod
    def of(cls, document: Any) -> "RedactionPolicy":
        """Return the parsed table.

        Raises:
            ValueError: a key, a type or a mode does not exist, or a type has no surrogates; secrets
                have no mode.
        """
        try:
            parsed = msgspec.convert(document, cls)
        except msgspec.ValidationError as error:
            raise ValueError(str(error)) from error
        unknown = sorted(set(parsed.types) - set(PERSONAL_TYPES))
        if unknown or parsed.version != 1:
            raise ValueError(f"version must be 1, and no type is called {unknown}")
        lacking = sorted(
            type_
            for type_, mode in parsed.types.items()
            if mode is Operator.SURROGATE and type_ not in SUPPORTED
        )
        if lacking:
            raise ValueError(
                f"{', '.join(lacking)} cannot have the mode surrogate, because "
                "made-up ones could be somebody's; use placeholder"
            )
        return parsed
