"""The file of channels (``SLUIS_NOTICES``): who gets notices, how, and in which language."""

import base64
import binascii
import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

import yaml
from pydantic import Field, ValidationError, model_validator

from gateway.core.objects.values import Text
from gateway.core.text import yaml_text
from gateway.governance.catalogue.stated import Node

Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")]
Mailbox = Annotated[str, Field(pattern=r"^[!#-;=?A-Z\[-~]+@[A-Za-z0-9.-]+$", max_length=254)]
Role = Annotated[str, Field(pattern=r"^[a-z_]{1,64}$")]
_LEAST_SECRET = 24  # bytes
_MOST_SECRET = 4_096
_MOST_CHANNELS = 50
_STANDARD = "whsec_"  # a secret in the form of Standard Webhooks


class SmtpNode(Node):
    """A mail server. ``tls`` is ``starttls``, ``implicit``, or ``none`` on loopback only."""

    host: Annotated[str, Field(pattern=r"^[A-Za-z0-9.:-]{1,253}$")]
    port: Annotated[int, Field(ge=1, le=65_535)] = 587
    tls: Literal["starttls", "implicit", "none"] = "starttls"
    from_: Annotated[Mailbox, Field(alias="from")]
    to: Annotated[list[Mailbox], Field(min_length=1, max_length=50)]
    username: Text | None = None
    password_file: Path | None = None
    ca: Path | None = None
    private_address: bool = False

    @model_validator(mode="after")
    def _whole(self) -> "SmtpNode":
        if (self.username is None) != (self.password_file is None):
            raise ValueError("username and password_file go together")
        if self.tls == "none" and not is_loopback(self.host):
            raise ValueError("tls: none is for a server on loopback only")
        return self


class WebhookNode(Node):
    """An address that takes signed JSON; ``secret_file`` holds the secret of the signature."""

    url: Annotated[str, Field(pattern=r"^https?://[!-~]+$", max_length=2_000)]
    secret_file: Path
    ca: Path | None = None
    private_address: bool = False

    @model_validator(mode="after")
    def _address(self) -> "WebhookNode":
        parts = urlsplit(self.url)
        if not parts.hostname or parts.username or parts.fragment or parts.port == 0:
            raise ValueError("url is an address without login and fragment")
        if parts.scheme == "http" and not is_loopback(parts.hostname):
            raise ValueError("http is for loopback only; use https")
        return self


class NoticeChannel(Node):
    """One channel: ``smtp`` or ``webhook``.

    With ``roles`` it gets what these roles may decide or handle, without them everything. Messages
    come at most each ``every_minutes``; what is due within ``remind_hours`` is sent once more.
    """

    name: Name
    language: Literal["nl", "en"] = "nl"
    roles: list[Role] = Field(default=[], max_length=20)
    every_minutes: Annotated[int, Field(ge=1, le=1_440)] = 5
    remind_hours: Annotated[int, Field(ge=1, le=720)] = 24
    smtp: SmtpNode | None = None
    webhook: WebhookNode | None = None

    @model_validator(mode="after")
    def _one_way(self) -> "NoticeChannel":
        if (self.smtp is None) == (self.webhook is None):
            raise ValueError("a channel has either smtp or webhook")
        return self


@dataclass(frozen=True, slots=True)
class NoticeSettings:
    """The channels of an installation, and the address of the console that links begin with."""

    channels: Sequence[NoticeChannel] = ()
    console: str = ""


class _File(Node):
    version: Literal[1]
    channels: Annotated[list[NoticeChannel], Field(max_length=_MOST_CHANNELS)]

    @model_validator(mode="after")
    def _unique(self) -> "_File":
        if len({one.name for one in self.channels}) != len(self.channels):
            raise ValueError("two channels have the same name")
        return self


def read_channels(path: Path) -> Sequence[NoticeChannel]:
    """The channels of a file; each secret that it names must be there.

    Raises:
        ValueError: says what is wrong, without values.
    """
    try:
        given = yaml_text.mapping(path.read_text(encoding="utf-8"))
        found = _File.model_validate(given).channels
    except ValidationError as error:
        raise ValueError("; ".join(_faults(error))) from None
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise ValueError(f"{path} cannot be read ({type(error).__name__})") from error
    for one in found:
        if one.webhook is not None:
            signing_secret(one.webhook.secret_file)
        elif one.smtp is not None and one.smtp.password_file is not None:
            read_secret(one.smtp.password_file)
    return found


def read_secret(path: Path) -> str:
    """A secret of a file, without the line break at its end.

    Raises:
        ValueError: when there is none.
    """
    try:
        text = path.read_bytes()[:_MOST_SECRET].decode("utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise ValueError(f"{path} cannot be read ({type(error).__name__})") from error
    if not text:
        raise ValueError(f"{path} is empty")
    return text


def signing_secret(path: Path) -> bytes:
    """The secret of a webhook: base64 after ``whsec_``, else the bytes as they are.

    Raises:
        ValueError: when there is none, or it is too short.
    """
    text = read_secret(path)
    try:
        is_standard = text.startswith(_STANDARD)
        encoded = text.removeprefix(_STANDARD)
        secret = base64.b64decode(encoded, validate=True) if is_standard else text.encode()
    except binascii.Error as error:
        raise ValueError(f"{path}: what follows {_STANDARD} is no base64") from error
    if len(secret) < _LEAST_SECRET:
        raise ValueError(f"{path}: the secret has less than {_LEAST_SECRET} bytes")
    return secret


def is_loopback(host: str) -> bool:
    """Whether a host is named as this machine."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"


def _faults(error: ValidationError) -> list[str]:
    return [
        f"{'.'.join(map(str, one['loc']))}: {one['msg'].removeprefix('Value error, ')}"
        for one in error.errors(include_input=False, include_url=False)
    ]
