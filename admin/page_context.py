"""What every page gets: the language, the client, and who is signed in."""

from dataclasses import dataclass

from admin.client import Client, Me
from admin.i18n import Say


@dataclass(frozen=True, slots=True)
class Here:
    """One rerun of one signed-in user."""

    say: Say
    client: Client
    me: Me
