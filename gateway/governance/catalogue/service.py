"""The catalogue: the objects of the applied ``sluis.yaml``."""

import hashlib
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field

import msgspec
from sqlalchemy import delete, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.core.errors import ConfigError
from gateway.core.snapshot import (
    PRIVACY,
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
    UseCase,
)
from gateway.governance.actor import Actor
from gateway.governance.catalogue.config_file import ConfigFile, DeploymentNode, KeyNode
from gateway.governance.catalogue.prices import default_price
from gateway.governance.catalogue.processing_register import (
    PROVIDER_RECORD,
    USE_CASE_RECORD,
    ProcessingRegister,
    ProviderRecord,
    UseCaseRecord,
)
from gateway.governance.catalogue.tables import catalogue
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
    ) -> None:
        """``digest`` is the keyed hash by which keys are stored.

        ``replace_keys`` stores the keys of a file in place of those of the file before, and gives
        warnings.
        """
        self._database = database
        self._journal = journal
        self._digest = digest
        self._replace_keys = replace_keys

    async def apply(self, config: ConfigFile, actor: Actor, *, resolve: Resolve) -> Applied:
        """Replace the catalogue; ``resolve`` gives the value of ``env:NAME``.

        A revoked key stays revoked until the file gives it another secret.

        Raises:
            ConfigError: when a key's secret is not set or too short; nothing is changed.
        """
        warnings: list[str] = []
        documents = [*_documents(config, warnings), *_settings(config)]
        keys = [self._key(node, resolve) for node in config.keys]
        counts = {kind: sum(k == kind for k, _, _ in documents) for kind in _KINDS}
        async with self._database.write() as connection:
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

    async def load(self, connection: AsyncConnection) -> dict[str, list[bytes]]:
        """The documents by kind, in the order of the file."""
        rows = await connection.execute(select(catalogue).order_by(catalogue.c.position))
        found: dict[str, list[bytes]] = {kind: [] for kind in (*_KINDS, "network", "register")}
        for row in rows:
            found.setdefault(row.kind, []).append(row.document.encode())
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


def _documents(config: ConfigFile, warnings: list[str]) -> Iterator[tuple[str, str, bytes]]:
    kinds = {provider.name: provider.kind for provider in config.providers}
    values: list[tuple[str, list[msgspec.Struct]]] = [
        (
            "provider",
            [
                Provider(**{
                    **p.model_dump(exclude=PROVIDER_RECORD),
                    "base_url": p.base_url or _DEFAULT_URL[p.kind],
                })
                for p in config.providers
            ],
        ),
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
        (
            "use_case",
            [
                UseCase(**{
                    **u.model_dump(exclude=USE_CASE_RECORD),
                    "zones": [zone.value for zone in u.zones],
                })
                for u in config.use_cases
            ],
        ),
        ("issuer", [Issuer(**i.model_dump()) for i in config.identity.issuers]),
    ]
    for kind, items in values:
        for item in items:
            yield kind, getattr(item, "name"), msgspec.json.encode(item)  # noqa: B009 - Struct
    if config.internal_networks is not None:
        yield "network", "internal", msgspec.json.encode(config.internal_networks)
    yield "register", "register", _register(config).model_dump_json(exclude_none=True).encode()


def _register(config: ConfigFile) -> ProcessingRegister:
    """What registers and reports need. The snapshot leaves it out."""
    return ProcessingRegister(
        organisation=config.organisation,
        reports=config.reports,
        providers={
            one.name: ProviderRecord(**one.model_dump(include=PROVIDER_RECORD))
            for one in config.providers
        },
        use_cases={
            one.name: UseCaseRecord(**one.model_dump(include=USE_CASE_RECORD))
            for one in config.use_cases
        },
    )


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


def _settings(config: ConfigFile) -> Iterator[tuple[str, str, bytes]]:
    if config.privacy.persons is not None:
        yield "setting", PRIVACY, msgspec.json.encode({"persons": config.privacy.persons})


async def _replace(connection: AsyncConnection, documents: list[tuple[str, str, bytes]]) -> None:
    await connection.execute(delete(catalogue))
    for position, (kind, name, document) in enumerate(documents):
        await connection.execute(
            insert(catalogue).values(
                kind=kind, name=name, position=position, document=document.decode()
            )
        )
