"""What the child says when a request has no form in a provider's dialect."""


class InexpressibleError(Exception):
    """The request has no form in the provider's dialect. ``param`` names the field at fault."""

    def __init__(self, message: str, param: str | None = None) -> None:
        super().__init__(message)
        self.param = param
