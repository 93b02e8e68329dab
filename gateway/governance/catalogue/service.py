"""The catalogue: the objects of the applied ``sluis.yaml``."""

import datetime
import hashlib
import time
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field

import msgspec
import orjson
from sqlalchemy import delete, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.core.errors import ConfigError
from gateway.core.level import Zone
from gateway.core.snapshot import (
    Alias,
    Budget,
    ClearanceSetting,
    Deployment,
    Issuer,
    Key,
    Limits,
    Prices,
    Provider,
    Team,
)
from gateway.governance.actor import Actor
from gateway.governance.catalogue.config_file import (
    ConfigFile,
    DeploymentNode,
    KeyNode,
    ProviderNode,
)
from gateway.governance.catalogue.documents import CONTRACT, Document, registered
from gateway.governance.catalogue.prices import default_price
from gateway.governance.catalogue.processing_register import PROVIDER_RECORD, ProcessingRegister
from gateway.governance.catalogue.statements import (
    ContractGap,
    Stored,
    check_use_cases,
    contract_gaps,
    use_case_document,
)
from gateway.governance.catalogue.tables import FILE, RECORD, catalogue
from gateway.governance.journal import Journal
from gateway.storage.database import Database

_DEFAULT_URL = {"openai": "https://api.openai.com/v1", "anthropic": "https://api.anthropic.com"}
_MIN_SECRET = 24
Resolve = Callable[[str], str | None]
ReplaceKeys = Callable[[AsyncConnection, list[Key]], Awaitable[list[str]]]


@dataclass(slots=True)
class Applied:
    """The result of an apply: the number of objects by section, and warnings."""

    counts: dict[str, int]
    warnings: list[str] = field(default_factory=list)


class Catalogue:
    """Providers, deployments, aliases, teams, use cases, issuers and keys from the file."""

    def __init__(
        self,
        database: Database,
        journal: Journal,
        *,
        digest: Callable[[str], str],
        replace_keys: ReplaceKeys,
        wall: Callable[[], float] = time.time,
    ) -> None:
        """``digest`` is the keyed hash by which keys are stored; ``wall`` is epoch seconds.

        ``replace_keys`` stores the keys of a file in place of those of the file before, and gives
        warnings.
        """
        self._database = database
        self._journal = journal
        self._digest = digest
        self._replace_keys = replace_keys
        self._wall = wall

    async def apply(self, config: ConfigFile, actor: Actor, *, resolve: Resolve) -> Applied:
        """Replace what a file owns of the catalogue; ``resolve`` gives the value of ``env:NAME``.

        A revoked key stays revoked until the file gives it another secret.

        Raises:
            ConfigError: when a key's secret is not set or too short, or a use case may not be what
                the file says; nothing is changed.
        """
        warnings: list[str] = []
        keys = [self._key(node, resolve) for node in config.keys]
        async with self._database.write() as connection:
            stored = Stored.of(await self.load(connection), await _records(connection))
            warnings += check_use_cases(config, stored, self._today())
            providers = [_provider(node, stored) for node in config.providers]
            warnings += map(str, contract_gaps(providers, self._today()))
            documents = list(_documents(config, providers, warnings))
            counts = {kind: sum(k == kind for k, _, _ in documents) for kind in _KINDS}
            await _replace(connection, documents)
            warnings += await self._replace_keys(connection, keys)
            raw = config.model_dump_json().encode()
            await self._journal.record(
                connection,
                actor,
                "control:catalogue:apply",
                file_sha256=hashlib.sha256(raw).hexdigest(),
                sections=counts,
            )
        return Applied({**counts, "key": len(keys)}, warnings)

    async def records(self) -> frozenset[str]:
        """The use cases that no file owns."""
        async with self._database.read() as connection:
            return await _records(connection)

    async def contract_gaps(self) -> list[ContractGap]:
        """The commercial providers without a contract in force, or without any."""
        async with self._database.read() as connection:
            found = await self.load(connection)
        return contract_gaps(map(orjson.loads, found["provider"]), self._today())

    def _today(self) -> datetime.date:
        return datetime.datetime.fromtimestamp(self._wall(), datetime.UTC).date()

    async def load(self, connection: AsyncConnection) -> dict[str, list[bytes]]:
        """The documents by kind, in the order of the file."""
        rows = await connection.execute(select(catalogue).order_by(catalogue.c.position))
        found: dict[str, list[bytes]] = {kind: [] for kind in (*_KINDS, "network", "register")}
        for row in rows:
            found[row.kind].append(row.document.encode())
        if any(found.values()):
            raw = found["register"][0] if found["register"] else None
            found["register"] = [registered(raw, found)]
        return found

    def _key(self, node: KeyNode, resolve: Resolve) -> Key:
        secret = resolve(node.secret)
        variable = node.secret.removeprefix("env:")
        if not secret:
            raise ConfigError(f"key {node.name}: set the environment variable {variable}")
        if len(secret) < _MIN_SECRET:
            raise ConfigError(
                f"key {node.name}: {variable} must hold at least {_MIN_SECRET} characters"
            )
        return Key(
            id=f"k_{node.name}",
            name=node.name,
            digest=self._digest(secret),
            **node.model_dump(exclude={"name", "secret"}),
        )


