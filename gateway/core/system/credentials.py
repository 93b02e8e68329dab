"""Credentials for other services. A composition root reads them; their repr shows no secret."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class AwsCredentials:
    """Access key that signs requests to AWS. Temporary credentials have a ``token``."""

    key_id: str
    secret: str
    token: str = ""

    def __repr__(self) -> str:
        """Without secrets."""
        return f"AwsCredentials({self.key_id!r})"


@dataclass(frozen=True, slots=True, repr=False)
class VaultCredentials:
    """A Vault token, or the file that holds it; ``ca`` is the PEM file of a private authority."""

    token: str = ""
    token_file: Path | None = None
    namespace: str = ""
    ca: Path | None = None


@dataclass(frozen=True, slots=True)
class KeyServiceCredentials:
    """Credentials for each key service."""

    vault: VaultCredentials = VaultCredentials()
    aws: AwsCredentials | None = None
