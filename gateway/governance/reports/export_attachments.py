"""Attachments of an export: effective configuration, reports in all languages, a table."""

import asyncio
from collections.abc import Collection, Mapping

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gateway.evidence.disclosure_profile import DisclosureProfile
from gateway.evidence.export import LogRange
from gateway.evidence.export_row import ExportRow
from gateway.governance.audit.export_observer import ExportObserver
from gateway.governance.audit.request_group import Ask
from gateway.governance.reports.collector import Collector, counting
from gateway.governance.reports.entries_table import EntriesTable
from gateway.governance.reports.entry_aggregator import EntryAggregator
from gateway.governance.reports.facts import Period, sign
from gateway.governance.reports.kinds import LANGUAGES
from gateway.governance.reports.rendering import Signed, render


class ExportAttachments:
    """Makes the observer that collects the attachments of one export."""

    def __init__(self, collector: Collector, key: Ed25519PrivateKey) -> None:
        self._collector = collector
        self._key = key

    def __call__(
        self,
        formats: Collection[str],
        period: tuple[int, int],
        part: LogRange,
        ask: Ask,
        profile: DisclosureProfile,
    ) -> ExportObserver:
        """The observer for some formats; the effective configuration is always attached.

        Raises:
            Unavailable: when a package that a format needs is not installed.
        """
        return _Parts(self._collector, self._key, formats, period, part, ask, profile)


class _Parts:
    def __init__(
        self,
        collector: Collector,
        key: Ed25519PrivateKey,
        formats: Collection[str],
        period: tuple[int, int],
        part: LogRange,
        ask: Ask,
        profile: DisclosureProfile,
    ) -> None:
        self._collector = collector
        self._key = key
        self._period = period
        self._part = part
        self._ask = ask
        self._profile = profile
        self._table = EntriesTable(profile) if "parquet" in formats else None
        self._reports = "pdf" in formats
        self._effective_config = collector.effective_config(profile)
        self._counting: tuple[Period, EntryAggregator] | None = None

    async def add(self, row: ExportRow) -> None:
        """Count an entry, add it to the table, and collect the names in it."""
        self._effective_config.add(row)
        if self._reports:
            _, counter = await self._counter()
            await counter.add(row)
        if self._table:
            self._table.add(row)

    async def parts(self) -> Mapping[str, bytes]:
        """The files by name.

        ``report.LANGUAGE.pdf``, ``report.json`` with the signed facts, ``entries.parquet``, and the
        effective configuration.
        """
        found = dict(await self._effective_config.parts())
        if self._table:
            found["entries.parquet"] = await asyncio.to_thread(self._table.bytes)
        if self._reports:
            signed = await self._signed()
            found["report.json"] = await asyncio.to_thread(render, signed, "en", "json")
            for language in LANGUAGES:
                name = f"report.{language}.pdf"
                found[name] = await asyncio.to_thread(render, signed, language, "pdf")
        return found

    async def _counter(self) -> tuple[Period, EntryAggregator]:
        if self._counting is None:
            period = Period(*self._period, await self._collector.timezone())
            self._counting = period, counting(period, self._ask, self._profile)
        return self._counting

    async def _signed(self) -> Signed:
        period, counter = await self._counter()
        facts = await self._collector.facts(
            "activity", period, self._part, counter.done(), self._ask, profile=self._profile
        )
        public = self._key.public_key().public_bytes_raw().hex()
        return Signed(facts, sign(facts.canonical(), self._key), public)
