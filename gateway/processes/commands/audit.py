"""``sluis audit``: search and export the trail, and verify exports and receipts offline."""

import datetime
import sys
from pathlib import Path
from urllib.parse import quote

import click

from gateway.processes.commands.audit_search import PENDING, reveal, search, show_request
from gateway.processes.commands.common import (
    anywhere,
    ask,
    data_dir_option,
    example,
    json_option,
    moment,
    run,
    settings_of,
)
from gateway.processes.commands.printing import show
from gateway.processes.settings import Settings

_RECEIPT_EXIT_CODES = {"tampered": 1, "unreadable": 2, "unknown_key": 3}
_RECEIPT_TEXTS = {
    "en": {
        "holds": "This receipt holds. Under a signed head over {size} entries stand, "
        "for {audit_id}:",
        "more": "It does not say that there are no later entries of this request.",
        "tampered": "This receipt does NOT hold: {detail}.",
        "unreadable": "This receipt cannot be read: {detail}.",
        "unknown_key": "This receipt was signed with another key than yours: {detail}.",
    },
    "nl": {
        "holds": "Dit ontvangstbewijs klopt. Onder een ondertekende kop over {size} regels staan, "
        "voor {audit_id}:",
        "more": "Het zegt niet dat er geen latere regels van dit verzoek zijn.",
        "tampered": "Dit ontvangstbewijs klopt NIET: {detail}.",
        "unreadable": "Dit ontvangstbewijs is niet te lezen: {detail}.",
        "unknown_key": "Dit ontvangstbewijs is met een andere sleutel ondertekend dan de uwe: "
        "{detail}.",
    },
}


@click.group()
def audit() -> None:
    """Search and export the trail, and verify exports."""


audit.add_command(search)
audit.add_command(show_request)
audit.add_command(reveal)


@audit.command(
    "export",
    epilog=example(
        "sluis audit export --from 2026-11-01 --to 2026-12-01 --output nov.zip\n"
        "  sluis audit export --from 2026-11-01 --to 2026-11-02 --output full.zip "
        "--profile full --reason 'complaint 2026-17'\n"
        "  sluis audit export --from 2026-11-01 --to 2026-12-01 --output abroad.zip "
        "--where zone=eu,global --where level=confidential"
    ),
)
@click.option("--from", "since", required=True, help="First day or moment (ISO 8601, UTC).")
@click.option("--to", "until", required=True, help="End, exclusive; a day means its end.")
@click.option("--output", required=True, type=click.Path(path_type=Path, dir_okay=False))
@click.option(
    "--format",
    "formats",
    default="jsonl,csv",
    show_default=True,
    help="Of jsonl, csv, parquet and pdf (a report in Dutch and English).",
)
@click.option(
    "--profile",
    type=click.Choice(["metadata", "pseudonymised", "full"]),
    default="pseudonymised",
    show_default=True,
    help="metadata: nothing that points at a person. full: the stored, redacted bodies too, "
    "once another person has approved it.",
)
@click.option(
    "--where",
    multiple=True,
    metavar="FIELD=VALUE[,VALUE]",
    help="Open only entries with such a deployment, event, level, outcome or zone. All others "
    "are in the package too, closed, which proves that none is left out.",
)
@click.option("--reason", default="", help="Why; needed for a full package, and on record.")
@anywhere
@json_option
def export(
    since: str,
    until: str,
    output: Path,
    formats: str,
    profile: str,
    where: tuple[str, ...],
    reason: str,
    settings: Settings,
    *,
    as_json: bool,
) -> None:
    """Write a package that proves a period complete."""
    from gateway.processes import control_client

    body = {
        "since": moment(since, end=False),
        "until": moment(until, end=True),
        "formats": [name.strip() for name in formats.split(",") if name.strip()],
        "profile": profile,
        "reason": reason,
        "where": _where(where),
    }
    done = run(control_client.export(settings, body, output))
    if done.get("state") == "pending":
        show(done, as_json=as_json)
        sys.exit(PENDING)
    show({**done, "written": str(output)}, as_json=as_json)


