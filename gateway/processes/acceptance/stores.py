"""Checks of what gateways share: the store of limits, and the collector of telemetry."""

import asyncio
import statistics
from contextlib import suppress
from urllib.parse import urlsplit

from gateway.core.snapshot import Snapshot
from gateway.core.text import yaml_text
from gateway.decisions.failures import FailureTable
from gateway.limits.store_settings import StoreSettings
from gateway.processes.acceptance.findings import (
    CheckFindings,
    CheckOutcome,
    Verdict,
    failed,
    judged,
    passed,
    skipped,
)
from gateway.processes.settings import Settings

_MOST_CALL_MS = 25.0  # a request waits for up to two calls
_CONNECT_S = 3.0
_EXPORT_S = 3.0
_PORTS = {"https": 443, "http": 80}


async def check_stores(
    findings: CheckFindings, settings: Settings, snapshot: Snapshot | None
) -> None:
    """Check the store and the collector that these settings name."""
    if settings.valkey is None:
        findings.skip("limits_store", "", "no_store")
    else:
        await _check_limits(findings, settings.valkey)
        if snapshot is not None:
            findings.add("limits_away", "", _declared(snapshot))
    if settings.otlp_endpoint is None:
        findings.skip("collector", "", "no_collector")
        return
    endpoint = settings.otlp_endpoint

    async def collector() -> Verdict:
        return await _collects(endpoint)

    await findings.run("collector", _place_of(endpoint), collector)


async def _check_limits(findings: CheckFindings, store: StoreSettings) -> None:
    """Look at the server; where it can be used, try its scripts in counters that no caller has."""
    from gateway.limits.shared import StoreAway, try_out

    times_ms: list[float] = []

    async def server() -> Verdict:
        return await _server_of(store)

    async def scripts() -> Verdict:
        try:
            times_ms.extend(await try_out(store))
        except StoreAway as away:
            return failed(str(away))
        return passed(f"{len(times_ms)} calls")

    seen = await findings.run("limits_store", store.place, server)
    if seen.outcome is CheckOutcome.FAULT:
        return
    await findings.run("limits_scripts", store.place, scripts)
    if times_ms:
        call_ms = statistics.median(times_ms)
        latency = judged(f"{call_ms:.1f} ms", ok=call_ms <= _MOST_CALL_MS)
        findings.add("limits_latency", store.place, latency)


async def _server_of(settings: StoreSettings) -> Verdict:
    from gateway.limits.shared import Store, StoreAway, problem_of

    store = Store(settings, pepper=b"")
    try:
        facts = await store.facts()
    except StoreAway as away:
        return failed(str(away))
    finally:
        await store.close()
    problem = problem_of(facts)
    return judged(problem or f"version {facts['version']}", ok=problem is None)


def _declared(snapshot: Snapshot) -> Verdict:
    """What policy says; nothing is taken away to see it."""
    table = FailureTable.of(yaml_text.mapping(snapshot.bundle["failures.yaml"]))
    local = table.local_limits
    declared = "mode: refuse" if local is None else f"mode: local, replicas: {local.replicas}"
    return skipped("not_caused", declared)


async def _collects(endpoint: str) -> Verdict:
    """An export without content is taken; where it is not, whether anything answers there."""
    from gateway.telemetry.export import refused_signals

    refused = await asyncio.to_thread(refused_signals, endpoint, timeout_s=_EXPORT_S)
    if not refused:
        return passed("traces, metrics")
    return failed(f"{', '.join(refused)}: {await _connection_to(endpoint)}")


async def _connection_to(endpoint: str) -> str:
    url = urlsplit(endpoint)
    try:
        async with asyncio.timeout(_CONNECT_S):
            port = url.port or _PORTS.get(url.scheme, _PORTS["http"])
            _, writer = await asyncio.open_connection(url.hostname, port)
    except OSError as error:
        return f"no connection ({type(error).__name__})"
    writer.close()
    with suppress(OSError):
        await writer.wait_closed()
    return "it answers, and takes no export"


def _place_of(endpoint: str) -> str:
    """The address without a login."""
    return endpoint.rpartition("@")[2] if "@" in endpoint else endpoint
