"""Response bodies of ``/admin/v1/home``. Times are epoch milliseconds."""

from collections.abc import Sequence

from gateway.governance.http.schemas import ResponseBody
from gateway.governance.usage.schemas import UsageFiguresResponse


class WaitingProposal(ResponseBody):
    """A proposal that this person may decide; ``asked`` when they were asked to review it."""

    id: str
    kind: str
    subject: str
    author: str
    proposed: int
    asked: bool


class WaitingProposals(ResponseBody):
    """Proposals that this person may decide: those asked of them, then the oldest.

    ``more`` says that there are others.
    """

    count: int
    asked: int
    more: bool
    items: Sequence[WaitingProposal]


class WaitingVersion(ResponseBody):
    """A version of a model that this person may approve; ``author`` registered it."""

    name: str
    version: str
    author: str
    registered: int


class WaitingVersions(ResponseBody):
    """The oldest versions that this person may approve. ``more`` says that there are others."""

    count: int
    more: bool
    items: Sequence[WaitingVersion]


class WaitingCase(ResponseBody):
    """An open case; ``kind`` is empty for a complaint, ``deadline`` null without one."""

    id: str
    kind: str
    deadline: int | None


class WaitingCases(ResponseBody):
    """The open cases with the nearest deadlines; ``overdue`` of all are past theirs."""

    count: int
    overdue: int
    items: Sequence[WaitingCase]


class WaitingReviews(ResponseBody):
    """Flagged requests that wait for a review."""

    count: int


class WitnessAge(ResponseBody):
    """A witness, and the seconds since the head that it saw last was signed.

    0 for the newest head, null for a witness that has seen none.
    """

    label: str
    seconds: float | None


class TrailState(ResponseBody):
    """The trail: when a head was signed last, its witnesses, and why nothing is signed any more."""

    signed: int | None
    witnesses: Sequence[WitnessAge]
    damage: str | None


class SnapshotState(ResponseBody):
    """The snapshot that gateways read, and when it was last known to be current."""

    digest: str
    created: int
    confirmed: int


class ProviderState(ResponseBody):
    """Requests of the last hours at a provider, and those that failed there."""

    provider: str
    requests: int
    failed: int


class ControlState(ResponseBody):
    """A control that failed for some requests of the last hours."""

    control: str
    requests: int


class NoticesState(ResponseBody):
    """A channel of notices that does not take messages, and since when."""

    channel: str
    since: int
    reason: str


class InstallationState(ResponseBody):
    """The state of the installation; ``since`` is the start of the hours of the counts."""

    since: int
    trail: TrailState
    snapshot: SnapshotState | None
    providers: Sequence[ProviderState]
    failing: Sequence[ControlState]
    notices: Sequence[NoticesState]


class TodayFigures(ResponseBody):
    """Today until now, and the same hours of the same day of last week."""

    since: int
    until: int
    pending: int
    today: UsageFiguresResponse
    last_week: UsageFiguresResponse


class HomeResponse(ResponseBody):
    """What this person may see; null for what their roles do not give.

    ``damage`` says why the trail is not signed any more. Everybody sees that it is damaged; those
    who do not see the state of the installation read where to find the reason.
    """

    now: int
    damage: str | None
    proposals: WaitingProposals | None
    models: WaitingVersions | None
    incidents: WaitingCases | None
    complaints: WaitingCases | None
    requests: WaitingCases | None
    reviews: WaitingReviews | None
    state: InstallationState | None
    figures: TodayFigures | None
