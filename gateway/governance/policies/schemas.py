"""Request and response bodies of ``/admin/v1/policies``."""

from collections.abc import Sequence

from pydantic import Field

from gateway.governance.http.schemas import Body, ResponseBody


class TryBody(Body):
    """A text to try the policies on, with the clearance and floor of an imagined key."""

    text: str = Field(max_length=100_000)
    clearance: str = "restricted"
    floor: str = "internal"


class BundleBody(Body):
    """Files of a bundle. Files that are left out stay as they are, with ``whole`` they go.

    ``base`` is the digest of the bundle that the draft was made from: it must be in force.
    """

    files: dict[str, str]
    whole: bool = False
    base: str | None = None


class ProposedBundleBody(BundleBody):
    """A bundle to propose, and why."""

    comment: str = ""


class BundleSummary(ResponseBody):
    """A stored bundle without its files; ``created`` is epoch seconds."""

    digest: str
    author: str
    created: float
    active: bool


class PoliciesResponse(ResponseBody):
    """The active bundle with its files, and all bundles, newest first."""

    digest: str
    files: dict[str, str]
    history: Sequence[BundleSummary]


class PreviewFinding(ResponseBody):
    """A finding with its tier.

    ``level`` and ``reason`` are null where the finding did not decide the level.
    """

    kind: str
    type: str
    start: int
    end: int
    score: float
    detector: str
    tier: str
    level: str | None
    reason: str | None
    allowable: bool
    text: str


class ZoneDecision(ResponseBody):
    """The outcome for one zone, and the policies that decided it."""

    outcome: str
    policies: list[str]


class PreviewResponse(ResponseBody):
    """What happens to a text: findings, level, decision by zone, redacted form."""

    findings: list[PreviewFinding]
    level: str
    content_level: str
    reasons: list[str]
    rules: list[str]
    decisions: dict[str, ZoneDecision]
    redacted: str
    bundle: str


class PolicyTestResponse(ResponseBody):
    """The result of one policy test."""

    name: str
    passed: bool
    expected: str
    got: str


class CheckResponse(ResponseBody):
    """Whether a bundle compiles and passes its tests."""

    ok: bool
    error: str | None
    tests: list[PolicyTestResponse]
