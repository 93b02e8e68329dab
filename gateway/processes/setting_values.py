"""Values of settings: text of the environment, checked."""

from collections.abc import Mapping
from ipaddress import ip_network
from pathlib import Path
from urllib.parse import urlsplit

from gateway.governance.http.trusted_proxies import Network
from gateway.identity.approval_tokens import ApprovalPins


class SettingsError(Exception):
    """A setting has a value that cannot be used; names the variable."""


def count(env: Mapping[str, str], name: str, default: int, *, minimum: int = 1) -> int:
    """A whole number.

    Raises:
        SettingsError: when it is no number, or below ``minimum``.
    """
    text = env.get(name) or str(default)
    if not text.isdigit() or int(text) < minimum:
        raise SettingsError(f"{name} must be a whole number from {minimum}, not {text!r}")
    return int(text)


def port(env: Mapping[str, str], name: str, default: int) -> int:
    """A port number.

    Raises:
        SettingsError: when it is none.
    """
    text = env.get(name) or str(default)
    if not text.isdigit() or not 0 < int(text) < 65536:
        raise SettingsError(f"{name} must be a port number, not {text!r}")
    return int(text)


def number(env: Mapping[str, str], name: str, default: float) -> float:
    """A number.

    Raises:
        SettingsError: when it is none.
    """
    text = env.get(name) or str(default)
    try:
        return float(text)
    except ValueError as error:
        raise SettingsError(f"{name} must be a number, not {text!r}") from error


def share(env: Mapping[str, str], name: str, default: float) -> float:
    """A number from 0 to 1.

    Raises:
        SettingsError: when it is none.
    """
    part = number(env, name, default)
    if not 0 <= part <= 1:
        raise SettingsError(f"{name} must lie between 0 and 1")
    return part


def networks(env: Mapping[str, str], name: str) -> tuple[Network, ...]:
    """Networks, separated by commas; none by default.

    Raises:
        SettingsError: when one is no network.
    """
    given = filter(None, (one.strip() for one in env.get(name, "").split(",")))
    try:
        return tuple(ip_network(one) for one in given)
    except ValueError as error:
        raise SettingsError(f"{name} must be networks such as 10.0.0.0/8: {error}") from error


def origins(env: Mapping[str, str], name: str) -> tuple[str, ...]:
    """Origins as browsers send them: a scheme and a host, without a path.

    Raises:
        SettingsError: for what is no origin.
    """
    given = [one.strip().rstrip("/") for one in env.get(name, "").split(",")]
    for one in filter(None, given):
        parts = urlsplit(one)
        if parts.scheme not in {"http", "https"} or f"{parts.scheme}://{parts.netloc}" != one:
            raise SettingsError(
                f"{name} must list origins such as https://chat.example.nl, not {one!r}"
            )
    return tuple(filter(None, given))


def approval_pins(env: Mapping[str, str], name: str) -> ApprovalPins | None:
    """The keys and clients that may sign approvals; None where the variable names no file.

    Raises:
        SettingsError: when the file cannot be read or holds something else.
    """
    if not env.get(name):
        return None
    try:
        return ApprovalPins.read(Path(env[name]))
    except ValueError as error:
        raise SettingsError(f"{name}: {error}") from error
