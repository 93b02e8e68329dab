"""The options of lists of cases: a state, and pages."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import click

from gateway.processes.commands.common import ask
from gateway.processes.settings import Settings


def paged(ended: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Adds the options; ``ended`` is the state of cases that are over."""
    options = (
        click.option("--state", type=click.Choice(["open", "overdue", ended]), default=None),
        click.option("--limit", type=click.IntRange(1, 200), default=50, show_default=True),
        click.option("--after", help="The cursor of the page before: its `next`."),
    )

    def add(command: Callable[..., None]) -> Callable[..., None]:
        for option in reversed(options):
            command = option(command)
        return command

    return add


def ask_cases(
    settings: Settings, path: str, state: str | None, limit: int, after: str | None
) -> Any:
    """A page of cases."""
    asked = {"state": state, "limit": str(limit), "after": after}
    given = {name: value for name, value in asked.items() if value}
    return ask(settings, "GET", f"{path}?{urlencode(given)}")
