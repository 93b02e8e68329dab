"""Types of single values of ``sluis.yaml``. Every process can use an accepted value."""

import ipaddress
import re
import unicodedata
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, field_validator

_CONTROL = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f]"
)  # neither a database nor a header takes them
_UNSEEN = {"Cc", "Cf", "Zl", "Zp"}  # general categories of Unicode
_VISIBLE = re.compile(r"[!-~]+")
_REFERENCE = re.compile(r"env:[A-Za-z_][A-Za-z0-9_]*")
_MAX_AMOUNT = 1_000_000_000_000  # of money or tokens: a float represents it exactly
MAX_DAYS = 365  # the longest life of an issued key
_LAST_SECOND = 253_402_300_799  # the end of the year 9999


class Node(BaseModel):
    """A part of the file, without unknown keys and control characters."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    @field_validator("*")
    @classmethod
    def _printable(cls, value: Any) -> Any:
        if any(_CONTROL.search(text) for text in _texts(value)):
            raise ValueError("holds a control character")
        return value


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        yield from _texts([*value.keys(), *value.values()])
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _texts(item)


class EnvReference(str):
    """``env:NAME``: the variable that holds a credential."""

    __slots__ = ()


def _reference(value: str) -> str:
    if not _REFERENCE.fullmatch(value):
        raise ValueError("write env:NAME and set that variable; the file never holds secrets")
    return EnvReference(value)


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


_SHARED = ipaddress.IPv4Network("100.64.0.0/10")  # behind a carrier's translation (RFC 6598)


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


def _is_private(network: ipaddress.IPv4Network | ipaddress.IPv6Network) -> bool:
    shared = isinstance(network, ipaddress.IPv4Network) and network.subnet_of(_SHARED)
    return network.is_private or shared


def _network(value: str) -> str:
    try:
        ipaddress.ip_network(value)
    except ValueError as error:
        raise ValueError(f"is no network ({error}); write for example 10.0.0.0/8") from error
    return value


Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$")]
LevelName = Literal["public", "internal", "confidential", "restricted"]
Text = Annotated[str, Field(min_length=1, max_length=500)]
PersonName = Annotated[Text, AfterValidator(_visible)]
Money = Annotated[float, Field(ge=0, le=_MAX_AMOUNT, allow_inf_nan=False)]
Currency = Annotated[str, Field(pattern=r"^[A-Z]{3}$")]
PerMinute = Annotated[int, Field(ge=1, le=_MAX_AMOUNT)]
Seconds = Annotated[int, Field(ge=0, le=_LAST_SECOND)]
Reference = Annotated[str, AfterValidator(_reference)]
Url = Annotated[str, Field(max_length=2000), AfterValidator(_url)]
ProxyUrl = Annotated[
    str, Field(pattern=r"^http://(\[[0-9A-Fa-f:]+\]|[A-Za-z0-9.-]+):[0-9]{1,5}$", max_length=300)
]
Network = Annotated[str, BeforeValidator(_internal_network), AfterValidator(_network)]
