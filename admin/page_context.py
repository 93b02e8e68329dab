"""What every page gets: the language, the client, and who is signed in."""

from dataclasses import dataclass

from admin.client import Client, CurrentUser
from admin.i18n import Localizer


@dataclass(frozen=True, slots=True)
class PageContext:
    """One rerun of one signed-in user."""

    say: Localizer
    client: Client
    me: CurrentUser
