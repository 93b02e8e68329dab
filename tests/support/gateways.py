"""Data planes in this process, on one database, with a clock that the test moves."""

import asyncio
import hashlib
import hmac
import threading
import time
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import msgspec
import orjson
from starlette.requests import Request

from gateway.api.app import MAX_BODY, DataPlane
from gateway.compiled.snapshot import compile_snapshot
from gateway.core.level import Zone
from gateway.core.snapshot import TENANT, Alias, Deployment, Key, Provider, Snapshot, UseCase
from gateway.core.system.secrets import Secrets
from gateway.egress import wire_formats
from gateway.egress.translator.client import Translator
from gateway.evidence import AnswerStore, Entry, Spool, Trail, ValueReader, VaultWrite
from gateway.evidence.ledger_store import LedgerStore
from gateway.evidence.postgres_store import PostgresStore
from gateway.evidence.queries import LedgerQueries, PostgresQueries, Queries
from gateway.evidence.value_reader import LedgerValues, PostgresValues
from gateway.governance.policies.bundle import read_bundle
from gateway.limits import Meter
from gateway.privacy import identifier
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
from tests.support.openai_api import OpenAIApi

KEYS = {"app": "k" * 24, "other": "o" * 24}
PATHS = {
    "chat": "/v1/chat/completions",
    "messages": "/v1/messages",
    "responses": "/v1/responses",
    "embeddings": "/v1/embeddings",
}


@dataclass
class GatedApi(OpenAIApi):
    """A provider that answers when the test opens its gate; it begins open, and is up."""

    gate: threading.Event = field(default_factory=threading.Event)
    down: bool = False
    arrived: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))

    def __post_init__(self) -> None:
        super().__post_init__()
        self.gate.set()

    def _due(self, wish: str) -> str:
        return "status 500" if self.down else super()._due(wish)

    async def _recorded(self, request: Request) -> dict[str, Any]:
        body = await super()._recorded(request)
        self.arrived.release()
        await asyncio.to_thread(self.gate.wait)
        return body


class Clock:
    """Epoch seconds that a test moves."""

    def __init__(self, now: float = 1_700_000_000.0) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now


class RecordingTrail(Trail):
    """The real trail, which also shows its entries to the test."""

    def __init__(
        self, store: LedgerStore | PostgresStore, kek: bytes, spool: Spool | None = None
    ) -> None:
        super().__init__(store, kek=kek, origin="gateway", spool=spool)
        self.entries: list[Entry] = []

    async def record(
        self, entry: Entry, body: bytes | None = None, vault_write: VaultWrite | None = None
    ) -> None:
        await super().record(entry, body, vault_write)
        self.entries.append(entry)

    def of(self, event: str) -> list[Entry]:
        return [entry for entry in self.entries if entry.event == event]


def _trail(spool: Path, file: Path, url: str | None, *, kek: bytes, clock: Clock) -> RecordingTrail:
    if url is None:
        return RecordingTrail(LedgerStore(file), kek)
    store = PostgresStore(url, batch_s=1.0)
    spooled = Spool(spool, store, clock=time.monotonic, wall=clock, retry_s=0.01)
    return RecordingTrail(store, kek, spooled)


def snapshot(provider: OpenAIApi, pepper: bytes, **bundle: str) -> Snapshot:
    """One provider outside and one inside, and two keys; ``bundle`` replaces policy files."""
    files = {**read_bundle(), **{f"{name}.yaml": text for name, text in bundle.items()}}
    return Snapshot(
        created=0.0,
        bundle=files,
        providers=[
            Provider("eu", "openai", provider.url, Zone.EU),
            Provider("house", "openai", provider.url, Zone.INTERNAL),
        ],
        deployments=[
            Deployment("gpt-eu", "eu", "gpt"),
            Deployment("house-chat", "house", "own"),
        ],
        aliases=[Alias("assistant", ["gpt-eu", "house-chat"])],
        use_cases=[UseCase("service", "support", "contract", "limited")],
        keys=[
            Key(f"k_{name}", name, _digest(pepper, secret), clearance="restricted")
            for name, secret in KEYS.items()
        ],
    )


