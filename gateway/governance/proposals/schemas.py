"""Request and response bodies of ``/admin/v1/proposals``."""

from collections.abc import Sequence
from typing import Annotated, Literal

from pydantic import Field, JsonValue, StringConstraints

from gateway.governance.http.schemas import Body, ResponseBody
from gateway.governance.identity_providers.schemas import SignedBody
from gateway.governance.proposals.bundle_report import PolicyDifference


class CommentBody(Body):
    """A comment on a decision."""

    comment: str = ""


class ApprovalBody(CommentBody, SignedBody):
    """An approval with a comment."""


class MissingApproval(ResponseBody):
    """Whose approval a proposal still needs.

    ``kind`` is owner (with the owner and the use case), officer (for data protection), or approver
    (with the power).
    """

    kind: Literal["owner", "officer", "approver"]
    person: str | None = None
    use_case: str | None = None
    power: str | None = None


class ProposalApprovedResponse(ResponseBody):
    """The state of a proposal after an approval: pending while it waits for more of them."""

    state: str
    waits_for: Sequence[MissingApproval] = ()


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


_Role = Annotated[str, StringConstraints(pattern=r"^[a-z_]{1,64}$")]
_Person = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=320)]


class ReviewersBody(Body):
    """Who is asked to review a proposal: persons by id or name, and roles."""

    persons: list[_Person] = Field(default=[], max_length=20)
    roles: list[_Role] = Field(default=[], max_length=20)


class AskedReviewer(ResponseBody):
    """A person or role that was asked, by whom and when (epoch seconds).

    ``name`` is the id; ``label`` is what people recognise.
    """

    kind: Literal["person", "role"]
    name: str
    label: str
    by: str
    at: float


class ReviewerListResponse(ResponseBody):
    """Who was asked to review a proposal, in that order."""

    reviewers: Sequence[AskedReviewer]


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
    their own view. ``expires`` is null when the proposal was decided before proposals had a term.
    ``asked`` says that the caller was asked to review it. ``approved_by`` are those who approved
    it while it waits for more, ``approved`` says that the caller is one of them.
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
    expires: float | None = None
    reviewers: Sequence[AskedReviewer] = ()
    asked: bool = False
    approved_by: Sequence[str] = ()
    approved: bool = False


class FileChange(ResponseBody):
    """The content of a file that is in force, and the proposed one; null where there is no file."""

    before: str | None
    after: str | None


class ProposalResponse(ProposalSummary):
    """A proposal with the files that it changes by path; empty for other kinds than bundles.

    ``difference`` is the report on a bundle as it was proposed, ``comments`` its thread.
    ``may_review`` are the roles that may approve it.
    """

    changes: dict[str, FileChange]
    difference: PolicyDifference | None = None
    comments: Sequence[ProposalComment] = ()
    may_review: Sequence[str] = ()


class ProposalListResponse(ResponseBody):
    """Proposals, newest first; ``next`` is the cursor of the page after this one."""

    proposals: Sequence[ProposalSummary]
    next: str | None = None
