"""Request and response bodies of ``/admin/v1/proposals``."""

from collections.abc import Sequence

from gateway.governance.http.schemas import Body, ResponseBody


class CommentBody(Body):
    """A comment on a decision."""

    comment: str = ""


class ProposalSummary(ResponseBody):
    """A proposal without its document. Times are epoch seconds."""

    id: str
    kind: str
    subject: str
    state: str
    proposed_by: str
    proposed: float
    decided_by: str | None
    decided: float | None
    comment: str | None


class FileChange(ResponseBody):
    """The content of a file that is in force, and the proposed one; null where there is no file."""

    before: str | None
    after: str | None


class ProposalResponse(ProposalSummary):
    """A proposal with the files that it changes by path; empty for other kinds than bundles."""

    changes: dict[str, FileChange]


class ProposalListResponse(ResponseBody):
    """All proposals, newest first."""

    proposals: Sequence[ProposalSummary]
