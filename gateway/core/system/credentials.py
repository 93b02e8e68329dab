"""What Sluis signs in to other services with: a composition root reads it, and nothing shows it."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class AwsCredentials:
    """What requests to AWS are signed with; ``token`` goes with a temporary login."""

    key_id: str
    secret: str
    token: str = ""

    def __repr__(self) -> str:
        """Without secrets."""
        return f"AwsLogin({self.key_id!r})"


@dataclass(frozen=True, slots=True, repr=False)
class VaultCredentials:
    """A token of Vault, or the file that one is in; ``ca`` is the PEM file of an own authority."""

    token: str = ""
    token_file: Path | None = None
    namespace: str = ""
    ca: Path | None = None


@dataclass(frozen=True, slots=True)
class KeyServiceCredentials:
    """For each key service, what there is to sign in with."""

    vault: VaultCredentials = VaultCredentials()
    aws: AwsCredentials | None = None
