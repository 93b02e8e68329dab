"""``sluis audit receipt`` and ``verify-receipt``: what proves that one request is in the log."""

import datetime
import sys
from pathlib import Path
from urllib.parse import quote

import click

from gateway.processes.commands.common import (
    anywhere,
    ask,
    data_dir_option,
    example,
    settings_of,
)
from gateway.processes.settings import Settings

_EXIT = {"tampered": 1, "unreadable": 2, "unknown_key": 3}
_WORDS = {
    "en": {
        "holds": "This receipt holds. Under a signed head over {size} entries stand, for {audit_id}:",
        "more": "It does not say that there are no later entries of this request.",
        "tampered": "This receipt does NOT hold: {detail}.",
        "unreadable": "This receipt cannot be read: {detail}.",
        "unknown_key": "This receipt was signed with another key than yours: {detail}.",
    },
    "nl": {
        "holds": "Dit ontvangstbewijs klopt. Onder een ondertekende kop over {size} regels staan, voor {audit_id}:",
        "more": "Het zegt niet dat er geen latere regels van dit verzoek zijn.",
        "tampered": "Dit ontvangstbewijs klopt NIET: {detail}.",
        "unreadable": "Dit ontvangstbewijs is niet te lezen: {detail}.",
        "unknown_key": "Dit ontvangstbewijs is met een andere sleutel ondertekend dan de uwe: {detail}.",
    },
}


@click.command("receipt", epilog=example("sluis audit receipt AUDIT_ID --output receipt.json"))
@click.argument("audit_id")
@click.option("--output", required=True, type=click.Path(path_type=Path, dir_okay=False))
@anywhere
def receipt(audit_id: str, output: Path, settings: Settings) -> None:
    """Write what proves that the entries of one request are in the log."""
    import msgspec

    made = ask(settings, "GET", f"/audit/{quote(audit_id, safe='')}/receipt")
    output.write_bytes(msgspec.json.format(msgspec.json.encode(made), indent=1))
    click.echo(str(output))


@click.command(
    "verify-receipt", epilog=example("sluis audit verify-receipt receipt.json --key signing.pub")
)
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--key",
    default=None,
    type=click.Path(path_type=Path),
    help="The public key (default: the data directory's).",
)
@click.option("--language", "--lang", type=click.Choice(list(_WORDS)), default="en")
@data_dir_option
def verify_receipt(file: Path, key: Path | None, language: str, data_dir: Path | None) -> None:
    """Check a receipt, offline; exit code 0 only when it holds."""
    from gateway.core.system.secrets import PUBLIC
    from gateway.evidence.receipt import ReceiptError, check, read

    words = _WORDS[language]
    try:
        public = _key(key or settings_of(data_dir).secrets_dir / PUBLIC)
        proven = check(read(_bytes(file)), public)
    except ReceiptError as error:
        click.echo(words[error.reason].format(detail=error), err=True)
        sys.exit(_EXIT[error.reason])
    click.echo(words["holds"].format(size=proven.size, audit_id=proven.audit_id))
    for event, time in proven.events:
        moment = datetime.datetime.fromtimestamp(time / 1000, datetime.UTC)
        click.echo(f"  {moment.isoformat(timespec='milliseconds')}  {event}")
    click.echo(words["more"])


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
