"""The state of one request: what came in, what was found, what was decided."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import msgspec

from gateway.classifiers.limits import UnreadReason
from gateway.compiled.snapshot import CompiledSnapshot
from gateway.core.decision import Decision
from gateway.core.fields import Path, SealedPlace
from gateway.core.level import Level
from gateway.core.origin import Origin
from gateway.core.principal import Principal
from gateway.core.text.named_links import NOTHING_NAMED, NamedLinks
from gateway.dialects.base import Body, Dialect, RequestFacts, StoredResponse
from gateway.egress import UpstreamResponse
from gateway.evidence import Claim, Entry, SealedAnswer, Value
from gateway.limits import Reservation, Rooms
from gateway.privacy import Vault
from gateway.privacy.boilerplate import Stretches
from gateway.request.text_scanner import TextScan
from gateway.routing import Target
from gateway.telemetry import Timeline


class AuditRecord(msgspec.Struct):
    """What the entries of this request will hold; opened before anything else happens.

    ``timeline`` is where its time goes; ``limits`` are what is left of the caller's own; ``path``
    is what follows a route that ends with "/"; ``client`` is the address and port that the
    connection came from; ``language`` that of texts for the caller.
    """

    audit_id: str
    timeline: Timeline
    client: tuple[str, int] | None = None
    fields: dict[str, Value] = msgspec.field(default_factory=dict)
    pending_fields: list[dict[str, Value]] = msgspec.field(default_factory=list)
    bundle: str = ""
    subject: str | None = None
    outcome: str = "internal_error"
    limits: Rooms = msgspec.field(default_factory=dict)
    path: str = ""
    language: str = "en"

    def note(self, **facts: Value) -> None:
        """Adds facts."""
        self.fields.update(facts)
        self.pending_fields.append(facts)

    def note_end(self, outcome: str) -> None:
        """Adds how the request has ended, and where its time went until now."""
        timeline = self.timeline
        latency_ms = int(timeline.elapsed * 1000)
        self.note(outcome=outcome, latency_ms=latency_ms, stages_us=timeline.microseconds())

    def entry(self, event: str, *, time_ms: int, whole: bool = True) -> Entry:
        """An entry with all facts, or with those that came after the last entry."""
        facts = self.fields.copy() if whole else {}
        if not whole:
            for facts_since in self.pending_fields:
                facts.update(facts_since)
        self.pending_fields.clear()
        return Entry(
            event=event,
            request=self.audit_id,
            time=time_ms,
            fields=facts,
            index=self.fields,
            bundle=self.bundle,
            subject=self.subject,
        )


class IncomingRequest(msgspec.Struct, frozen=True):
    """A request as it arrived; ``read`` gives the body's bytes, and refuses too large a one."""

    record: AuditRecord
    dialect: Dialect
    credential: str | None
    headers: Mapping[str, str]
    read: Callable[[], Awaitable[bytes]]


class ParsedRequest(msgspec.Struct, frozen=True):
    """A clean body, its facts, and what the walk over it found; ``texts`` are all its strings.

    ``documents`` are the places of files that were not read yet, ``sealed`` those of blocks that
    only their issuer may get, ``internal`` those of fields for internal deployments. ``images``:
    there are pictures in it.
    ``neighbours`` are texts that follow one another, ``apart`` those that only name or define
    tools; ``origins`` says where each text comes from, ``place_of`` the last field that holds it,
    ``by_model`` whether a model made it, ``reviewed`` what in it is boilerplate. ``cache_key`` is
    the caller's name for a cache of the provider, which leaves as a keyed hash only.
    """

    dialect: Dialect
    facts: RequestFacts
    body: Body
    texts: list[str]
    dropped: list[str]
    inside_only: list[str]
    unread: list[str]
    documents: list[Path] = msgspec.field(default_factory=list)
    images: bool = False
    sealed: list[SealedPlace] = msgspec.field(default_factory=list)
    internal: list[Path] = msgspec.field(default_factory=list)
    neighbours: list[tuple[str, str]] = msgspec.field(default_factory=list)
    apart: frozenset[str] = frozenset()
    origins: Mapping[str, frozenset[Origin]] = msgspec.field(default_factory=dict)
    reviewed: Stretches | None = None
    by_model: Callable[[str], bool] = lambda _: False
    place_of: Callable[[str], Path] = lambda _: ()
    cache_key: str = ""


