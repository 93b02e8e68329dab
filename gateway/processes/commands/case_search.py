"""``sluis cases``: find the cases in which a person occurs."""

import click

from gateway.processes.commands.common import anywhere, ask, example, identifier, json_option
from gateway.processes.commands.printing import Report, show
from gateway.processes.settings import Settings


@click.group("cases")
def cases() -> None:
    """Find incidents, complaints and requests of persons by whom they are about."""


@cases.command(
    "search",
    epilog=example(
        "sluis cases search --subject 'PERSON=Jan de Vries' --subject EMAIL=jan@example.nl "
        "--reason 'request 2026-117'\n"
        "  sluis cases search --words 'de vries' --reason 'request 2026-117'"
    ),
)
@click.option(
    "--subject",
    "subjects",
    multiple=True,
    metavar="TYPE=VALUE",
    help="An identifier of the person; repeat it for each one and each spelling.",
)
@click.option("--words", default="", help="Words that are all in one text.")
@click.option("--pseudonym", default="", help="Of whoever made a request that a case is about.")
@click.option("--reason", required=True, help="Why, without the person's name; recorded.")
@click.option("--limit", type=click.IntRange(1, 200), default=50, show_default=True)
@click.option("--before", help="The cursor of the page before.")
@anywhere
@json_option
def search(
    settings: Settings,
    subjects: tuple[str, ...],
    words: str,
    pseudonym: str,
    reason: str,
    limit: int,
    before: str | None,
    *,
    as_json: bool,
) -> None:
    """Show the cases of a person, newest first, without their texts."""
    if not (subjects or words or pseudonym):
        raise click.UsageError("Give --subject, --words or --pseudonym.")
    body = {
        "subjects": [identifier(text) for text in subjects],
        "words": words,
        "pseudonym": pseudonym,
        "reason": reason,
        "limit": limit,
        "before": before,
    }
    found: Report = ask(settings, "POST", "/cases/search", body)
    show(found, as_json=as_json)
