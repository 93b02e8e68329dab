"""Collects the facts of a report: the entries of a period, and the present catalogue."""

from collections.abc import AsyncIterator, Callable
from functools import partial
from importlib.metadata import version
from typing import Any
from zoneinfo import ZoneInfo

import orjson

from gateway.core.snapshot import bundle_digest
from gateway.core.text import yaml_text
from gateway.evidence import INTENT
from gateway.evidence.disclosure_profile import DisclosureProfile
from gateway.evidence.entry import values_of
from gateway.evidence.export import LogRange
from gateway.evidence.export_row import ExportRow
from gateway.governance.audit.request_group import Ask
from gateway.governance.catalogue.service import Catalogue
from gateway.governance.evaluations.recorded import RecordedEvaluations, recorded_evaluations
from gateway.governance.models.service import ModelRegistry
from gateway.governance.policies.service import Policies
from gateway.governance.reports.cases import open_cases
from gateway.governance.reports.counts import WITHHELD, Counts
from gateway.governance.reports.effective_config import EffectiveConfig
from gateway.governance.reports.entry_aggregator import EntryAggregator, Values
from gateway.governance.reports.facts import Facts, FactSource, Period, PolicyFacts, RegisterFacts
from gateway.governance.reports.published import detection
from gateway.governance.reports.schemas import ScheduledReport
from gateway.storage.database import Database

_DEPARTURE = (
    f"SELECT time, log, seq, disclosure FROM audit_detail WHERE request = :request "
    f"AND event = '{INTENT}'"
)
_CLOSES = (
    "SELECT time, log, seq FROM audit_detail WHERE request = :request "
    "AND event = 'request:answer:close'"
)
_OLDEST = "SELECT MIN(time) AS time FROM audit_detail"
_PROVIDER = ("name", "kind", "zone")  # of those that name no one
_PEOPLE = ("registered_by", "approved_by")
_USE_CASE = ("name", "legal_basis", "risk", "zones", "floor")
_MODEL = (
    "name",
    "version",
    "kind",
    "digest",
    "state",
    "clearance",
    "registered_by",
    "approved_by",
    "tags",
)


class OutOfRangeEntries:
    """Looks up entries of requests outside the read range."""

    def __init__(self, ask: Ask, profile: DisclosureProfile) -> None:
        self._ask = ask
        self._profile = profile

    async def departure(self, request: str) -> Values | None:
        """The values of its last departure to a deployment; None when they are erased."""
        rows = await self._ask(_DEPARTURE, {"request": request})
        if not rows:
            return None
        ordered = sorted(rows, key=lambda row: (row["time"], row["seq"]))
        known = [values_of(bytes(row["disclosure"])) for row in ordered]
        own = [values for values in known if "guardrail" not in values]
        return self._profile.disclosed((own or known)[-1])

    async def first_close(self, request: str) -> tuple[str, int]:
        """Log and number of its first closing entry."""
        rows = await self._ask(_CLOSES, {"request": request})
        first = min(rows, key=lambda row: (row["time"], row["log"], row["seq"]))
        return first["log"], first["seq"]


def counting(
    period: Period, ask: Ask, profile: DisclosureProfile = DisclosureProfile.FULL
) -> EntryAggregator:
    """The aggregator for the entries of a period under a profile."""
    zone, others = ZoneInfo(period.timezone), OutOfRangeEntries(ask, profile)
    return EntryAggregator(period.since, period.until, zone=zone, others=others, profile=profile)


async def counted(rows: AsyncIterator[ExportRow], period: Period, ask: Ask) -> Counts:
    """All figures of a period, from its entries in the order of the log."""
    counter = counting(period, ask)
    async for row in rows:
        await counter.add(row)
    return counter.done()


def source_of(part: LogRange) -> FactSource:
    """The counted part of the log."""
    origin = part.note.split("\n", 1)[0]
    count = part.end - part.first
    return FactSource(
        origin, part.size, part.root.hex(), part.first, part.end, count, witnessed=part.witnessed
    )


