"""The state of one request on its way: what came in, what was found, what was decided."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import msgspec

from gateway.core.decision import Decision
from gateway.core.level import Level
from gateway.core.principal import Principal
from gateway.core.usage import Usage
from gateway.egress import Answered
from gateway.evidence import Entry, Value
from gateway.handles import Handles
from gateway.metering import Reservation
from gateway.privacy import Vault
from gateway.routing import Target
from gateway.scanning import Seen


class Record(msgspec.Struct):
    """What will stand in the entries of this request; opened before anything else happens.

    ``started`` and ``sent`` (the last departure) are monotonic seconds; ``limits`` are the
    caller's own rate limits, as headers; ``path`` is what follows a route that ends with "/".
    """

    audit_id: str
    started: float
    fields: dict[str, Value] = msgspec.field(default_factory=dict)
    news: dict[str, Value] = msgspec.field(default_factory=dict)
    bundle: str = ""
    subject: str | None = None
    outcome: str = "internal_error"
    sent: float | None = None
    limits: dict[str, str] = msgspec.field(default_factory=dict)
    path: str = ""

    def note(self, **facts: Value) -> None:
        """Adds facts."""
        self.fields.update(facts)
        self.news.update(facts)

    def entry(self, event: str, *, time_ms: int, whole: bool = True) -> Entry:
        """An entry with all facts, or with those that came after the last entry."""
        facts = self.fields if whole else self.news
        self.news = {}
        return Entry(
            event=event,
            request=self.audit_id,
            time=time_ms,
            fields=facts.copy(),
            index=self.fields,
            bundle=self.bundle,
            subject=self.subject,
        )


class Incoming(msgspec.Struct, frozen=True):
    """A request as it arrived; ``read`` gives the body's bytes, and refuses too large a one."""

    record: Record
    surface: str
    credential: str | None
    headers: Mapping[str, str]
    read: Callable[[], Awaitable[bytes]]


class Composed(msgspec.Struct, frozen=True):
    """A clean body and what the walk over it saw; ``texts`` are all its strings."""

    surface: str
    body: dict[str, Any]
    texts: list[str]
    dropped: list[str]
    inside_only: list[str]
    unread: list[str]
    wants_usage: bool


class Scan(msgspec.Struct, frozen=True):
    """What the texts of a request hold, text by text and together.

    ``failed`` names the controls that could not do their work, ``detectors`` what looked.
    """

    seen: Mapping[str, Seen]
    detectors: str
    failed: tuple[str, ...]
    rules: tuple[str, ...]
    level: Level
    reasons: tuple[str, ...]


class Way(msgspec.Struct, frozen=True):
    """One allowed candidate: where the request may go, and in which form."""

    target: Target
    decision: Decision


class Admitted(msgspec.Struct):
    """A request that may be answered: the ways it may go, best first."""

    record: Record
    handles: Handles
    principal: Principal
    conversation: str
    request: Composed
    scan: Scan
    level: Level
    ways: list[Way]

    @property
    def streams(self) -> bool:
        """Whether the caller asked for a stream."""
        return bool(self.request.body.get("stream"))


class Attempt(msgspec.Struct, frozen=True):
    """One departure that was answered; ``vault`` holds what was taken out of its body."""

    way: Way
    vault: Vault
    reservation: Reservation
    answered: Answered

    @property
    def redacted(self) -> bool:
        """Whether the provider got the redacted form."""
        return self.way.decision.redact


class Used(msgspec.Struct):
    """What answering used; ``first_chunk`` is monotonic seconds, None before it came."""

    usage: Usage | None = None
    first_chunk: float | None = None
    chunks: int = 0