def _digest(pepper: bytes, secret: str) -> str:
    return hmac.new(pepper, secret.encode(), hashlib.sha256).hexdigest()


class Gateway:
    """A data plane in this process; with ``url`` on PostgreSQL, else on a file in ``folder``."""

    def __init__(
        self, document: Snapshot, secrets: Secrets, clock: Clock, *, folder: Path, url: str | None
    ) -> None:
        self.secrets, self.clock = secrets, clock
        file, kek, pepper = folder / "audit-gateway.db", secrets.kek, secrets.pepper
        self.trail = _trail(folder / "spool", file, url, kek=kek, clock=clock)
        values: ValueReader = PostgresValues(url, kek=kek) if url else LedgerValues(file, kek=kek)
        queries: Queries = (
            PostgresQueries(url, name="answers") if url else LedgerQueries(file, thread="answers")
        )
        self.answers = AnswerStore(queries, kek=kek)
        self._values = values
        self.take(document)
        monotonic, who = time.monotonic, partial(identifier, pepper, TENANT)
        self.meter = Meter(clock=monotonic, wall=clock)
        self.refusal_log = RefusalLog(self.trail, pepper=pepper, clock=monotonic, wall=clock)
        self.services = Services(
            compiled=lambda: self.compiled,
            status=lambda: SnapshotStatus(internal_only=False, too_old=False),
            scanner=Scanner(
                DETECTOR,
                FunctionClassifier(lambda _: []),
                key=secrets.placeholder,
                capacity=100,
                person_key=who,
            ),
            documents=DocumentExtractor(
                lambda *_, **__: None, key=secrets.placeholder, deadline_s=1.0, clock=monotonic
            ),
            placeholder_key=secrets.placeholder,
            conversations=ConversationStore(values, pepper=pepper, person_key=who, wall=clock),
            idempotency=Idempotency(self.answers, pepper=pepper, wall=clock),
            history=ResponseHistory(self.answers, pepper=pepper, wall=clock, max_body=MAX_BODY),
            sealed=SealedIndex(secrets.placeholder),
            meter=self.meter,
            breakers=CircuitBreakers(monotonic),
            trail=self.trail,
            refusal_log=self.refusal_log,
            telemetry=Telemetry(None, clock=monotonic),
            clock=monotonic,
            wall=clock,
        )
        app: Any = DataPlane(Pipeline(self.services), clock=monotonic, not_ready=dict, metrics=str)
        self.client = httpx.AsyncClient(
            transport=httpx.ASGITransport(app=app), base_url="http://gateway"
        )

    def take(self, document: Snapshot, **changes: Any) -> None:
        """Decides by a snapshot from now on."""
        self.snapshot = msgspec.structs.replace(document, **changes)
        self.compiled = compile_snapshot(
            self.snapshot,
            pepper=self.secrets.pepper,
            secret=lambda _: None,
            worker_token="",
            formats=wire_formats(Translator()),
        )

    async def start(self) -> "Gateway":
        await self.trail.start(clock_ms=int(self.clock() * 1000))
        return self

    async def stop(self) -> None:
        await self.client.aclose()
        await self.refusal_log.stop()
        await self.trail.stop(clock_ms=int(self.clock() * 1000))
        await self._values.close()
        await self.answers.close()
        await self.compiled.egress.close()

    async def post(
        self, body: dict[str, Any], api: str = "chat", *, key: str = "app", **headers: str
    ) -> httpx.Response:
        """One request; ``headers`` by their names with underscores."""
        sent = {"authorization": f"Bearer {KEYS[key]}"}
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        content = orjson.dumps(body)
        return await self.client.post(PATHS[api], content=content, headers=sent)
