"""Asks workers which versions they have loaded, and puts on record when a tag takes effect."""

import asyncio
import logging
import time
from collections.abc import Callable

from gateway.compiled.snapshot import CompiledSnapshot
from gateway.core.errors import UpstreamFailed
from gateway.egress import WorkerReport
from gateway.evidence import Entry, Trail, Value
from gateway.routing import ReportedVersions, Target

logger = logging.getLogger(__name__)
LOOK_S = 0.5
_SETTLED_S = 5.0  # between two questions while nothing is to be handed over
_WORKER = "worker"  # of providers
SWITCH, HOLD = "gateway:model:switch", "gateway:model:hold"


class WorkerWatch:
    """The versions that workers report, for the snapshots of this process."""

    def __init__(self, compiled: Callable[[], CompiledSnapshot | None], trail: Trail) -> None:
        self.reported = ReportedVersions()
        self._compiled = compiled
        self._trail = trail
        self._asked: dict[str, float] = {}  # monotonic seconds, by address
        self._reports: dict[str, WorkerReport] = {}
        self._serving: dict[str, str | None] = {}  # the version, by deployment
        self._held: dict[str, tuple[str | None, str | None]] = {}

    async def look(self) -> None:
        """Ask the workers that are due, and record what has changed; call it twice a second.

        Raises:
            Unavailable: when the trail cannot be written; it is written at the next call.
        """
        await self.ask()
        if (compiled := self._compiled()) is None:
            return
        for wanted, serving in compiled.catalogue.handovers():
            await self._record_switch(serving)
            await self._record_hold(wanted, serving)

    async def ask(self) -> None:
        """Ask each worker that has a version to load, and the others now and then."""
        if (compiled := self._compiled()) is None:
            return
        workers = {
            one.base_url: one.name for one in compiled.snapshot.providers if one.kind == _WORKER
        }
        unsettled = {
            wanted.provider.base_url
            for wanted, _ in compiled.catalogue.handovers()
            if wanted.digest not in (self.reported.at(wanted.provider.base_url) or ())
        }
        now = time.monotonic()
        due = [
            self._ask(compiled, address, provider)
            for address, provider in workers.items()
            if address in unsettled or now - self._asked.get(address, -_SETTLED_S) >= _SETTLED_S
        ]
        await asyncio.gather(*due)

    async def _ask(self, compiled: CompiledSnapshot, address: str, provider: str) -> None:
        self._asked[address] = time.monotonic()
        try:
            report = await compiled.egress.report(provider)
        except UpstreamFailed:
            self._reports.pop(address, None)
            self.reported.note(address, None)
            return
        self._reports[address] = report
        self.reported.note(address, report.ready)

    async def _record_switch(self, serving: Target) -> None:
        """Put on record that a deployment serves another version from now on."""
        ready = self.reported.at(serving.provider.base_url)
        if ready is None or serving.digest not in ready:
            return
        name, before = _version(serving), self._serving.get(serving.name)
        if before not in (None, name):
            fields: dict[str, Value] = {**_about(serving), "before": before}
            await self._trail.record(Entry(SWITCH, "", _now_ms(), fields))
            logger.info("model:version:switch", extra={"model": serving.name, "found": name})
        self._serving[serving.name] = name

    async def _record_hold(self, wanted: Target, serving: Target) -> None:
        """Put on record that a worker refuses the version of a deployment, once."""
        report = self._reports.get(wanted.provider.base_url)
        refused = [one for one in report.refused if one.digest == wanted.digest] if report else []
        if not refused:
            self._held.pop(wanted.name, None)
            return
        cause = refused[0].cause or ""
        if self._held.get(wanted.name) == (wanted.digest, cause):
            return
        fields: dict[str, Value] = {
            **_about(wanted),
            "before": _version(serving) if serving is not wanted else None,
            "load_failure": cause,
        }
        await self._trail.record(Entry(HOLD, "", _now_ms(), fields))
        about = {
            "model": wanted.name,
            "wanted": _version(wanted),
            "found": fields["before"],
            "reason": cause,
        }
        logger.error("model:version:hold", extra=about)
        self._held[wanted.name] = wanted.digest, cause


def _now_ms() -> int:
    return int(time.time() * 1000)


def _version(target: Target) -> str | None:
    return f"{target.version.name}@{target.version.version}" if target.version else None


def _about(target: Target) -> dict[str, Value]:
    return {
        "deployment": target.name,
        "provider": target.provider.name,
        "model_version": _version(target),
        "model_digest": target.digest,
    }
