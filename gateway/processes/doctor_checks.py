"""Checks of the doctor that look at this machine: disk, clock, certificates, names of providers."""

import asyncio
import ipaddress
import shutil
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Protocol

from cryptography import x509

from gateway.core.snapshot import Snapshot
from gateway.egress.address import ProviderRefused, resolve, resolve_proxy
from gateway.governance.plane import ControlPlane
from gateway.processes.settings import Settings

_LEAST_FREE = 1024**3  # bytes
_MOST_SKEW_S = 2.0
_NOTICE_S = 30 * 86_400
_LOOKUPS_S = 10.0


class Diagnosis(Protocol):
    """Records one check, and what to do when it failed."""

    def __call__(self, what: str, *, ok: bool, todo: str = "") -> None: ...


def check_disk(settings: Settings, record: Diagnosis) -> None:
    """Check that the data directory has room: a full disk stops every request."""
    if not settings.data_dir.is_dir():
        return
    free = shutil.disk_usage(settings.data_dir).free
    record(
        "the disk of the data directory has room",
        ok=free >= _LEAST_FREE,
        todo=f"free some space: {free >> 20} MiB are left for {settings.data_dir}",
    )


async def check_clock(plane: ControlPlane, record: Diagnosis) -> None:
    """Check that this machine and the database agree on the time: limits and tokens need it."""
    skew = await plane.database.clock_skew_s(time.time)
    record(
        "the clock is that of the database",
        ok=abs(skew) <= _MOST_SKEW_S,
        todo=f"synchronise both clocks (NTP): this machine is {skew:+.1f} s off",
    )


def check_certificates(settings: Settings, snapshot: Snapshot, record: Diagnosis) -> None:
    """Check that no certificate on this machine ends soon."""
    authorities = [one.ca for one in snapshot.providers] + [one.ca for one in snapshot.issuers]
    files = [Path(path) for path in authorities if path]
    if settings.worker_certificate:
        files.append(Path(settings.worker_certificate.chain))
    soon = sorted(set(_ending(files, time.time() + _NOTICE_S, all_here=settings.embedded)))
    record(
        "no certificate ends within 30 days",
        ok=not soon,
        todo=f"replace {', '.join(soon)}",
    )


async def check_providers(snapshot: Snapshot, record: Diagnosis) -> None:
    """Check that each provider resolves to addresses that it may have; nothing is sent."""
    internal = [ipaddress.ip_network(one) for one in snapshot.internal_networks]
    refused = list[str]()

    def look() -> None:
        for provider in snapshot.providers:
            try:
                if provider.proxy:
                    resolve_proxy(provider)
                else:
                    resolve(provider, internal)
            except ProviderRefused as refusal:
                refused.append(str(refusal))

    try:
        async with asyncio.timeout(_LOOKUPS_S):
            await asyncio.to_thread(look)
    except TimeoutError:
        refused.append("the name service does not answer")
    record("providers have allowed addresses", ok=not refused, todo="; ".join(refused))


async def check_security_events(settings: Settings, record: Diagnosis) -> None:
    """Check that each receiver of security events can be reached; nothing is sent."""
    closed = []
    for place in settings.security_events:
        if place.transport == "udp":
            continue  # nobody answers
        try:
            async with asyncio.timeout(_LOOKUPS_S):
                _, writer = await asyncio.open_connection(place.host, place.port)
        except (OSError, TimeoutError) as error:
            closed.append(f"{place.label} ({type(error).__name__})")
        else:
            writer.close()
    if settings.security_events:
        record(
            "receivers of security events are reached",
            ok=not closed,
            todo=f"open the network to {', '.join(closed)}, or correct SLUIS_SECURITY_EVENTS",
        )


async def check_notices(plane: ControlPlane, record: Diagnosis) -> None:
    """Check that the channels of notices took their last message."""
    notices = plane.notices
    if not notices.channels:
        return
    states = await notices.states()
    failing = [
        f"{one.name} ({states[one.name].reason})"
        for one in notices.channels
        if one.name in states and states[one.name].failures
    ]
    record(
        "channels of notices take messages",
        ok=not failing,
        todo=f"{', '.join(failing)}: correct SLUIS_NOTICES, and try `sluis notices test`",
    )
    unknown = notices.unknown_roles()
    record(
        "channels of notices name known roles",
        ok=not unknown,
        todo=f"there is no role {', '.join(unknown)}: correct SLUIS_NOTICES",
    )


def _ending(files: Iterable[Path], before: float, *, all_here: bool) -> Iterator[str]:
    """The files with a certificate that ends before a time in epoch seconds, or that is none.

    ``all_here``: the files of every process are on this machine, so none may be missing.
    """
    for file in files:
        try:
            found = x509.load_pem_x509_certificates(file.read_bytes())
        except (OSError, ValueError):
            if file.exists():
                yield f"{file} (it holds no certificate)"
            elif all_here:
                yield f"{file} (it is missing)"
            continue
        if any(one.not_valid_after_utc.timestamp() < before for one in found):
            yield str(file)
