"""The context that every page gets: language, client and signed-in user."""

from dataclasses import dataclass

from admin.client import Client, CurrentUser
from admin.i18n import Localizer


@dataclass(frozen=True, slots=True)
class PageContext:
    """One rerun for one signed-in user."""

    localize: Localizer
    client: Client
    user: CurrentUser
