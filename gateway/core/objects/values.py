"""Types of single values. Every process can use an accepted value."""

import datetime
import ipaddress
import re
import unicodedata
from collections.abc import Mapping
from typing import Annotated, Any
from urllib.parse import urlsplit

from gateway.core.objects.claim_rules import any_of, steps_of
from gateway.core.objects.declare import Bounds, Checked, Choice, Mark, Read

_UNSEEN = {"Cc", "Cf", "Zl", "Zp"}  # general categories of Unicode
_VISIBLE = re.compile(r"[!-~]+")
_REFERENCE = re.compile(r"env:[A-Za-z_][A-Za-z0-9_]*")
_MAX_AMOUNT = 1_000_000_000_000  # of money or tokens: a float represents it exactly
_LAST_SECOND = 253_402_300_799  # the end of the year 9999
_MOUNTED = "/var/run/secrets/"
MAX_DAYS = 365  # the longest life of an issued key


def _reference(value: str) -> str:
    if not _REFERENCE.fullmatch(value):
        raise ValueError("write env:NAME and set that variable; the file never holds secrets")
    return value


def _visible(value: str) -> str:
    if any(unicodedata.category(one) in _UNSEEN for one in value):
        raise ValueError("a name of a person has a character that does not show")
    return value


def _url(value: str) -> str:
    if not value.startswith(("https://", "http://")):
        raise ValueError("must begin with https:// (or http:// on loopback)")
    try:
        url = urlsplit(value)
        usable = bool(url.hostname) and url.port != 0
    except ValueError:
        usable = False
    if not usable or not _VISIBLE.fullmatch(value):
        raise ValueError("is no address; write for example https://host:443/v1")
    if any(sign in value for sign in "@?#"):
        raise ValueError("must hold no credential, query or fragment; keys go into api_key")
    return value


def _internal_network(value: Any) -> Any:
    """A private network, or ``{network: …, public: true}`` for another one."""
    if isinstance(value, Mapping):
        if set(value) != {"network", "public"} or value["public"] is not True:
            raise ValueError("write {network: 203.0.113.0/24, public: true}")
        return value["network"]
    if isinstance(value, str) and not _is_private(ipaddress.ip_network(_network(value))):
        raise ValueError(
            "lies outside the private ranges; if it is the organisation's own all the same, write "
            f"{{network: {value}, public: true}}"
        )
    return value


_SHARED = ipaddress.IPv4Network("100.64.0.0/10")  # behind a carrier's translation (RFC 6598)


def _is_private(network: ipaddress.IPv4Network | ipaddress.IPv6Network) -> bool:
    shared = isinstance(network, ipaddress.IPv4Network) and network.subnet_of(_SHARED)
    return network.is_private or shared


def _network(value: str) -> str:
    try:
        ipaddress.ip_network(value)
    except ValueError as error:
        raise ValueError(f"is no network ({error}); write for example 10.0.0.0/8") from error
    return value


def _day(value: Any) -> Any:
    """A day as text (ISO 8601), which YAML reads as a date by itself."""
    if isinstance(value, datetime.datetime) or not isinstance(value, str | datetime.date):
        raise ValueError("write a day, such as 2027-01-31")  # noqa: TRY004 - the file's error
    return value if isinstance(value, str) else value.isoformat()


def _is_day(value: str) -> str:
    try:
        return datetime.date.fromisoformat(value).isoformat()
    except ValueError as error:
        raise ValueError("is no day; write for example 2027-01-31") from error


def _claim_path(value: str) -> str:
    steps_of(value)
    return value


def _condition(value: str) -> str:
    any_of([value])
    return value


def _mounted_token(value: str) -> str:
    """Only a token that the cluster mounts: another file may be a secret of this installation."""
    if not value.startswith(_MOUNTED) or ".." in value:
        raise ValueError(f"must be a file under {_MOUNTED}, where a cluster mounts tokens")
    return value


def _as_list(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


LEVELS = Choice(("public", "internal", "confidential", "restricted"))
Name = Annotated[str, Bounds(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$")]
LevelName = Annotated[str, LEVELS]
Text = Annotated[str, Bounds(min_length=1, max_length=500)]
Link = Annotated[str, Bounds(pattern=r"^https?://\S+$", max_length=500)]
PersonName = Annotated[str, Bounds(min_length=1, max_length=500), Checked(_visible)]
Money = Annotated[float, Bounds(at_least=0, at_most=_MAX_AMOUNT)]
Currency = Annotated[str, Bounds(pattern=r"^[A-Z]{3}$")]
PerMinute = Annotated[int, Bounds(at_least=1, at_most=_MAX_AMOUNT)]
Seconds = Annotated[int, Bounds(at_least=0, at_most=_LAST_SECOND)]
Days = Annotated[int, Bounds(at_least=0, at_most=36_500)]
Day = Annotated[str, Read(_day), Checked(_is_day)]
Reference = Annotated[str, Checked(_reference), Mark.CREDENTIAL]
Url = Annotated[str, Bounds(max_length=2000), Checked(_url)]
ProxyUrl = Annotated[
    str,
    Bounds(pattern=r"^http://(\[[0-9A-Fa-f:]+\]|[A-Za-z0-9.-]+):[0-9]{1,5}$", max_length=300),
]
Network = Annotated[str, Read(_internal_network), Checked(_network)]
MountedToken = Annotated[str, Bounds(min_length=1, max_length=500), Checked(_mounted_token)]
# Claims of tokens (see claim_rules).
ClaimPath = Annotated[str, Bounds(min_length=1, max_length=500), Checked(_claim_path)]
ClaimPaths = Annotated[list[ClaimPath], Read(_as_list), Bounds(min_length=1, max_length=50)]
ClaimCondition = Annotated[str, Bounds(min_length=1, max_length=500), Checked(_condition)]
Texts = Annotated[list[Text], Read(_as_list), Bounds(min_length=1, max_length=50)]
