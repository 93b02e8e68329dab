"""Request and response bodies of ``/admin/v1/proposals``."""

from collections.abc import Sequence

from pydantic import JsonValue

from gateway.governance.http.schemas import Body, ResponseBody
from gateway.governance.proposals.bundle_report import PolicyDifference


class CommentBody(Body):
    """A comment on a decision."""

    comment: str = ""


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

    ``difference`` is the report on a bundle as it was proposed.
    """

    changes: dict[str, FileChange]
    difference: PolicyDifference | None = None


class ProposalListResponse(ResponseBody):
    """All proposals, newest first."""

    proposals: Sequence[ProposalSummary]
