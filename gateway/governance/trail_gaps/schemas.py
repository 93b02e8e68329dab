"""Response bodies of ``/admin/v1/trail/gap``."""

from gateway.governance.http.schemas import ResponseBody


class GapResponse(ResponseBody):
    """The signed entries by the head outside the database, and those that the database has.

    ``missing`` is 0 without a gap; ``signed`` is null where no head is kept.
    """

    signed: int | None
    found: int
    missing: int


class ProposedGapResponse(ResponseBody):
    """The proposal to go on without the missing entries; another person approves it."""

    state: str
    proposal: str
    missing: int