class Collector:
    """Combines the figures with catalogue, models and policies."""

    def __init__(
        self,
        database: Database,
        catalogue: Catalogue,
        models: ModelRegistry,
        policies: Policies,
        *,
        wall: Callable[[], float],
    ) -> None:
        self._database = database
        self._catalogue = catalogue
        self._models = models
        self._policies = policies
        self._wall = wall

    async def timezone(self) -> str:
        """The time zone of the organisation's periods."""
        return str((await self.stated()).get("reports", {}).get("timezone", "UTC"))

    async def scheduled(self) -> list[ScheduledReport]:
        """The scheduled kinds of reports, in the order of the configuration."""
        stated = (await self.stated()).get("reports", {}).get("regular", [])
        return [ScheduledReport(**one) for one in stated]

    async def stated(self) -> dict[str, Any]:
        """The statements of the configuration for registers."""
        async with self._database.read() as connection:
            found = (await self._catalogue.load(connection))["register"]
        return dict(orjson.loads(found[0])) if found else {}

    async def facts(
        self,
        kind: str,
        period: Period,
        part: LogRange,
        counts: Counts,
        ask: Ask,
        *,
        made: int | None = None,
        profile: DisclosureProfile = DisclosureProfile.FULL,
    ) -> Facts:
        """The facts of one report; ``made`` is epoch milliseconds, now by default.

        ``profile`` decides whether the catalogue names people.
        """
        register = await self._register()
        made = int(self._wall() * 1000) if made is None else made
        return Facts(
            kind=kind,
            period=period,
            made=made,
            source=source_of(part),
            counts=counts,
            register=_without_people(register)
            if profile is DisclosureProfile.METADATA
            else register,
            rules=await self._rules(ask),
            detection=detection(),
            standing=await open_cases(ask, min(period.until, made), profile),
        )

    def effective_config(self, profile: DisclosureProfile) -> EffectiveConfig:
        """The collector of the policies, models and detectors that entries name."""
        evaluated = partial(recorded_evaluations, self._database)
        return EffectiveConfig(self._policies, self._models, evaluated, profile)

    async def _register(self) -> RegisterFacts:
        async with self._database.read() as connection:
            raw = await self._catalogue.load(connection)
        found = {kind: [orjson.loads(item) for item in items] for kind, items in raw.items()}
        stated = found["register"][0] if found["register"] else {}
        evaluated = await recorded_evaluations(self._database)
        providers, cases = stated.get("providers", {}), stated.get("use_cases", {})
        return RegisterFacts(
            organisation=stated.get("organisation") or {},
            providers=[
                {**_part(one, (*_PROVIDER, "contract")), **providers.get(one["name"], {})}
                for one in found["provider"]
            ],
            deployments=[_part(one, ("name", "provider", "model")) for one in found["deployment"]],
            aliases=found["alias"],
            use_cases=[{**one, **cases.get(one["name"], {})} for one in found["use_case"]],
            teams=[_part(one, ("name", "floor")) for one in found["team"]],
            models=[_part(one.model_dump(), _MODEL) for one in await self._models.list()],
            evaluations=evaluated.runs,
            overrides=evaluated.overrides,
        )

    async def _rules(self, ask: Ask) -> PolicyFacts:
        files = await self._policies.active()
        redaction = yaml_text.load(files.get("redaction.yaml", "")) or {}
        vault, responses = redaction.get("vault") or {}, redaction.get("responses") or {}
        classes, by_risk = _retention(files.get("retention.yaml", ""))
        oldest = [row["time"] for row in await ask(_OLDEST, {}) if row["time"] is not None]
        return PolicyFacts(
            bundle=bundle_digest(files),
            version=version("sluis"),
            vault_kept=bool(vault.get("keep", True)),
            vault_hours=int(vault.get("hours", 24)),
            answers=str(redaction.get("answers", "keep")),
            oldest_entry=min(oldest, default=None),
            retention=classes,
            retention_by_risk=by_risk,
            responses_hours=int(responses.get("hours", 720)) if responses.get("keep") else 0,
        )


def _without_people(register: RegisterFacts) -> RegisterFacts:
    """The register without contacts, owners, teams, and the people behind model versions."""
    evaluated = RecordedEvaluations(
        register.evaluations or [], register.overrides or []
    ).with_people(WITHHELD)
    return RegisterFacts(
        organisation=_part(register.organisation, ("name",)),
        providers=[_part(one, _PROVIDER) for one in register.providers],
        deployments=register.deployments,
        aliases=register.aliases,
        use_cases=[_part(one, _USE_CASE) for one in register.use_cases],
        teams=[],
        models=[
            {**one, **{name: WITHHELD for name in _PEOPLE if name in one}}
            for one in register.models
        ],
        evaluations=evaluated.runs,
        overrides=evaluated.overrides,
    )


def _retention(raw: str) -> tuple[dict[str, dict[str, int]], dict[str, str]]:
    """Days by class and part, and the class by risk; empty without a retention table."""
    stated = yaml_text.load(raw) or {}
    classes = {
        str(name): {str(part): days for part, days in parts.items() if isinstance(days, int)}
        for name, parts in (stated.get("classes") or {}).items()
    }
    by_risk = {str(risk): str(name) for risk, name in (stated.get("by_risk") or {}).items()}
    return classes, by_risk


def _part(document: dict[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    """The given values of some names in a document."""
    return {name: document[name] for name in names if document.get(name) is not None}
