"""Request and response bodies of ``/admin/v1/pseudonyms``."""

from pydantic import Field

from gateway.governance.http.schemas import ReasonBody, ResponseBody


class ResolveBody(ReasonBody):
    """A pseudonym of an entry, and why its person must be known."""

    pseudonym: str = Field(min_length=3, max_length=64)


class ResolutionResponse(ResponseBody):
    """The proposal and its state; ``person`` once another person approved it, null if unknown."""

    proposal: str
    state: str
    person: str | None
