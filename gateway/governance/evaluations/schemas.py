"""Request and response bodies of evaluations."""

from collections.abc import Sequence
from typing import Annotated, Literal

from pydantic import Field, JsonValue

from gateway.core.objects.values import Name
from gateway.evaluation.versions.suite import MAX_TEXT
from gateway.governance.http.schemas import Body, ReasonBody, ResponseBody


class SuiteBody(Body):
    """The texts of the two files of a suite: ``suite.yaml`` and ``items.jsonl``; and why."""

    description: str = Field(max_length=64 * 1024)
    items: str = Field(max_length=MAX_TEXT)
    reason: str = Field(default="", max_length=1000)


class SuiteSummary(ResponseBody):
    """A suite; ``own`` is one of the organisation. Texts are by language.

    ``approved_by`` is null for a suite of the release, and for one that was added before that
    needed a second person.
    """

    name: str
    version: int
    task: str
    languages: list[str]
    licence: str
    items: int
    digest: str
    own: bool
    approved_by: str | None
    title: dict[str, str]
    description: dict[str, str]


class SuiteListResponse(ResponseBody):
    """The suites in use, by name."""

    suites: Sequence[SuiteSummary]


class WaitingSuiteResponse(ResponseBody):
    """A suite that was proposed; it counts once another person has approved the proposal."""

    name: str
    version: int
    items: int
    digest: str
    proposal: str


class ProposedSuiteResponse(ResponseBody):
    """A suite that waits for another person, beside the one in use that it ``replaces``.

    ``added``, ``removed`` and ``changed`` count its items by their id; ``first`` are the first that
    are new or changed. ``labels`` are those of a classification.
    """

    suite: SuiteSummary
    source: dict[str, str]
    labels: list[str]
    replaces: SuiteSummary | None
    added: int
    removed: int
    changed: int
    first: list[dict[str, JsonValue]]


class SuiteFilesResponse(ResponseBody):
    """The texts of the two files of a suite, as they were proposed."""

    description: str
    items: str


class EvaluationStartBody(Body):
    """The runs to start.

    Without ``suites`` those that policy asks for, and all suites where it asks for none.
    ``deployment`` is needed where several serve the version; ``max_tokens`` bounds each answer.
    """

    suites: list[Name] = Field(default=[], max_length=100)
    deployment: Name | None = None
    max_tokens: Annotated[int, Field(ge=16, le=8192)] = 512


class EvaluationRunBody(EvaluationStartBody):
    """The same for a run by the control plane, with so many requests at once."""

    concurrency: Annotated[int, Field(ge=1, le=256)] = 16


class RunProgress(ResponseBody):
    """A run, and how many of its items have an answer."""

    run: str
    suite: str
    items: int
    answered: int


class EvaluationTarget(ResponseBody):
    """A version under evaluation, with the key that reaches it alone until ``expires``.

    ``parameters`` are sent with each request; ``purpose`` is "gate" or "baseline".
    """

    version: str
    purpose: str
    deployment: str
    secret: str
    expires: int
    parameters: dict[str, JsonValue]
    runs: list[RunProgress]


class ItemMessageBody(ResponseBody):
    """One message of the request of an item."""

    role: str
    content: str


class RunningResponse(ResponseBody):
    """What the control plane evaluates now."""

    runs: list[RunProgress]


class EvaluationJob(ResponseBody):
    """Whether this control plane evaluates a version now, and how the last time ended.

    ``problem`` says why it broke off, ``finished`` has its runs. It is ``available`` where the
    control plane knows a gateway.
    """

    running: bool
    problem: str
    available: bool
    finished: Sequence["FinishedResponse"] = ()


class VersionRunCounts(ResponseBody):
    """The newest runs of the suites of a version, by how they ended."""

    name: str
    version: str
    passed: int
    failed: int
    running: int


class RunCountsResponse(ResponseBody):
    """Counts of runs for each version that has any."""

    versions: Sequence[VersionRunCounts]


class OpenItem(ResponseBody):
    """An item without an answer."""

    id: str
    messages: list[ItemMessageBody]


class AnswerBody(Body):
    """What came of the request of one item; ``code`` says why there is no answer."""

    item: str = Field(max_length=64)
    outcome: Literal["answered", "blocked", "failed"]
    text: str = Field(default="", max_length=50_000)
    code: str = Field(default="", max_length=64)
    ms: Annotated[int, Field(ge=0, le=86_400_000)] = 0
    audit_id: str = Field(default="", max_length=64)


class StoredAnswersResponse(ResponseBody):
    """How many answers were stored, and how many items have none."""

    stored: int
    open: int


class EvaluationRunResponse(ResponseBody):
    """A run; times are epoch seconds.

    ``result`` has scores with 95 % intervals; ``problems`` say why it does not count, or did not
    pass. ``difference`` is that with the version in production, and what it exceeds with 95 %
    confidence. ``valid_until`` is set where nothing proves the weights. ``progress`` is that of a
    run that has not ended.
    """

    run: str
    name: str
    version: str
    digest: str
    purpose: str
    suite: str
    suite_version: int
    suite_digest: str
    scorer: str
    thresholds: dict[str, JsonValue] | None
    parameters: dict[str, JsonValue]
    deployment: str
    proof: str
    compared_with: str | None
    state: str
    started: float
    started_by: str
    finished: float | None
    result: dict[str, JsonValue] | None
    problems: list[str]
    valid_until: float | None = None
    progress: RunProgress | None = None


class OverrideResponse(ResponseBody):
    """What another person let pass; ``at`` is epoch seconds."""

    problems: list[str]
    reason: str
    author: str
    approved_by: str
    at: float


class EvaluationsResponse(ResponseBody):
    """All runs of a version, also those that failed, oldest first, and what the gate lacks.

    ``blocks`` says whether an approval is refused for what is ``lacking``; ``discarded`` counts by
    suite the runs that failed, or were broken off with answers.
    """

    state: str
    risk: str | None
    blocks: bool
    lacking: list[str]
    overridden: list[str]
    discarded: dict[str, int]
    runs: Sequence[EvaluationRunResponse]
    overrides: Sequence[OverrideResponse]
    job: EvaluationJob | None = None


class FinishedResponse(ResponseBody):
    """The result of a run, and the state of its version."""

    run: EvaluationRunResponse
    version_state: str


class OverrideBody(ReasonBody):
    """Why a version may be approved although its evaluations lack something."""
