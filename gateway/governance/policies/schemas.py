"""Request and response bodies of ``/admin/v1/policies``."""

from collections.abc import Sequence

from pydantic import Field

from gateway.core.level import Zone
from gateway.core.origin import Origin
from gateway.governance.http.schemas import Body, ResponseBody
from gateway.governance.proposals.bundle_report import PolicyDifference
from gateway.governance.proposals.schemas import FileChange


class BundleBody(Body):
    """Files of a bundle. Files that are left out stay as they are, with ``whole`` they go.

    ``base`` is the digest of the bundle that the draft was made from: it must be in force.
    """

    files: dict[str, str]
    whole: bool = False
    base: str | None = None
    comment: str = ""


class PolicyDraftBody(BundleBody):
    """A draft, or a proposal by its id."""

    files: dict[str, str] = Field(default_factory=dict)
    proposal: str | None = None


class TryBody(Body):
    """A text to try the policies on, and who would send it from where.

    ``position`` is whose words they are; ``draft`` is tried in place of the bundle in force.
    ``flagged_by`` names guardrails that would flag it: none is asked.
    ``caller`` is the name of a key: its team, clearance, floor and use case count, whatever else
    is given. ``use_case`` brings its risk class and zones where the catalogue has it. ``model`` is
    an alias or deployment.
    """

    text: str = Field(max_length=100_000)
    position: Origin = Origin.NEWEST
    clearance: str = "restricted"
    floor: str = "internal"
    kind: str = "app"
    team: str = ""
    roles: list[str] = Field(default_factory=list)
    key: str = ""
    use_case: str = ""
    risk: str = "none"
    zones: list[Zone] = Field(default_factory=list)
    provider: str = "probe"
    flagged_by: list[str] = Field(default_factory=list)
    caller: str = ""
    model: str = ""
    draft: PolicyDraftBody | None = None


class BundleSummary(ResponseBody):
    """A stored bundle without its files; ``created`` is epoch seconds."""

    digest: str
    author: str
    created: float
    active: bool


class PolicyNames(ResponseBody):
    """The names that rules and trials may mention; ``models`` are aliases and deployments."""

    teams: list[str]
    keys: list[str]
    use_cases: list[str]
    models: list[str]


class RuleSentence(ResponseBody):
    """A rule as a sentence by language, and where it is written.

    ``kind`` is authorisation, content, level or failure; ``action`` what it does, where it is one
    of the first two. ``reasons`` are what a caller may see, by language.
    """

    kind: str
    id: str
    file: str
    line: int
    owner: str
    action: str
    sentences: dict[str, str]
    reasons: dict[str, str]


class RulesResponse(ResponseBody):
    """The rules of a bundle, in the order of its files."""

    digest: str
    rules: list[RuleSentence]


class BundleComparison(ResponseBody):
    """The report on two bundles, and the files that differ."""

    difference: PolicyDifference
    changes: dict[str, FileChange]


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


class TriedDeployment(ZoneDecision):
    """The outcome for one deployment."""

    deployment: str
    provider: str
    zone: str


class PreviewResponse(ResponseBody):
    """What happens to a text: findings, level, decision by zone, redacted form.

    ``deployments`` are those of the model in its order, ``against`` what a gateway holds against
    the request beforehand: model_not_for_key, use_case_not_for_key. ``team``, ``use_case`` and
    ``clearance`` are those that counted.
    """

    findings: list[PreviewFinding]
    level: str
    content_level: str
    reasons: list[str]
    rules: list[str]
    decisions: dict[str, ZoneDecision]
    redacted: str
    bundle: str
    deployments: list[TriedDeployment]
    against: list[str]
    team: str
    use_case: str
    clearance: str


class PolicyTestResponse(ResponseBody):
    """The result of one policy test."""

    name: str
    passed: bool
    expected: str
    got: str
    file: str
    line: int


class PolicyFault(ResponseBody):
    """A fault of a bundle, and where it is."""

    file: str
    line: int
    message: str


class CheckedFault(PolicyFault):
    """A fault of a draft; ``new`` where the bundle in force lacks it."""

    new: bool


class CheckResponse(ResponseBody):
    """Whether a bundle compiles and passes its tests, and its faults.

    ``place`` is where the error is, as far as it is known. A proposal may have no new fault.
    """

    ok: bool
    error: str | None
    tests: list[PolicyTestResponse]
    faults: list[CheckedFault]
    place: PolicyFault | None = None


class BundleRollbackBody(Body):
    """Why to go back, and to which bundle; to the one before where it does not say."""

    to: str | None = None
    comment: str = ""


class PolicyReplayBody(PolicyDraftBody):
    """A draft or a proposal, and a period in epoch milliseconds."""

    since: int
    until: int


class PolicyReplayTextsBody(PolicyReplayBody):
    """The same, and why stored bodies are read."""

    reason: str


class ReplayChange(ResponseBody):
    """Decisions that were ``before`` and would be ``after``; ``examples`` are audit ids."""

    before: str
    after: str
    decisions: int
    examples: list[str]


class ReplayedRule(ResponseBody):
    """In how many decisions a rule takes part with each bundle, and where that is not known."""

    rule: str
    before: int
    after: int
    undecided: int


class ReplayResponse(ResponseBody):
    """A draft over recorded decisions. ``changes`` are those that can be decided.

    ``undecided_by`` says why others cannot: ``text`` (not stored any more, not opened, or redacted
    where a rule may match), ``level`` (a floor may have made it), ``caller`` (its roles are not
    known) and ``destination`` (what was asked for is not in the catalogue any more). ``complete``
    is false when the period has more decisions than one replay reads.
    """

    before: str
    after: str
    since: int
    until: int
    decisions: int
    complete: bool
    undecided: int
    undecided_share: float
    undecided_by: dict[str, int]
    changes: list[ReplayChange]
    rules: list[ReplayedRule]


class GatewayBundle(ResponseBody):
    """A live gateway with the bundle that it runs, and since when in epoch milliseconds.

    Both are null for a gateway that has not applied any.
    """

    gateway: str
    bundle: str | None
    since: int | None


class PolicyStatusResponse(ResponseBody):
    """The bundle in force and the one before it, and the gateways.

    ``converged``: all live gateways run the bundle in force. ``faults`` are what a new bundle may
    not have; the one in force keeps serving with them.
    """

    digest: str
    before: str | None
    converged: bool
    gateways: list[GatewayBundle]
    faults: list[PolicyFault]
