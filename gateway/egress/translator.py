"""The translator: litellm's SDK in a process of its own, for dialects that are not OpenAI's."""

from gateway.egress.dialect import Dialect, OpenAIDialect


class Translator:
    """PLACEHOLDER, being written."""

    def dialect(self, kind: str) -> Dialect:
        """The dialect of a provider kind."""
        return OpenAIDialect()

    async def close(self) -> None:
        """Ends the process."""
