"""A data plane in this process: the real HTTP app over the real pipeline, trail and connections.

Only the classifier is a fake. Providers are given by a snapshot; tests serve them on loopback.
"""

import hashlib
import hmac
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Self

import httpx

from gateway.api.app import MAX_BODY, DataPlane
from gateway.compiled.snapshot import compile_snapshot
from gateway.core.snapshot import Key, Snapshot
from gateway.core.system.secrets import Secrets
from gateway.dialects.base import Dialect
from gateway.dialects.registry import DIALECTS
from gateway.egress import wire_formats
from gateway.egress.translator.client import Translator
from gateway.egress.wire import WireFormats
from gateway.evidence import AnswerStore, Entry, Trail, VaultWrite
from gateway.evidence.ledger_store import LedgerStore
from gateway.evidence.queries import LedgerQueries
from gateway.evidence.value_reader import LedgerValues
from gateway.limits import Meter
from gateway.privacy import Detector, documents
from gateway.request.conversation_store import ConversationStore
from gateway.request.documents import DocumentExtractor
from gateway.request.idempotency import Idempotency
from gateway.request.pipeline import Pipeline
from gateway.request.refusal_log import RefusalLog
from gateway.request.response_history import ResponseHistory
from gateway.request.scanner import Scanner
from gateway.request.sealed_index import SealedIndex
from gateway.request.services import Services, SnapshotStatus
from gateway.routing import CircuitBreakers
from gateway.telemetry import Telemetry
from tests.support.classifier import FunctionClassifier
from tests.support.detector import DETECTOR

SECRET = "k" * 24
_FORMATS = wire_formats(Translator())


def key_of(pepper: bytes, **fields: Any) -> Key:
    """The key of the tests, with the secret ``SECRET``."""
    digest = hmac.new(pepper, SECRET.encode(), hashlib.sha256).hexdigest()
    return Key("k1", "app", digest, clearance="restricted", **fields)


class RecordingTrail(Trail):
    """The real trail, which also shows its entries to the test."""

    def __init__(self, store: LedgerStore, kek: bytes) -> None:
        super().__init__(store, kek=kek, origin="test")
        self.entries: list[Entry] = []
        self.bodies: list[bytes] = []

    async def record(
        self, entry: Entry, body: bytes | None = None, keeping: VaultWrite | None = None
    ) -> None:
        await super().record(entry, body, keeping)
        self.entries.append(entry)
        if body is not None:
            self.bodies.append(body)

    def of(self, event: str) -> list[Entry]:
        return [entry for entry in self.entries if entry.event == event]


class InProcessGateway:
    """A data plane over one snapshot; a context manager. ``client`` asks it as the key."""

    def __init__(
        self,
        snapshot: Snapshot,
        folder: Path,
        *,
        made: Secrets,
        dialects: Mapping[str, Dialect] = DIALECTS,
        formats: WireFormats = _FORMATS,
        classifier: FunctionClassifier | None = None,
        detector: Detector = DETECTOR,
        origins: Sequence[str] = (),
    ) -> None:
        self.detector = detector
        self.classifier = classifier or FunctionClassifier(lambda _: [])
        self.store = LedgerStore(folder / "audit-test.db")
        self.trail = RecordingTrail(self.store, made.kek)
        self.snapshot = compile_snapshot(
            snapshot,
            pepper=made.pepper,
            secret=lambda _: "sk-upstream-canary",
            worker_token="",
            formats=formats,
            dialects=dialects.keys(),
        )
        values = LedgerValues(folder / "audit-test.db", kek=made.kek)
        answers = AnswerStore(
            LedgerQueries(folder / "audit-test.db", thread="answers"), kek=made.kek
        )
        self._documents = DocumentExtractor(
            documents.read, key=made.placeholder, deadline_s=1.0, clock=time.monotonic
        )
        pipeline = Pipeline(self._services(made, values, answers))
        self.app: Any = DataPlane(
            pipeline,
            clock=time.monotonic,
            not_ready=dict,
            metrics=str,
            dialects=dialects.values(),
            origins=origins,
        )
        self.client = httpx.AsyncClient(
            transport=httpx.ASGITransport(app=self.app),
            base_url="http://gateway",
            headers={"authorization": f"Bearer {SECRET}"},
        )

    def _services(self, made: Secrets, values: LedgerValues, answers: AnswerStore) -> Services:
        clock, wall = time.monotonic, time.time
        scanner = Scanner(
            self.detector,
            self.classifier,
            key=made.placeholder,
            capacity=10_000,
            person_key=lambda *_: None,
        )
        return Services(
            compiled=lambda: self.snapshot,
            status=lambda: SnapshotStatus(internal_only=False, too_old=False),
            scanner=scanner,
            documents=self._documents,
            placeholder_key=made.placeholder,
            conversations=ConversationStore(
                values, pepper=made.pepper, person_key=lambda *_: None, wall=wall
            ),
            idempotency=Idempotency(answers, pepper=made.pepper, wall=wall),
            history=ResponseHistory(answers, pepper=made.pepper, wall=wall, max_body=MAX_BODY),
            sealed=SealedIndex(made.placeholder),
            meter=Meter(clock=clock, wall=wall),
            breakers=CircuitBreakers(clock),
            trail=self.trail,
            refusal_log=RefusalLog(self.trail, pepper=made.pepper, clock=clock, wall=wall),
            telemetry=Telemetry(None, clock=clock),
            clock=clock,
            wall=wall,
        )

    async def __aenter__(self) -> Self:
        await self.trail.start(clock_ms=0)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.client.aclose()
        self._documents.close()
        await self.trail.stop(clock_ms=0)
        await self.snapshot.egress.close()

    def entries_of(self, answer: httpx.Response) -> list[Entry]:
        """The entries of the request that an answer names."""
        number = answer.headers["x-sluis-audit-id"]
        return [entry for entry in self.trail.entries if entry.request == number]