@audit.command(
    "verify",
    epilog=example(
        "sluis audit verify nov.zip --key signing.pub\n"
        "  sluis audit verify nov.zip --statement --language nl"
    ),
)
@click.argument("package", type=click.Path(path_type=Path))
@click.option(
    "--key",
    default=None,
    type=click.Path(path_type=Path),
    help="The public key (default: the data directory's).",
)
@click.option(
    "--chain",
    default=None,
    type=click.Path(path_type=Path),
    help="Links between keys, where the package has none.",
)
@click.option(
    "--witness-key",
    multiple=True,
    type=click.Path(path_type=Path),
    help="File with the public keys of witnesses that you trust.",
)
@click.option(
    "--witness-file",
    multiple=True,
    type=click.Path(path_type=Path),
    help="Signed heads that a witness kept.",
)
@click.option("--require-witness", is_flag=True, help="Fail when no such witness saw all of it.")
@click.option(
    "--statement",
    is_flag=True,
    help="Say in five sentences what is proven of the period, what is not, and why.",
)
@click.option("--language", "--lang", type=click.Choice(["en", "nl"]), default=None)
@data_dir_option
@json_option
def verify(
    package: Path,
    key: Path | None,
    chain: Path | None,
    witness_key: tuple[Path, ...],
    witness_file: tuple[Path, ...],
    language: str | None,
    data_dir: Path | None,
    *,
    require_witness: bool,
    statement: bool,
    as_json: bool,
) -> None:
    """Verify an export; exit code 0 only when all of it holds.

    The exit code says nothing of the sentences of --statement: each has its own verdict.
    """
    from gateway.core.system.secrets import PUBLIC
    from gateway.evidence import verify as verifier

    public = key or settings_of(data_dir).secrets_dir / PUBLIC
    options: list[tuple[str, Path | str | None]] = [
        ("--key", public),
        ("--chain", chain),
        ("--language", language),
        *(("--witness-key", path) for path in witness_key),
        *(("--witness-file", path) for path in witness_file),
    ]
    arguments = [str(package)]
    arguments += [text for name, value in options if value for text in (name, str(value))]
    flags = {"--require-witness": require_witness, "--statement": statement, "--json": as_json}
    arguments += [name for name, given in flags.items() if given]
    sys.exit(int(verifier.main(arguments)))


@audit.command("rotate-key", epilog=example("sluis audit rotate-key --to ./new-signing-key"))
@click.option(
    "--to",
    "target",
    default=None,
    type=click.Path(path_type=Path, file_okay=False),
    help="Where the new files go (default: the secrets directory itself).",
)
@data_dir_option
@json_option
def rotate_key(target: Path | None, data_dir: Path | None, *, as_json: bool) -> None:
    """Make a new signing key, signed by the old one; it signs from the next start on."""
    from gateway.processes import key_rotation

    show(run(key_rotation.rotate(settings_of(data_dir), target)), as_json=as_json)
    if not as_json:
        click.echo("Start the control plane again, then the gateways and workers.")


@audit.command("receipt", epilog=example("sluis audit receipt AUDIT_ID --output receipt.json"))
@click.argument("audit_id")
@click.option("--output", required=True, type=click.Path(path_type=Path, dir_okay=False))
@anywhere
def receipt(audit_id: str, output: Path, settings: Settings) -> None:
    """Write a proof that the entries of one request are in the log."""
    import msgspec

    document = ask(settings, "GET", f"/audit/{quote(audit_id, safe='')}/receipt")
    output.write_bytes(msgspec.json.format(msgspec.json.encode(document), indent=1))
    click.echo(str(output))


@audit.command(
    "verify-receipt", epilog=example("sluis audit verify-receipt receipt.json --key signing.pub")
)
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--key",
    default=None,
    type=click.Path(path_type=Path),
    help="The public key (default: the data directory's).",
)
@click.option("--language", "--lang", type=click.Choice(list(_RECEIPT_TEXTS)), default="en")
@data_dir_option
def verify_receipt(file: Path, key: Path | None, language: str, data_dir: Path | None) -> None:
    """Check a receipt, offline; exit code 0 only when it holds."""
    from gateway.core.system.secrets import PUBLIC
    from gateway.evidence.receipt import ReceiptError, check, read

    texts = _RECEIPT_TEXTS[language]
    try:
        public = _key(key or settings_of(data_dir).secrets_dir / PUBLIC)
        proven = check(read(_bytes(file)), public)
    except ReceiptError as error:
        click.echo(texts[error.reason].format(detail=error), err=True)
        sys.exit(_RECEIPT_EXIT_CODES[error.reason])
    click.echo(texts["holds"].format(size=proven.size, audit_id=proven.audit_id))
    for event, time_ms in proven.events:
        time = datetime.datetime.fromtimestamp(time_ms / 1000, datetime.UTC)
        click.echo(f"  {time.isoformat(timespec='milliseconds')}  {event}")
    click.echo(texts["more"])


def _where(conditions: tuple[str, ...]) -> dict[str, list[str]]:
    where: dict[str, list[str]] = {}
    for text in conditions:
        name, sign, values = text.partition("=")
        if not sign or not name or not values:
            raise click.ClickException(f"{text!r} is no FIELD=VALUE such as zone=global.")
        where.setdefault(name, []).extend(value.strip() for value in values.split(","))
    return where


def _bytes(path: Path) -> bytes:
    from gateway.evidence.receipt import LARGEST, ReceiptError

    try:
        with path.open("rb") as file:
            return file.read(LARGEST + 1)
    except OSError as error:
        raise ReceiptError("unreadable", f"{path.name}: {error.strerror}") from error


def _key(path: Path) -> bytes:
    """The 32 bytes of a public key file, which holds them as hex."""
    from gateway.evidence.receipt import ReceiptError

    try:
        key = bytes.fromhex(_bytes(path).decode().strip())
    except ValueError as error:
        raise ReceiptError("unreadable", f"{path.name} holds no public key") from error
    if len(key) != 32:
        raise ReceiptError("unreadable", f"{path.name} holds no public key")
    return key
