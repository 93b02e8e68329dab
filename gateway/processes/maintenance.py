"""Jobs on the installation of this machine: the database's version, and a look at everything."""

from typing import Any, Protocol

from gateway.core.errors import TrailDamaged, Unavailable
from gateway.core.system.secrets import PUBLIC
from gateway.decisions import BundleError
from gateway.governance.policies.service import check, read_bundle
from gateway.processes.control_plane import opened
from gateway.processes.secrets_loader import look_at_key_service
from gateway.processes.settings import Settings


class Diagnosis(Protocol):
    """Takes down one check, and what to do when it is not well."""

    def __call__(self, what: str, *, ok: bool, todo: str = "") -> None: ...


async def migrate(settings: Settings) -> None:
    """Brings the database to this version."""
    async with opened(settings):
        return


async def doctor(settings: Settings) -> dict[str, Any]:
    """Looks at everything that can be looked at without changing it."""
    checks: list[dict[str, Any]] = []

    def note(what: str, *, ok: bool, todo: str = "") -> None:
        checks.append({"check": what, "ok": ok, "todo": "" if ok else todo})

    note("data directory", ok=settings.data_dir.is_dir(), todo="run `sluis up` once")
    note(
        "secrets", ok=(settings.secrets_dir / PUBLIC).exists(), todo="restore the secrets directory"
    )
    if looked := await look_at_key_service(settings):
        about, problem = looked
        note(about, ok=problem is None, todo=problem or "")
    try:
        check(read_bundle())
        note("packaged policies", ok=True)
    except BundleError as error:
        note("packaged policies", ok=False, todo=str(error))
    if all(item["ok"] for item in checks):
        try:
            await _look_inside(settings, note)
        except Unavailable as error:
            note("database", ok=False, todo=f"{error.message} ({type(error.__cause__).__name__})")
        except TrailDamaged as error:
            note("trail holds together", ok=False, todo=str(error))
    note(
        "a witness for the trail",
        ok=settings.embedded or settings.witnessing.witnessed,
        todo="set SLUIS_WITNESSES, or nobody but the database's owner can say what the trail was",
    )
    return {"checks": checks}


async def _look_inside(settings: Settings, note: Diagnosis) -> None:
    """What is in the database; another run of the sequencer tells whether the trail holds together."""
    async with opened(settings) as plane:
        await plane.trail.log.advance()
        note("database", ok=True)
        note("trail holds together", ok=True)
        behind = await plane.subjects.erasure_gap()
        note(
            "no backup from before an erasure",
            ok=behind is None,
            todo=f"run `sluis erase --replay {settings.erasures}`",
        )
