"""The catalogue: the objects of the applied ``sluis.yaml``."""

import datetime
import hashlib
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec
from sqlalchemy import delete, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.core.errors import ConfigError
from gateway.core.objects.keys import NewKey
from gateway.core.snapshot import (
    AUDIT,
    LOOPBACK,
    MODELS,
    PRIVACY,
    REFUSE,
    Deployment,
    Key,
    Provider,
    Snapshot,
)
from gateway.governance.actor import Actor
from gateway.governance.catalogue.config_file import ConfigFile
from gateway.governance.catalogue.deployments import deployments_of, without_version
from gateway.governance.catalogue.documents import registered
from gateway.governance.catalogue.identity_nodes import with_console
from gateway.governance.catalogue.processing_register import (
    PROVIDER_RECORD,
    ProcessingRegister,
    ProviderRecord,
)
from gateway.governance.catalogue.statements import (
    ContractGap,
    Stored,
    check_use_cases,
    contract_gaps,
    provider_of,
    stored_provider,
)
from gateway.governance.changes.edits import FILE, RECORD, Edit, Submitted
from gateway.governance.changes.recovery import RECOVERY, opened, setting_in_force
from gateway.governance.changes.settings import APPROVALS, NEVER, load_settings
from gateway.governance.changes.tables import catalogue
from gateway.governance.journal import Journal
from gateway.storage.database import Database

_SECTIONS = {"use_case": "use_cases", "team": "teams"}  # of the file, by kind of record
_MIN_SECRET = 24
Resolve = Callable[[str], str | None]
Submit = Callable[..., Awaitable[Submitted]]
Settings = Mapping[str, Mapping[str, Any]]
KeyEdits = Callable[[AsyncConnection, list[Key], list[str]], Awaitable[list[Edit]]]


@dataclass(slots=True)
class Applied:
    """The result of an apply: the number of objects by section, what became of it, warnings."""

    sections: dict[str, int]
    done: Submitted
    warnings: list[str] = field(default_factory=list)


