"""A control plane on either database with its own clock, and requests of any age in its trail."""

import time
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson

from gateway.core.snapshot import TENANT
from gateway.core.system.secrets import Secrets, create, load
from gateway.evidence import CLOSE, INTENT, Entry, RedactedValue, Trail, VaultWrite
from gateway.evidence.ledger_store import LedgerStore
from gateway.evidence.postgres_store import PostgresStore
from gateway.governance.actor import LOCAL_OPERATOR
from gateway.governance.catalogue.config_file import parse
from gateway.governance.person_keys import DataSubject
from gateway.governance.plane import ControlPlane, build
from gateway.privacy import identifier
from tests.support.persons import TWO_PERSONS, secret_of
from tests.support.schema import migrate

DAY = 86_400_000
NOW = int(time.time() * 1000) // DAY * DAY  # today's midnight UTC: keys that are issued are valid
TABLES = ("audit_entry", "audit_detail", "vault_value", "value_key", "mention")
PEOPLE = {"jjj222": "Jan Kwijtelaar", "ppp333": "Petra Zoekgeraakt"}
CONFIG = """\
version: 1
organisation: {name: Gemeente Voorbeeld, contact: privacy@voorbeeld.nl}
providers:
  - {name: example-eu, kind: openai, base_url: "https://llm.example.eu/v1", zone: eu,
     contract: {region: EU, transfer_basis: none-needed, review: 2099-12-31}}
deployments:
  - {name: gpt-eu, provider: example-eu, model: gpt}
use_cases:
  - {name: service, owner: "team support", legal_basis: contract, risk: limited}
  - {name: hiring, owner: "team hr", legal_basis: public-task, risk: high,
     dpia: "https://intranet.example.nl/dpia/7", review: 2099-12-31}
"""


@dataclass
class Clock:
    """Epoch seconds that a test moves."""

    ms: int = NOW

    def __call__(self) -> float:
        return self.ms / 1000


@dataclass
class Retained:
    """What a test asks: the control plane, and a trail as a gateway writes it."""

    folder: Path
    url: str | None  # None is SQLite files in the folder
    clock: Clock = field(default_factory=Clock)
    plane: ControlPlane = field(init=False)

    @property
    def data(self) -> Path:
        return self.folder / "data"

    @property
    def erasures(self) -> Path:
        return self.folder / "erasures.jsonl"

    @property
    def signed_head(self) -> Path:
        return self.folder / "signed-head"

    def secrets(self) -> Secrets:
        path = self.folder / "secrets"
        return load(path) if path.exists() else create(path)

    async def open(self) -> None:
        """Builds the control plane, as a start does."""
        self.data.mkdir(exist_ok=True)
        self.plane = build(
            database_url=self.url or f"sqlite:///{self.data / 'governance.db'}",
            secrets=self.secrets(),
            data_dir=None if self.url else self.data,
            wall=self.clock,
            erasures=self.erasures,
            signed_head=self.signed_head,
            models_dir=self.folder,
        )
        await migrate(self.plane.database)
        await self.plane.open()

    async def set_up(self) -> None:
        await self.open()
        # In embedded mode the operator of the machine is alone.
        config = parse(CONFIG + (TWO_PERSONS if self.url else ""), source="sluis.yaml")
        await self.plane.catalogue.apply(config, LOCAL_OPERATOR, resolve=secret_of)

    @asynccontextmanager
    async def trail(self, gateway: str | None = None) -> AsyncIterator[Trail]:
        store: LedgerStore | PostgresStore = (
            PostgresStore(self.url) if self.url else LedgerStore(self.data / "audit-gateway.db")
        )
        trail = Trail(store, kek=self.plane.secrets.kek, origin="gateway")
        trail.gateway = gateway
        await trail.start(clock_ms=self.clock.ms)
        yield trail
        await trail.stop(clock_ms=self.clock.ms)

    def name(self, value: str) -> str:
        found = identifier(self.plane.secrets.pepper, TENANT, "PERSON", value)
        assert found is not None
        return found

    async def asked(
        self,
        trail: Trail,
        request: str,
        *,
        age: int,
        purpose: str = "service",
        people: Iterable[str] = ("jjj222",),
        lasting: int = 0,
        hours: int = 24,
    ) -> None:
        """A request ``age`` days ago that mentions people; its close comes ``lasting`` ms later."""
        at = self.clock.ms - age * DAY
        taken = [
            RedactedValue(id_, "PERSON", PEOPLE[id_], self.name(PEOPLE[id_])) for id_ in people
        ]
        vault_write = VaultWrite(
            f"scope-{request}",
            at + hours * 3_600_000,
            taken,
            tuple(one.identifier for one in taken),
        )
        fields: dict[str, Any] = {
            "principal": "k_app",
            "principal_kind": "app",
            "purpose": purpose,
            "model": "assistant",
            "deployment": "gpt-eu",
            "provider": "example-eu",
            "zone": "eu",
            "level": "confidential",
        }
        body = {"messages": [f"Over [PERSON_{id_}] gaat dit" for id_ in people]}
        intent = Entry(INTENT, request, at, fields, "b", subject="k_app")
        await trail.record(intent, orjson.dumps(body), vault_write)
        close = Entry(CLOSE, request, at + lasting, {"outcome": "ok"}, "b", subject="k_app")
        await trail.record(close, orjson.dumps(["Beste [PERSON_jjj222]"]))

    async def count(self, table: str, where: str = "1 = 1") -> int:
        query = f"SELECT COUNT(*) AS n FROM {table} WHERE {where}"
        return sum(row["n"] for row in await self.plane.trail.rows(query, {}))

    async def left(self) -> dict[str, int]:
        """Of the gateway's entries, how many have each part."""
        own = "log LIKE 'gateway%'"
        return {
            "bodies": await self.count("audit_detail", f"{own} AND payload IS NOT NULL"),
            "values": await self.count("value_key", own),
            "mentions": await self.count("mention", own),
            "disclosures": await self.count("audit_detail", f"{own} AND request <> ''"),
        }

    def values(self, row: Mapping[str, Any]) -> dict[str, Any]:
        """The values of an entry, from its row."""
        return dict(orjson.loads(bytes(row["disclosure"]))[1])

    async def told(self, event: str) -> list[dict[str, Any]]:
        """The fields of entries of the control plane, oldest first."""
        query = "SELECT disclosure FROM audit_detail WHERE event = :event ORDER BY seq"
        rows = await self.plane.trail.rows(query, {"event": event})
        return [orjson.loads(bytes(row["disclosure"]))[1] for row in rows]


def person(value: str) -> list[DataSubject]:
    return [DataSubject("PERSON", value)]
