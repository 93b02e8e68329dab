"""Maintenance of the installation on this machine: database migration and diagnosis."""

import datetime
from typing import Any

from gateway.approvals.objects import kind_of_key
from gateway.core.errors import TrailDamaged, Unavailable
from gateway.core.objects.keys import ADMIN_KEY
from gateway.core.system.kek_check import WrongKek
from gateway.core.system.secrets import PUBLIC
from gateway.decisions import BundleError
from gateway.governance.actor import LOCAL_OPERATOR
from gateway.governance.changes.edits import FILE
from gateway.governance.changes.recovery import RECOVERY
from gateway.governance.keys.expiry_notice import NOTICE_DAYS
from gateway.governance.plane import ControlPlane
from gateway.governance.policies.bundle import check, read_bundle
from gateway.processes.control_plane import inspected_plane, open_plane
from gateway.processes.doctor_checks import (
    Diagnosis,
    check_certificates,
    check_clock,
    check_disk,
    check_notices,
    check_providers,
    check_security_events,
)
from gateway.processes.doctor_guardrails import check_guardrails
from gateway.processes.doctor_limits import check_gateways, check_store
from gateway.processes.doctor_models import check_versions, check_workers
from gateway.processes.secrets_loader import check_key_service
from gateway.processes.settings import Settings, resolve_reference
from gateway.storage.schema_version import SchemaMismatch

_KEK = "key-encryption key is that of the database"


async def migrate(settings: Settings) -> None:
    """Migrate the database to this version."""
    async with open_plane(settings):
        return


async def own_key(settings: Settings, reference: str, person: str) -> dict[str, Any]:
    """Name the first owner of an administrator's key, as the operator of this machine."""
    async with open_plane(settings) as plane:
        owned = await plane.first_owners.give(reference, person, LOCAL_OPERATOR)
        await plane.snapshots.publish_in_force()
    report = {"key": owned.key.id, "name": owned.key.name, "owner": owned.key.owner}
    if owned.source == FILE:
        report["next"] = (
            f"write `owner: {owned.key.owner}` at the key {owned.key.name} in sluis.yaml: applying "
            "the file without it takes the owner away"
        )
    return report


async def prove_code(settings: Settings, code: str) -> dict[str, Any]:
    """Prove a code of the way back, on record; it can be used as before."""
    async with open_plane(settings) as plane:
        person = await plane.recovery_proofs.prove(code, LOCAL_OPERATOR)
        proven = (await plane.recovery_proofs.proven())[person]
    return {"person": person, "proven": proven}


async def doctor(settings: Settings) -> dict[str, Any]:
    """Check everything that can be checked without changing it."""
    checks: list[dict[str, Any]] = []

    def record(what: str, *, ok: bool, todo: str = "") -> None:
        checks.append({"check": what, "ok": ok, "todo": "" if ok else todo})

    if settings.embedded:
        record("data directory", ok=settings.data_dir.is_dir(), todo="run `sluis up` once")
    check_disk(settings, record)
    record(
        "secrets",
        ok=(settings.secrets_dir / PUBLIC).exists(),
        todo="restore the secrets directory; at a first installation run `sluis secrets create`",
    )
    await check_security_events(settings, record)
    if checked := await check_key_service(settings):
        about, problem = checked
        record(about, ok=problem is None, todo=problem or "")
    try:
        check(read_bundle())
        record("packaged policies", ok=True)
    except BundleError as error:
        record("packaged policies", ok=False, todo=str(error))
    if all(item["ok"] for item in checks):
        try:
            await _check_database(settings, record)
        except Unavailable as error:
            record("database", ok=False, todo=f"{error.message} ({type(error.__cause__).__name__})")
        except SchemaMismatch as error:
            record("database", ok=False, todo=str(error))
        except WrongKek as error:
            record(_KEK, ok=False, todo=str(error))
        except TrailDamaged as error:
            record("trail holds together", ok=False, todo=str(error))
    await check_store(settings, record)
    record(
        "a witness for the trail",
        ok=settings.embedded or settings.witnessing.witnessed,
        todo="set SLUIS_WITNESSES: without a witness the database's owner can rewrite the trail",
    )
    return {"checks": checks}


