"""Temporary stub; the launcher is being written."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class SignOn:
    """The console's client at the identity provider."""

    issuer: str
    client_id: str
    client_secret: str
    redirect_uri: str
    cookie_secret: str


def command(
    *, port: int, host: str, control_url: str, sign_on: SignOn | None, folder: Path
) -> tuple[list[str], dict[str, str]]:
    """Not written yet."""
    raise NotImplementedError
