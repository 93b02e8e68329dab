"""Request and response bodies of ``/admin/v1/proposals``."""

from collections.abc import Sequence
from typing import Annotated

from pydantic import JsonValue, StringConstraints

from gateway.governance.http.schemas import Body, ResponseBody
from gateway.governance.proposals.bundle_report import PolicyDifference


class CommentBody(Body):
    """A comment on a decision."""

    comment: str = ""


class ProposalCommentBody(Body):
    """What a person says about a proposal."""

    text: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=1000)]


class ProposalComment(ResponseBody):
    """A comment on a proposal, by whom and when (epoch seconds)."""

    number: int
    by: str
    name: str
    at: float
    text: str


class ChangedLine(ResponseBody):
    """One changed field of an object; ``power`` where another person must approve it."""

    object: str
    field: str
    before: JsonValue
    after: JsonValue
    power: str | None


class ProposalSummary(ResponseBody):
    """A proposal without its document. Times are epoch seconds.

    ``author`` and ``decider`` are names beside the ids; ``lines`` are empty for kinds that have
    their own view.
    """

    id: str
    kind: str
    subject: str
    state: str
    proposed_by: str
    author: str
    proposed: float
    decided_by: str | None
    decider: str | None
    decided: float | None
    comment: str | None
    decision_comment: str | None
    powers: list[str]
    lines: list[ChangedLine]


class FileChange(ResponseBody):
    """The content of a file that is in force, and the proposed one; null where there is no file."""

    before: str | None
    after: str | None


class ProposalResponse(ProposalSummary):
    """A proposal with the files that it changes by path; empty for other kinds than bundles.

    ``difference`` is the report on a bundle as it was proposed, ``comments`` its thread.
    """

    changes: dict[str, FileChange]
    difference: PolicyDifference | None = None
    comments: Sequence[ProposalComment] = ()


class ProposalListResponse(ResponseBody):
    """Proposals, newest first; ``next`` is the cursor of the page after this one."""

    proposals: Sequence[ProposalSummary]
    next: str | None = None