class Catalogue:
    """Providers, deployments, aliases, teams, use cases, issuers and keys from the file."""

    def __init__(
        self,
        database: Database,
        journal: Journal,
        submit: Submit,
        *,
        key_edits: KeyEdits,
        digest: Callable[[str], str],
        embedded: bool,
        published: Callable[[], Awaitable[Snapshot | None]],
        wall: Callable[[], float],
    ) -> None:
        """``digest`` is the keyed hash by which keys are stored; ``key_edits`` gives their edits.

        ``published`` is the signed state, which no row of the database changes.

        ``submit`` makes the edits of a file, or proposes those that need another person. ``wall``
        is epoch seconds.
        """
        self._database = database
        self._journal = journal
        self._submit = submit
        self._key_edits = key_edits
        self._digest = digest
        self._embedded = embedded
        self._published = published
        self._wall = wall

    async def apply(
        self,
        config: ConfigFile,
        actor: Actor,
        *,
        resolve: Resolve,
        door: str = "api",
        comment: str = "",
        all_or_nothing: bool = False,
        exception_minutes: int | None = None,
        may_lock_out: bool = False,
        recovery: Sequence[str] = (),
    ) -> Applied:
        """Make the objects of the file what it says; ``resolve`` gives the value of ``env:NAME``.

        What widens waits for another person; with ``exception_minutes`` it will be for that time
        alone. A revoked key stays revoked until the file gives it another secret. ``may_lock_out``
        lets the file leave fewer than two persons who approve.

        With the two codes of ``recovery`` all of it is in force at once, as the change of the two
        persons who made them. They open the way back once.

        Raises:
            Denied: when the codes are not those of two persons, or it is not the machine itself.
            WouldLockOut: when it leaves fewer without that.
            ConfigError: when a key's secret is not set, too short or that of another key, an object
                belongs to the console, or a use case may not be what the file says; nothing is
                changed.
        """
        warnings: list[str] = []
        keys = [self._key(node, resolve) for node in config.keys]
        _check_secrets(keys)
        signed = await self._published() if recovery else None
        async with self._database.write() as connection:
            stored = Stored.of(await self.load(connection), await _records(connection, "use_case"))
            warnings += check_use_cases(config, stored, self._today())
            providers = [provider_of(node, stored) for node in config.providers]
            warnings += map(str, contract_gaps(providers, self._today()))
            deployments = deployments_of(config, providers, stored, warnings)
            settings = await load_settings(connection)
            persons = await self._opened(connection, settings, signed, recovery, actor)
            warnings += without_version(deployments, providers, serve=_serves(config, settings))
            documents = list(_documents(config, providers, deployments))
            sections = {kind: sum(k == kind for k, _, _ in documents) for kind in _KINDS}
            edits = [
                *await _edits(connection, documents),
                *await self._key_edits(connection, keys, warnings),
                *self._approvals_edits(config, settings),
                *_setting_edits(config, settings),
                *_recovery_edits(config, settings, spent=persons is not None),
            ]
            done = await self._submit(
                connection,
                edits,
                actor,
                door=door,
                comment=comment,
                all_or_nothing=all_or_nothing,
                exception_minutes=exception_minutes,
                may_lock_out=may_lock_out,
                recovery=persons,
            )
            await _store_register(connection, config)
            raw = config.model_dump_json().encode()
            await self._journal.record(
                connection,
                actor,
                "control:catalogue:apply",
                file_sha256=hashlib.sha256(raw).hexdigest(),
                sections=sections,
                door=door,
                proposal=done.proposal,
            )
        return Applied({**sections, "key": len(keys)}, done, warnings)

    async def _opened(
        self,
        connection: AsyncConnection,
        settings: Settings,
        signed: Snapshot | None,
        codes: Sequence[str],
        actor: Actor,
    ) -> tuple[str, str] | None:
        """The two persons who open the way back, on record; None without codes."""
        if not codes:
            return None
        one, other = opened(setting_in_force(settings, signed), codes, actor)
        await self._journal.record(
            connection, actor, "control:recovery:use", author=one, approver=other
        )
        return one, other

    async def records(self) -> dict[str, frozenset[str]]:
        """The names of the objects that no file owns, by section of the file."""
        async with self._database.read() as connection:
            return {
                section: await _records(connection, kind) for kind, section in _SECTIONS.items()
            }

    async def contract_gaps(self) -> list[ContractGap]:
        """The commercial providers without a contract in force, or without any."""
        async with self._database.read() as connection:
            found = await self.load(connection)
        return contract_gaps(map(stored_provider, found["provider"]), self._today())

    def _today(self) -> datetime.date:
        return datetime.datetime.fromtimestamp(self._wall(), datetime.UTC).date()

    def _approvals_edits(self, config: ConfigFile, settings: Settings) -> list[Edit]:
        stored = settings.get(APPROVALS, {})
        wanted = config.approvals.one_person
        if wanted is None or wanted == stored.get("one_person"):
            return []
        if wanted != NEVER:
            if stored or not self._embedded:
                raise ConfigError(
                    "approvals.one_person: this installation has left the rule for a single "
                    "person, and that can not be undone; remove the line"
                )
            return []
        return [Edit("setting", APPROVALS, {**stored, "one_person": NEVER}, FILE)]

    async def load(self, connection: AsyncConnection) -> dict[str, list[bytes]]:
        """The documents by kind, in the order of the file."""
        rows = await connection.execute(select(catalogue).order_by(catalogue.c.position))
        found: dict[str, list[bytes]] = {kind: [] for kind in (*_KINDS, "network", "register")}
        for row in rows:
            found.setdefault(row.kind, []).append(row.document.encode())
        if any(found.values()):
            raw = found["register"][0] if found["register"] else None
            found["register"] = [registered(raw, found["use_case"])]
        return found

    def _key(self, node: NewKey, resolve: Resolve) -> Key:
        secret = resolve(node.secret)
        variable = node.secret.removeprefix("env:")
        if not secret:
            raise ConfigError(f"key {node.name}: set the environment variable {variable}")
        if len(secret) < _MIN_SECRET:
            raise ConfigError(
                f"key {node.name}: {variable} must hold at least {_MIN_SECRET} characters"
            )
        return node.with_secret(f"k_{node.name}", self._digest(secret))


def _check_secrets(keys: Sequence[Key]) -> None:
    """Check that a secret is of one key.

    Raises:
        ConfigError: names two keys with the same one.
    """
    known: dict[str, str] = {}
    for key in keys:
        if (first := known.setdefault(key.digest, key.name)) != key.name:
            raise ConfigError(f"keys {first} and {key.name} have the same secret: change one")


_KINDS = ("provider", "deployment", "alias", "team", "use_case", "issuer")


