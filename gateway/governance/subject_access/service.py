"""Subject access packages: collected from all stores, explained, on record."""

import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from gateway.evidence.values import ValueCipher
from gateway.governance.actor import Actor
from gateway.governance.audit.service import AuditService
from gateway.governance.cases.search.schemas import FoundCase
from gateway.governance.catalogue.service import Catalogue
from gateway.governance.journal import Journal
from gateway.governance.person_keys import DataSubject, PersonKeys, digest_of
from gateway.governance.policies.retention_policy import retention_of
from gateway.governance.policies.service import active_files
from gateway.governance.subject_access.collecting import ValueOfPerson, mentions_in, values_in
from gateway.governance.subject_access.package import Package
from gateway.governance.subject_access.texts import PackageDescription
from gateway.storage.database import Database

CasesOf = Callable[[Sequence[str]], Awaitable[Sequence[FoundCase]]]


@dataclass(frozen=True, slots=True)
class PackageSummary:
    """The numbers of values, requests, bodies and cases in a package."""

    values: int
    requests: int
    bodies: int
    cases: int = 0


class SubjectAccess:
    """Makes packages; each is an entry, with a keyed digest instead of the person."""

    def __init__(
        self,
        database: Database,
        journal: Journal,
        trail: AuditService,
        people: PersonKeys,
        catalogue: Catalogue,
        cases: CasesOf,
        *,
        kek: bytes,
        wall: Callable[[], float] = time.time,
    ) -> None:
        """``cases`` gives the cases that name a person, by keyed identifiers."""
        self._database = database
        self._journal = journal
        self._trail = trail
        self._people = people
        self._catalogue = catalogue
        self._cases = cases
        self._kek = kek
        self._wall = wall

    async def export(
        self, path: Path, subjects: list[DataSubject], actor: Actor, *, reason: str
    ) -> PackageSummary:
        """Write a package to ``path``, which appears only when it is complete and on record.

        Raises:
            InvalidRequest: names the position of the invalid subject, never its value.
        """
        names = self._people.named(subjects, reason)
        made = int(self._wall() * 1000)
        cases = [one.model_dump() for one in await self._cases(sorted(names))]
        with Package(path) as package:
            own = await self._own(sorted(names))
            package.values([one.shown() for one in own])
            package.cases(cases)
            by_id = {one.id: one for one in own}
            for store in await self._trail.databases():
                async with store.read() as connection:
                    found = mentions_in(connection, sorted(names), by_id, kek=self._kek)
                    async for one in found:
                        package.request(one.shown(), one.bodies)
            summary = PackageSummary(len(own), package.requests, package.bodies, len(cases))
            package.explain(await self._about(made, sorted(set(names.values())), summary))
            async with self._database.write() as connection:
                await self._journal.record(
                    connection,
                    actor,
                    "subject:access:export",
                    subjects=len(names),
                    digest=digest_of(names),
                    values=summary.values,
                    entries=summary.requests,
                    bodies=summary.bodies,
                    count=summary.cases,
                    reason=reason,
                )
            package.finish()
        return summary

    async def _own(self, names: list[str]) -> list[ValueOfPerson]:
        box = ValueCipher(self._kek)
        found: list[ValueOfPerson] = []
        for store in await self._trail.databases():
            async with store.read() as connection:
                found += await values_in(connection, names, box)
        return sorted(found, key=lambda one: (one.created, one.type, one.id))

    async def _about(
        self, made: int, types: list[str], summary: PackageSummary
    ) -> PackageDescription:
        async with self._database.read() as connection:
            raw = await self._catalogue.load(connection)
            table = retention_of(await active_files(connection))
        found: dict[str, list[Any]] = {
            kind: [orjson.loads(one) for one in items] for kind, items in raw.items()
        }
        stated = found["register"][0] if found["register"] else {}
        return PackageDescription(
            made=made,
            types=types,
            values=summary.values,
            requests=summary.requests,
            bodies=summary.bodies,
            cases=summary.cases,
            organisation=stated.get("organisation") or {},
            use_cases=found["use_case"],
            providers=found["provider"],
            retention={name: kept.model_dump() for name, kept in table.classes.items()},
        )
