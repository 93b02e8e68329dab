"""Which bundle each gateway runs, by the entries that it wrote; and what is wrong with the bundle.

A gateway records each snapshot before it applies it; the entry names the bundle of that snapshot.
"""

from collections.abc import Sequence

import orjson

from gateway.core.snapshot import bundle_digest
from gateway.decisions import BundleError
from gateway.evidence import CLOSE, INTENT
from gateway.evidence.stored_leaf import leaf_of
from gateway.governance.audit.request_group import Ask
from gateway.governance.policies.schemas import (
    GatewayBundle,
    PolicyFault,
    PolicyStatusResponse,
)
from gateway.governance.policies.service import Policies
from gateway.governance.stops.acknowledgements import LiveGateway, gateways

_MOST_SWAPS = 2000  # newest entries that are read
_LEAVES = (
    "SELECT e.log, e.seq, e.time, e.event, e.request, e.leaf FROM audit_detail d "
    "JOIN audit_entry e ON e.log = d.log AND e.seq = d.seq "
    f"WHERE d.event = 'gateway:snapshot:swap' AND d.event <> '{INTENT}' "
    f"AND d.event <> '{CLOSE}' "  # so that the index of rare events will do
    f"ORDER BY d.time DESC, d.seq DESC LIMIT {_MOST_SWAPS}"
)


class PolicyStatus:
    """The bundle in force, the gateways that run it, and its faults."""

    def __init__(self, policies: Policies, rows: Ask) -> None:
        """``rows`` reads the trail."""
        self._policies = policies
        self._rows = rows
        self._checked: tuple[str, list[PolicyFault]] | None = None

    async def show(self) -> PolicyStatusResponse:
        """The state of this moment."""
        files = await self._policies.active()
        digest = bundle_digest(files)
        live = (await gateways(self._rows, 0)).live
        running = await self._running(live)
        shown = [
            GatewayBundle(gateway=one.name, bundle=found[0], since=found[1])
            for one, found in zip(live, running, strict=True)
        ]
        return PolicyStatusResponse(
            digest=digest,
            before=await self._policies.before(digest),
            converged=all(one.bundle == digest for one in shown),
            gateways=shown,
            faults=await self._faults(digest, files),
        )

    async def _running(self, live: Sequence[LiveGateway]) -> list[tuple[str | None, int | None]]:
        """The bundle of each gateway, and since when it runs it (epoch milliseconds)."""
        rows = await self._rows(_LEAVES, {}) if live else []
        rows.sort(key=lambda row: (row["time"], row["seq"]))
        found: list[tuple[str | None, int | None]] = []
        for one in live:
            bundle, since = None, None
            for row in rows:
                if row["log"] in one.logs:
                    named = str(orjson.loads(leaf_of(row))["bundle"])
                    if named != bundle:
                        bundle, since = named, int(row["time"])
            found.append((bundle, since))
        return found

    async def _faults(self, digest: str, files: dict[str, str]) -> list[PolicyFault]:
        """What a new bundle may not have; the one in force serves with it."""
        if self._checked is None or self._checked[0] != digest:
            try:
                found = (await self._policies.check(files)).faults
                faults = [PolicyFault.model_validate(fault) for fault in found]
            except BundleError as error:
                faults = [PolicyFault(file="", line=0, message=str(error))]
            self._checked = digest, faults
        return self._checked[1]
