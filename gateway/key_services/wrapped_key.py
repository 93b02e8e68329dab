"""``kek.wrapped``: a reference to a key of a key service, and the ciphertext of the KEK."""

import ipaddress
import json
import re
from dataclasses import asdict, dataclass
from urllib.parse import urlsplit

from gateway.core.system.secrets import KekUnavailable

VAULT, KMS = "vault-transit", "aws-kms"
_PATTERNS = {  # no characters with a meaning in a path or a header
    VAULT: {"mount": r"[\w-]+(/[\w-]+)*", "key": r"[\w.-]*\w", "region": ""},
    KMS: {"mount": "", "key": r"[\w:/-]{1,2048}", "region": r"[a-z0-9-]+"},
}
_CIPHERTEXT = {VAULT: r"vault:v[0-9]+:[A-Za-z0-9+/=]+", KMS: r"[A-Za-z0-9+/]+=*"}
_FIELDS = {"service", "address", "key", "mount", "region", "ciphertext"}
_NETLOC = r"[A-Za-z0-9.:\[\]-]+"
_LONGEST = 16_384  # characters of a ciphertext; a real one has some hundreds


@dataclass(frozen=True, slots=True)
class KeyReference:
    """A key of a key service at ``address`` (https, or http on loopback; without a path).

    ``mount`` is the path of Vault's transit engine, ``region`` the AWS region.

    Raises:
        ValueError: names the invalid part.
    """

    service: str
    address: str
    key: str
    mount: str = ""
    region: str = ""

    def __post_init__(self) -> None:
        if self.service not in _PATTERNS:
            raise ValueError(f"service is {VAULT} or {KMS}")
        _check_address(self.address)
        for name, pattern in _PATTERNS[self.service].items():
            if not re.fullmatch(pattern, getattr(self, name), re.ASCII):
                raise ValueError(f"{name} cannot be that of a key in {self.service}")

    def __str__(self) -> str:
        """Returns the name used in errors."""
        mount = f"{self.mount}/" if self.mount else ""
        return f"{self.service} at {self.address}, key {mount}{self.key}"


@dataclass(frozen=True, slots=True)
class WrappedKek:
    """The key-encryption key, encrypted by a key service.

    Raises:
        ValueError: when the ciphertext is not one of that service.
    """

    reference: KeyReference
    ciphertext: str

    def __post_init__(self) -> None:
        pattern = _CIPHERTEXT[self.reference.service]
        if len(self.ciphertext) > _LONGEST or not re.fullmatch(pattern, self.ciphertext):
            raise ValueError(f"its ciphertext is none of {self.reference.service}")

    @classmethod
    def parse(cls, text: str) -> "WrappedKek":
        """Parses the file's text.

        Raises:
            KekUnavailable: when it is not a wrapped key; says why.
        """
        try:
            return cls._read(json.loads(text))
        except json.JSONDecodeError:
            reason = "it is no JSON"
        except ValueError as error:
            reason = str(error)
        raise KekUnavailable(f"kek.wrapped cannot be used: {reason}. Restore it from its backup.")

    @classmethod
    def _read(cls, document: object) -> "WrappedKek":
        if not isinstance(document, dict) or set(document) - _FIELDS:
            raise ValueError(f"it is no JSON object of {', '.join(sorted(_FIELDS))}")
        if not all(isinstance(value, str) for value in document.values()):
            raise ValueError("it has a field that is no text")
        texts = {name: document.get(name, "") for name in _FIELDS}
        ciphertext = texts.pop("ciphertext")
        return cls(KeyReference(**texts), ciphertext)

    def __str__(self) -> str:
        """Returns the file's text."""
        fields = {name: value for name, value in asdict(self.reference).items() if value}
        return json.dumps({**fields, "ciphertext": self.ciphertext}, indent=2) + "\n"


def _check_address(address: str) -> None:
    url = urlsplit(address)
    if url.scheme not in {"https", "http"} or not url.hostname or url.port == 0:
        raise ValueError("address must be one such as https://vault.example.nl:8200")
    if f"{url.scheme}://{url.netloc}" != address or not re.fullmatch(_NETLOC, url.netloc):
        raise ValueError("address must be scheme, host and port only, without path or login")
    if url.scheme == "http" and not is_loopback(address):
        raise ValueError(
            f"address: http would send the key to {url.hostname} in the clear; use https (only "
            "loopback takes http)"
        )


def is_loopback(address: str) -> bool:
    """Returns whether an address is on this machine, which needs no proxy and no TLS."""
    host = urlsplit(address).hostname or ""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