def _documents(
    config: ConfigFile, providers: list[Provider], deployments: list[Deployment]
) -> Iterator[tuple[str, str, bytes]]:
    identity = config.identity
    values: list[tuple[str, Iterable[msgspec.Struct]]] = [
        ("provider", providers),
        ("deployment", deployments),
        ("alias", config.aliases),
        ("team", config.teams),
        ("use_case", config.use_cases),
        ("issuer", [with_console(one, identity.console) for one in identity.issuers]),
    ]
    for kind, items in values:
        for item in items:
            yield kind, getattr(item, "name"), msgspec.json.encode(item)  # noqa: B009 - Struct
    if config.internal_networks is not None:
        yield "network", "internal", msgspec.json.encode({"networks": config.internal_networks})


def _register(config: ConfigFile) -> ProcessingRegister:
    """What registers and reports need. The snapshot leaves it out."""
    return ProcessingRegister(
        file=config.source,
        organisation=config.organisation,
        reports=config.reports,
        providers={
            one.name: ProviderRecord(**{name: getattr(one, name) for name in PROVIDER_RECORD})
            for one in config.providers
        },
    )


async def _records(connection: AsyncConnection, kind: str) -> frozenset[str]:
    query = select(catalogue.c.name).where(catalogue.c.kind == kind, catalogue.c.source == RECORD)
    return frozenset((await connection.execute(query)).scalars())


async def _edits(
    connection: AsyncConnection, documents: list[tuple[str, str, bytes]]
) -> list[Edit]:
    """The edits that make the objects of the file what it says.

    Raises:
        ConfigError: when the console or the API owns an object of the same name.
    """
    rows = (await connection.execute(select(catalogue))).all()
    owners = {(row.kind, row.name): row.source for row in rows}
    edits = []
    for position, (kind, name, document) in enumerate(documents):
        if owners.get((kind, name), FILE) != FILE:
            raise ConfigError(
                f"{kind} {name}: it was made in the console or through the API, which own it; "
                "remove it there, or from the file"
            )
        edits.append(Edit(kind, name, msgspec.json.decode(document), FILE, position))
    wanted = {edit.place for edit in edits}
    if ("network", "internal") in owners and ("network", "internal") not in wanted:
        edits.append(Edit("network", "internal", {"networks": list(LOOPBACK)}, FILE))
    gone = [
        Edit(*place, None, FILE)
        for place, source in owners.items()
        if source == FILE and place[0] in _KINDS and place not in wanted
    ]
    return [*edits, *gone]


def _setting_edits(config: ConfigFile, settings: Settings) -> Iterator[Edit]:
    """The settings of the file that differ from those in force; which widens, rules say."""
    in_force = {PRIVACY: {"persons": "named"}}
    nodes = {PRIVACY: config.privacy, MODELS: config.models, AUDIT: config.audit}
    for name, node in nodes.items():
        stored = settings.get(name, {})
        wanted = msgspec.to_builtins(node)  # without what is not stated
        if not wanted.items() <= {**in_force.get(name, {}), **stored}.items():
            yield Edit("setting", name, {**stored, **wanted}, FILE)


def _recovery_edits(
    config: ConfigFile, settings: Mapping[str, Mapping[str, Any]], *, spent: bool
) -> list[Edit]:
    """Who can open the way back; codes that were ``spent`` open it no more."""
    stored = settings.get(RECOVERY, {})
    if spent:
        return [Edit("setting", RECOVERY, None, FILE)]
    if config.approvals.recovery is None:
        return []
    wanted = {"sealed": {one.person: one.digest for one in config.approvals.recovery}}
    return [Edit("setting", RECOVERY, wanted, FILE)] if wanted != stored else []


def _serves(config: ConfigFile, settings: Mapping[str, Mapping[str, Any]]) -> bool:
    stored = settings.get(MODELS, {}).get("unregistered")
    return (config.models.unregistered or stored) != REFUSE


async def _store_register(connection: AsyncConnection, config: ConfigFile) -> None:
    """What only registers and reports need: it permits nothing, so it needs no decision."""
    await connection.execute(delete(catalogue).where(catalogue.c.kind == "register"))
    document = _register(config).model_dump_json(exclude_none=True)
    await connection.execute(
        insert(catalogue).values(
            kind="register", name="register", position=0, document=document, source=FILE
        )
    )
