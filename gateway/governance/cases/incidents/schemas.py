"""Request and response bodies of ``/admin/v1/incidents``."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from gateway.governance.cases.deadlines.rules import BothLanguages, RuleId
from gateway.governance.cases.schemas import CaseTextsState, CaseTotals
from gateway.governance.holds.schemas import MAX_REQUESTS
from gateway.governance.http.schemas import Body, ReasonBody, ResponseBody
from gateway.governance.stops.schemas import StopResponse

_MAX_TIME = 2**42  # the year 2109
_Moment = Annotated[int, Field(ge=0, le=_MAX_TIME)]
_Names = Annotated[
    Sequence[Annotated[str, Field(min_length=1, max_length=256)]], Field(max_length=100)
]
Severity = Literal["low", "medium", "high", "critical"]


class IncidentBody(Body):
    """A new incident; ``aware`` is epoch milliseconds, ``requests`` are audit ids."""

    kind: str = Field(min_length=1, max_length=32)
    description: str = Field(min_length=3, max_length=10_000)
    aware: int = Field(ge=0, le=_MAX_TIME)
    requests: list[Annotated[str, Field(min_length=1, max_length=64)]] = Field(
        default=[], max_length=MAX_REQUESTS
    )
    model: str | None = Field(default=None, max_length=128, pattern=r"^[\w.:@/-]+$")
    severity: Severity | None = None


class JudgementBody(Body):
    """Whether an incident must be reported: the ids of the deadlines that bind; none for no.

    ``classified`` is when the incident was classified (epoch milliseconds), for deadlines that run
    from then; without it this moment.
    """

    rules: list[RuleId] = Field(max_length=50)
    reasons: str = Field(min_length=3, max_length=10_000)
    classified: _Moment | None = None
    severity: Severity | None = None


class ReportedBody(Body):
    """A report that was made: the deadline that it meets, and when it was made."""

    rule: RuleId
    at: _Moment


class CloseBody(Body):
    """The outcome; ``reported`` is the time of the report to the authority (epoch milliseconds)."""

    outcome: str = Field(min_length=3, max_length=10_000)
    reported: int | None = Field(default=None, ge=0, le=_MAX_TIME)


class ClockResponse(ResponseBody):
    """A deadline of an incident, with what its row of the calendar states.

    ``state`` is would_apply or later (applies_from lies ahead) before the judgement. After it:
    waiting (for the report before it), due (immediately), running, overdue, reported, or late.
    """

    rule: str
    law: BothLanguages
    article: str
    title: BothLanguages
    binds: str
    immediate: bool
    applies: str
    applies_from: date | None
    source: str
    verified_on: date | None
    verified_by: str | None
    due: int | None
    state: str
    reported: int | None
    reported_by: str | None


class FollowUpBody(Body):
    """A task that follows from an incident, and by when (epoch milliseconds)."""

    text: str = Field(min_length=3, max_length=10_000)
    due: _Moment | None = None


class FollowUpResponse(ResponseBody):
    """A task without its text, which is the part ``followup.NUMBER``; times as elsewhere."""

    number: int
    due: int | None
    created: int
    created_by: str
    done: int | None
    done_by: str | None


class IncidentResponse(ResponseBody):
    """An incident without its texts; times are epoch milliseconds.

    ``state`` is open, overdue (open past its deadline) or closed. ``judgement`` is not_judged,
    report or no_report. ``article`` and ``deadline`` are of the clock that ends first: until the
    judgement of those that would apply, and then of those that bind.
    """

    id: str
    kind: str
    article: str
    model: str | None
    requests: list[str]
    hold: str | None
    aware: int
    deadline: int | None
    opened: int
    opened_by: str
    reported: int | None
    closed: int | None
    closed_by: str | None
    severity: str | None
    classified: int | None
    judged: int | None
    judged_by: str | None
    judgement: str
    clocks: Sequence[ClockResponse]
    follow_ups: Sequence[FollowUpResponse]
    state: str
    texts: CaseTextsState = CaseTextsState()


class IncidentListResponse(ResponseBody):
    """A page of incidents, open ones first, the known kinds, and deadlines that may bind, by id.

    ``next`` is the cursor of the page after this one; ``totals`` count all incidents.
    ``names`` are those of the keys by which people acted, by id.
    """

    incidents: Sequence[IncidentResponse]
    next: str | None
    totals: CaseTotals
    names: Mapping[str, str] = {}
    kinds: list[str]
    rules: Mapping[str, BothLanguages] = {}


class ContainBody(ReasonBody):
    """What to stop in one action; ``versions`` are model versions as name@version, quarantined.

    ``wait`` holds the answer until all gateways have acknowledged, for 5 seconds at most.
    """

    use_cases: _Names = ()
    aliases: _Names = ()
    deployments: _Names = ()
    keys: _Names = ()
    versions: _Names = ()
    wait: bool = True


class ContainmentResponse(ResponseBody):
    """What was stopped for an incident, with the state of each gateway.

    ``lifted`` are stops that are not in force any more, as kind:name. ``silent`` names the gateways
    that have not acknowledged something within 5 seconds.
    """

    incident: str
    stops: Sequence[StopResponse]
    lifted: Sequence[str]
    silent: Sequence[str]


class UsedResponse(ResponseBody):
    """What the requests of an incident used; ``keys`` are names by id."""

    use_cases: Sequence[str]
    aliases: Sequence[str]
    deployments: Sequence[str]
    keys: Mapping[str, str]
    versions: Sequence[str]


class DraftBody(ReasonBody):
    """For which deadline a report is drafted, in which language, and why its texts are read."""

    rule: RuleId
    language: Literal["nl", "en"]


class DraftResponse(ResponseBody):
    """A draft of a report to an authority in Markdown; a person completes it."""

    incident: str
    rule: str
    language: str
    markdown: str
