"""``sluis reports``: make a report; list, get and recount the scheduled ones."""

from pathlib import Path

import click

from gateway.processes.commands.common import (
    anywhere,
    ask,
    data_dir_option,
    example,
    json_option,
    moment,
    refusals_shown,
    run,
    settings_of,
)
from gateway.processes.commands.printing import show
from gateway.processes.settings import Settings

_KINDS = click.Choice(["activity", "processing", "ai-act", "algorithms"])
_language = click.option(
    "--language", type=click.Choice(["nl", "en"]), default="en", show_default=True
)
_form = click.option(
    "--format",
    "form",
    type=click.Choice(["pdf", "csv", "json", "parquet"]),
    default="pdf",
    show_default=True,
)
_output = click.option("--output", required=True, type=click.Path(path_type=Path, dir_okay=False))

_input = click.Path(path_type=Path, exists=True, dir_okay=False)


@click.group()
def reports() -> None:
    """Make reports from the trail, and get the scheduled ones."""


@reports.command(
    "make",
    epilog=example(
        "sluis reports make --kind activity --from 2026-11-01 --to 2026-11-30 --language nl "
        "--output november.pdf"
    ),
)
@click.option("--kind", type=_KINDS, required=True)
@click.option("--from", "since", required=True, help="First day or moment (ISO 8601, UTC).")
@click.option("--to", "until", required=True, help="End, exclusive; a day means its end.")
@_language
@_form
@_output
@anywhere
@json_option
def make(
    settings: Settings,
    kind: str,
    since: str,
    until: str,
    language: str,
    form: str,
    output: Path,
    *,
    as_json: bool,
) -> None:
    """Make a report; this is recorded in the trail."""
    from gateway.processes import control_client

    body = {
        "kind": kind,
        "since": moment(since, end=False),
        "until": moment(until, end=True),
        "language": language,
        "format": form,
    }
    show(run(control_client.download(settings, "POST", "/reports", body, output)), as_json=as_json)


@reports.command("list", epilog=example("sluis reports list"))
@anywhere
@json_option
def list_(settings: Settings, *, as_json: bool) -> None:
    """List the scheduled reports and the stored ones."""
    found = ask(settings, "GET", "/reports")
    shown = {name: found[name] for name in ("timezone", "regular", "stored")}
    show(shown, as_json=as_json)


@reports.command(
    "get", epilog=example("sluis reports get 5f2c81d09ab34e6f --language nl --output r.pdf")
)
@click.argument("identity")
@_language
@_form
@_output
@anywhere
@json_option
def get(
    settings: Settings, identity: str, language: str, form: str, output: Path, *, as_json: bool
) -> None:
    """Get a stored report as a file."""
    from gateway.processes import control_client

    path = f"/reports/{identity}?language={language}&format={form}"
    show(run(control_client.download(settings, "GET", path, None, output)), as_json=as_json)


@reports.command("dora", epilog=example("sluis reports dora --output dora.csv"))
@_output
@anywhere
@json_option
def dora(settings: Settings, output: Path, *, as_json: bool) -> None:
    """Write the contracts with commercial providers as CSV, for DORA's register of information."""
    from gateway.governance.catalogue.information_register import as_csv

    found = ask(settings, "GET", "/providers/register")
    output.write_bytes(as_csv(found["rows"]))
    show({"written": str(output), "providers": len(found["rows"])}, as_json=as_json)


@reports.command("check", epilog=example("sluis reports check 5f2c81d09ab34e6f"))
@click.argument("identity")
@anywhere
@json_option
def check(settings: Settings, identity: str, *, as_json: bool) -> None:
    """Recount a stored report; exit code 0 only when its figures are the same."""
    found = ask(settings, "POST", f"/reports/{identity}/check")
    show(found, as_json=as_json)
    if not found["same"]:
        raise SystemExit(1)


@reports.command(
    "verify",
    epilog=example(
        "sluis reports verify november.json --key signing.pub\n"
        "  sluis reports verify acceptance.json --key first.pub --chain signing.chain"
    ),
)
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--key", type=_input, help="The public key (default: the data directory's).")
@click.option("--chain", type=_input, help="Links between keys, after a rotation.")
@data_dir_option
@json_option
def verify(
    file: Path, key: Path | None, chain: Path | None, data_dir: Path | None, *, as_json: bool
) -> None:
    """Verify the JSON form of a report or an acceptance, offline.

    Exit code 0 only when it holds; 1: tampered; 2: unreadable; 3: signed with another key.
    """
    from gateway.core.system.secrets import PUBLIC
    from gateway.governance.reports import verification

    public = key or settings_of(data_dir).secrets_dir / PUBLIC
    with refusals_shown():
        links = chain.read_text(encoding="utf-8") if chain else ""
        try:
            trusted = bytes.fromhex(public.read_text(encoding="ascii").strip())
            found = verification.verify(file.read_bytes(), trusted, links)
        except ValueError as error:
            raise click.ClickException(f"{public}, {chain or 'no chain'}: {error}.") from error
    shown = {"verdict": found.verdict.name, "kind": found.kind, "facts_sha256": found.digest}
    show(shown, as_json=as_json)
    raise SystemExit(found.verdict.value)