_KINDS = ("provider", "deployment", "alias", "team", "use_case", "issuer")


def _documents(
    config: ConfigFile, providers: list[Document], warnings: list[str]
) -> Iterator[tuple[str, str, bytes]]:
    for document in providers:
        yield "provider", document["name"], orjson.dumps(document)
    for case in config.use_cases:
        yield "use_case", case.name, orjson.dumps(use_case_document(case.name, case))
    kinds = {provider.name: provider.kind for provider in config.providers}
    values: list[tuple[str, list[msgspec.Struct]]] = [
        ("deployment", [_deployment(d, kinds[d.provider], warnings) for d in config.deployments]),
        ("alias", [Alias(**a.model_dump()) for a in config.aliases]),
        (
            "team",
            [
                Team(
                    name=t.name,
                    floor=t.floor,
                    budget=Budget(**t.budget.model_dump()) if t.budget else None,
                    limits=Limits(**t.limits.model_dump()),
                )
                for t in config.teams
            ],
        ),
        ("issuer", [Issuer(**i.model_dump()) for i in config.identity.issuers]),
    ]
    for kind, items in values:
        for item in items:
            yield kind, getattr(item, "name"), msgspec.json.encode(item)  # noqa: B009 - Struct
    if config.internal_networks is not None:
        yield "network", "internal", msgspec.json.encode(config.internal_networks)
    register = ProcessingRegister(
        file=config.source, organisation=config.organisation, reports=config.reports
    )
    yield "register", "register", register.model_dump_json(exclude_none=True).encode()


def _provider(node: ProviderNode, stored: Stored) -> Document:
    """The document of a provider; without a contract it gets no confidential text.

    One that was in force before contracts were registered stays as it is until it changes.
    """
    plain = Provider(**{
        **node.model_dump(exclude={*PROVIDER_RECORD, CONTRACT}),
        "base_url": node.base_url or _DEFAULT_URL[node.kind],
    })
    document: Document = msgspec.to_builtins(plain)
    document |= node.model_dump(mode="json", include=PROVIDER_RECORD, exclude_none=True)
    if node.contract is not None:
        return document | {CONTRACT: node.contract.model_dump(mode="json", exclude_none=True)}
    kept = plain.zone is Zone.INTERNAL or stored.has_without_contract(plain)
    return document if kept else document | {CONTRACT: {}}


def _deployment(node: DeploymentNode, kind: str, warnings: list[str]) -> Deployment:
    price = Prices(**node.price.model_dump()) if node.price else None
    if price is None and kind in _DEFAULT_URL:
        price = default_price(node.model, kind)
        if price is None:
            warnings.append(
                f"deployment {node.name}: no price is known for {node.model}; it costs 0"
            )
    clearance = ClearanceSetting(**node.clearance.model_dump()) if node.clearance else None
    return Deployment(
        name=node.name,
        provider=node.provider,
        model=node.model,
        price=price or Prices(),
        clearance=clearance,
    )


async def _records(connection: AsyncConnection) -> frozenset[str]:
    query = select(catalogue.c.name).where(
        catalogue.c.kind == "use_case", catalogue.c.source == RECORD
    )
    return frozenset((await connection.execute(query)).scalars())


async def _replace(connection: AsyncConnection, documents: list[tuple[str, str, bytes]]) -> None:
    await connection.execute(delete(catalogue).where(catalogue.c.source == FILE))
    for position, (kind, name, document) in enumerate(documents):
        await connection.execute(
            insert(catalogue).values(
                kind=kind, name=name, position=position, document=document.decode()
            )
        )