class RequestScan(msgspec.Struct, frozen=True):
    """What the texts of a request hold, text by text and together.

    ``failed`` names the controls that could not do their work, ``detectors`` the versions in use,
    ``lists`` the organisation's own terms (the keyed digest of their activation; "" without),
    ``monitored`` the content rules that matched and are counted only, ``zoned`` those that are for
    some zones only, ``taken`` what redacting rules take out, by rule and text, ``untaken`` those
    that match where nothing can be taken out: they refuse. ``unread`` is why the classifier
    did not read all of them, ``counts`` the findings by type, ``named`` the links that they name.
    """

    scans: Mapping[str, TextScan]
    detectors: str
    failed: tuple[str, ...]
    rules: tuple[str, ...]
    level: Level
    reasons: tuple[str, ...]
    lists: str = ""
    unread: UnreadReason | None = None
    counts: Mapping[str, int] = msgspec.field(default_factory=dict)
    named: NamedLinks = NOTHING_NAMED
    monitored: tuple[str, ...] = ()
    zoned: tuple[str, ...] = ()
    taken: Mapping[str, Mapping[str, tuple[tuple[int, int], ...]]] = msgspec.field(
        default_factory=dict
    )
    untaken: frozenset[str] = frozenset()


class Candidate(msgspec.Struct, frozen=True):
    """One allowed deployment, and the decision that says in which form it gets the request."""

    target: Target
    decision: Decision


class StoredConversation(msgspec.Struct):
    """What a conversation that the caller named has stored, and what this request adds.

    ``scope`` is its keyed name; ``values`` are types and values by placeholder id; ``stored`` the
    ids that this request added.
    """

    scope: str
    values: Mapping[str, tuple[str, str]]
    stored: set[str] = msgspec.field(default_factory=set)


class Once(msgspec.Struct):
    """A request that is answered once.

    ``sealed`` when its answer goes with the closing entry, ``finished`` when it is stored.
    """

    claim: Claim
    sealed: bool = False
    finished: bool = False


class Turn(msgspec.Struct):
    """A request of a stored conversation: its response, and all items of its input.

    ``name`` is the keyed name under which it is stored, for ``hours``. ``level`` is that of what
    came before.
    """

    response: StoredResponse
    name: str
    items: list[Any]
    level: Level
    hours: int

    @property
    def keeps(self) -> bool:
        """Whether its response is stored."""
        return self.response.id is not None

    @property
    def stored_hours(self) -> int | None:
        """For how long its response is stored; None where it is not."""
        return self.hours if self.keeps else None


class AdmittedRequest(msgspec.Struct):
    """A request that may be answered; ``candidates`` are in order of preference.

    ``named``: the caller named the conversation. ``purpose`` is the use case, "" without one;
    ``target`` the deployment that was tried last. ``conversation_values`` is None until they were
    read. ``mentioned`` are keyed names of the persons in what has departed. ``once`` is None
    without an Idempotency-Key, ``turn`` without a stored conversation; ``kept`` are answers to be
    stored with the closing entry.
    """

    record: AuditRecord
    compiled: CompiledSnapshot
    principal: Principal
    conversation: str
    request: ParsedRequest
    scan: RequestScan
    level: Level
    candidates: list[Candidate]
    named: bool
    purpose: str = ""
    target: Target | None = None
    conversation_values: StoredConversation | None = None
    mentioned: tuple[str, ...] = ()
    once: Once | None = None
    turn: Turn | None = None
    kept: tuple[SealedAnswer, ...] = ()

    @property
    def kept_inside(self) -> list[str]:
        """Why nothing of it may go to zones outside."""
        reasons = self.record.fields.get("kept_inside")
        return reasons if isinstance(reasons, list) else []

    @property
    def keeps(self) -> bool:
        """Whether its answer is stored, so that its persons must be findable."""
        return self.once is not None or (self.turn is not None and self.turn.keeps)


class UpstreamAttempt(msgspec.Struct, frozen=True):
    """One departure that was answered; ``vault`` holds the values redacted from its body."""

    candidate: Candidate
    vault: Vault
    reservation: Reservation
    answered: UpstreamResponse

    @property
    def restores(self) -> bool:
        """Whether the provider got placeholders: of the redacted form, or of a stored vault."""
        return self.candidate.decision.redact or bool(self.vault.echoed)
