"""Token usage of a request, and its cost."""

from dataclasses import dataclass

import msgspec


class Usage(msgspec.Struct, frozen=True):
    """Tokens of one departure; ``estimated`` when the provider reported no usage."""

    input_tokens: int = 0
    output_tokens: int = 0
    estimated: bool = False

    @property
    def total(self) -> int:
        """Input and output tokens together."""
        return self.input_tokens + self.output_tokens


class Spending(msgspec.Struct, frozen=True):
    """Money that was spent in a period, with all that it counts for.

    ``subject`` is whom the entries are about: the principal, or the person behind it. ``model`` is
    the name that was asked for.
    """

    team: str | None
    principal: str | None
    subject: str | None
    model: str | None
    deployment: str | None
    cost: float
    use_case: str | None = None


@dataclass(frozen=True, slots=True)
class Price:
    """Cost per million tokens, in ``currency`` (ISO 4217)."""

    input_per_million: float = 0.0
    output_per_million: float = 0.0
    currency: str = "EUR"

    def cost(self, usage: Usage) -> float:
        """Returns the cost of this usage, in ``currency``."""
        return (
            usage.input_tokens * self.input_per_million
            + usage.output_tokens * self.output_per_million
        ) / 1_000_000
