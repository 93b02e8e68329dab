"""Token usage of a request, and its cost."""

from dataclasses import dataclass

import msgspec


class Usage(msgspec.Struct, frozen=True):
    """Tokens of one departure; ``estimated`` when the provider reported no usage.

    ``input_tokens`` has all of them. Of these a cache of the provider held ``cached``, and took in
    ``written`` for five minutes or the provider's own time, and ``written_1h`` for an hour.
    """

    input_tokens: int = 0
    output_tokens: int = 0
    estimated: bool = False
    cached: int = 0
    written: int = 0
    written_1h: int = 0

    @property
    def new(self) -> int:
        """Input tokens that no cache held or took in."""
        return self.input_tokens - self.cached - self.written - self.written_1h

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
    """Cost per million tokens, in ``currency`` (ISO 4217).

    Input that a cache held or took in costs as other input where it has no price of its own.
    """

    input_per_million: float = 0.0
    output_per_million: float = 0.0
    currency: str = "EUR"
    cached_input_per_million: float | None = None
    cache_write_per_million: float | None = None
    cache_write_1h_per_million: float | None = None

    def cost(self, usage: Usage) -> float:
        """Returns the cost of this usage, in ``currency``."""
        cost = (
            usage.input_tokens * self.input_per_million
            + usage.output_tokens * self.output_per_million
        )
        if usage.cached and self.cached_input_per_million is not None:
            cost += usage.cached * (self.cached_input_per_million - self.input_per_million)
        if usage.written and self.cache_write_per_million is not None:
            cost += usage.written * (self.cache_write_per_million - self.input_per_million)
        if usage.written_1h and self.cache_write_1h_per_million is not None:
            cost += usage.written_1h * (self.cache_write_1h_per_million - self.input_per_million)
        return cost / 1_000_000

    def most(self, tokens: int) -> float:
        """Returns the most that so many tokens of input and of output can cost."""
        parts = (
            self.input_per_million,
            self.cached_input_per_million or 0.0,
            self.cache_write_per_million or 0.0,
            self.cache_write_1h_per_million or 0.0,
        )
        return tokens * (max(parts) + self.output_per_million) / 1_000_000
