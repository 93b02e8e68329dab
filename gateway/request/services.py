"""What all requests of a process share."""

from collections.abc import Callable
from dataclasses import dataclass

import msgspec

from gateway.compiled.snapshot import CompiledSnapshot
from gateway.core.errors import Unavailable
from gateway.evidence import Trail
from gateway.limits import Limiter
from gateway.request.conversation_store import ConversationStore
from gateway.request.documents import DocumentExtractor
from gateway.request.idempotency import Idempotency
from gateway.request.refusal_log import RefusalLog
from gateway.request.response_history import ResponseHistory
from gateway.request.scanner import Scanner
from gateway.request.sealed_index import SealedIndex
from gateway.routing import CircuitBreakers
from gateway.telemetry import Telemetry


class SnapshotStatus(msgspec.Struct, frozen=True):
    """Whether the snapshot in use may still be relied on, and for which zones.

    ``spooled_internal_only``: policy keeps requests internal while the trail is degraded.
    """

    internal_only: bool
    too_old: bool
    spooled_internal_only: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """The collaborators of the pipeline, and its two clocks.

    ``compiled`` gives the snapshot in use, ``status`` what its age allows. ``clock`` is monotonic
    seconds, ``wall`` epoch seconds. ``drained`` says whether this process stops and no longer waits
    for answers under way.
    """

    compiled: Callable[[], CompiledSnapshot]
    status: Callable[[], SnapshotStatus]
    scanner: Scanner
    documents: DocumentExtractor
    placeholder_key: bytes
    conversations: ConversationStore
    idempotency: Idempotency
    history: ResponseHistory
    sealed: SealedIndex
    meter: Limiter
    breakers: CircuitBreakers
    trail: Trail
    refusal_log: RefusalLog
    telemetry: Telemetry
    clock: Callable[[], float]
    wall: Callable[[], float]
    drained: Callable[[], bool] = lambda: False

    def now_ms(self) -> int:
        """Epoch milliseconds."""
        return int(self.wall() * 1000)

    def usable(self) -> tuple[CompiledSnapshot, SnapshotStatus]:
        """The snapshot in use; one request is decided by one snapshot.

        Raises:
            Unavailable: when there is none yet, or it is too old.
        """
        status = self.status()
        if status.too_old:
            raise Unavailable(
                "The gateway has not heard from its control plane for too long.", retry_after=30
            )
        return self.compiled(), status
