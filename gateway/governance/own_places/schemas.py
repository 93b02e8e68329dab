"""Response bodies of what a person owns, leads, or has to approve."""

from collections.abc import Sequence

from gateway.governance.http.schemas import ResponseBody
from gateway.governance.keys.schemas import KeyResponse
from gateway.governance.proposals.schemas import ChangedLine
from gateway.governance.teams.schemas import TeamResponse
from gateway.governance.use_cases.schemas import UseCaseResponse


class OwnUseCase(ResponseBody):
    """A use case of the caller; ``reviews`` of its requests were asked, ``open_reviews`` wait."""

    use_case: UseCaseResponse
    reviews: int
    open_reviews: int


class OwnUseCaseListResponse(ResponseBody):
    """The use cases whose record names the caller as the owner."""

    use_cases: Sequence[OwnUseCase]


class OwnTeam(ResponseBody):
    """A team that the caller leads, with its keys."""

    team: TeamResponse
    keys: Sequence[KeyResponse]


class OwnTeamListResponse(ResponseBody):
    """The teams whose record names the caller as the lead."""

    teams: Sequence[OwnTeam]


class OwnApproval(ResponseBody):
    """A proposal that waits for the caller, as the owner of ``use_cases``, with their lines.

    Times are epoch seconds. ``approved`` says that the caller has approved it already.
    """

    id: str
    author: str
    proposed: float
    expires: float | None
    comment: str | None
    use_cases: Sequence[str]
    lines: Sequence[ChangedLine]
    approved: bool


class OwnApprovalListResponse(ResponseBody):
    """The proposals that wait for the caller as an owner, oldest first."""

    approvals: Sequence[OwnApproval]