async def _check_database(settings: Settings, record: Diagnosis) -> None:
    """Check the database, and whether the trail is intact up to its newest entries."""
    async with inspected_plane(settings) as plane:
        record(_KEK, ok=True)
        await plane.trail.log.examine()
        record("database", ok=True)
        record("trail holds together", ok=True)
        soon = [one.key.name for one in await plane.keys.expiring(NOTICE_DAYS)]
        record(
            f"no key expires within {NOTICE_DAYS} days",
            ok=not soon,
            todo=f"give {', '.join(soon)} more days (`sluis keys change`), or issue others",
        )
        await check_clock(plane, record)
        await check_notices(plane, record)
        if published := await plane.snapshots.published():
            check_certificates(settings, published, record)
            await check_providers(published, record)
            await check_gateways(plane, settings, published, record)
            check_versions(published, record)
            await check_workers(settings, published, record)
            await check_guardrails(
                published, record, secret=resolve_reference, everywhere=settings.embedded
            )
        await _check_statements(plane, record)
        await _check_approvers(plane, settings, record)
        for person, proven in (await plane.recovery_proofs.proven()).items():
            known = "never proven" if proven is None else f"last proven on {_day(proven)}"
            record(
                f"recovery code of {person}: {known}",
                ok=proven is not None,
                todo=f"{person} runs `sluis recover check` on this machine and types the code",
            )
        late = [one.id for one in await plane.break_glass.list() if one.state == "overdue"]
        record(
            "break-glass exceptions are reviewed in time",
            ok=not late,
            todo=f"review them: sluis break-glass review {' '.join(late)}",
        )
        gap = await plane.subjects.erasure_gap()
        record(
            "no backup from before an erasure",
            ok=gap is None,
            todo=f"run `sluis erase --replay {settings.erasures}`",
        )


def _day(seconds: float) -> str:
    return datetime.datetime.fromtimestamp(seconds, datetime.UTC).date().isoformat()


async def _check_statements(plane: ControlPlane, record: Diagnosis) -> None:
    """Check what is stated about use cases and providers.

    What was in force before statements were required is named, and is no fault.
    """
    use_cases = await plane.use_cases.list()
    gaps = await plane.catalogue.contract_gaps()
    for case in use_cases:
        if case.lacking:
            record(f"use case {case.name} is in force from before; {case.lacking}", ok=True)
    for gap in gaps:
        if gap.kept:
            record(str(gap), ok=True)
    late = [one for one in use_cases if one.review_state != "current"]
    record(
        "use cases are reviewed in time",
        ok=not late,
        todo="; ".join(f"{one.name}: due on {one.review}, {one.review_state}" for one in late),
    )
    ended = [str(gap) for gap in gaps if not gap.kept]
    record("commercial providers have a contract in force", ok=not ended, todo="; ".join(ended))


async def _check_approvers(plane: ControlPlane, settings: Settings, record: Diagnosis) -> None:
    """Check that one person who leaves does not take the last approval along."""
    published = await plane.snapshots.published()
    if settings.embedded or published is None:
        return
    unowned = [key.id for key in published.keys if kind_of_key(key) == ADMIN_KEY and not key.owner]
    record(
        "admin keys have owners",
        ok=not unowned,
        todo=f"they count as one person, the operator: name the first owner of {', '.join(unowned)}"
        " with `sluis keys own` (docs/leaving.md)",
    )
    approving = plane.permissions.powers.roles
    owners = {
        str(key.owner).casefold()
        for key in published.keys
        if approving & set(key.roles) and not key.blocked and key.id not in published.stops.keys
    }
    groups = {
        (issuer.name, group)
        for issuer in published.issuers
        for group, role in issuer.roles.items()
        if role in approving
    }
    record(
        "approvals do not end when one person leaves",
        ok=bool(groups) or len(owners) > 2 or RECOVERY in published.settings,
        todo="map a group of the sign-on to an approving role, give one to a third person, or seal "
        "the codes of two persons with `sluis recover code` (docs/leaving.md)",
    )
