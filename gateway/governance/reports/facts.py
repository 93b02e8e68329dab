"""The facts of one report, in the form that is signed and never changes."""

import hashlib
from typing import Any

import msgspec
import orjson
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from gateway.governance.reports.counts import Counts

FORMAT = "sluis-report-1"
_DOMAIN = b"sluis report v1\n"  # domain separation: the signature is valid for reports only


class Period(msgspec.Struct, frozen=True):
    """Epoch milliseconds, ``until`` exclusive; ``timezone`` is that of its days."""

    since: int
    until: int
    timezone: str


class FactSource(msgspec.Struct, frozen=True):
    """The part of the log that was counted: entries ``first`` to ``end`` under a checkpoint.

    ``witnessed`` says that some witness had seen a head over all of them.
    """

    origin: str
    size: int
    root: str
    first: int
    end: int
    checked: int
    witnessed: bool = False


class RegisterFacts(msgspec.Struct, frozen=True):
    """The catalogue at the time of the report, with the statements for registers.

    ``evaluations`` are the runs of model versions, ``overrides`` what persons let pass of them.
    They are missing in older reports.
    """

    organisation: dict[str, Any]
    providers: list[dict[str, Any]]
    deployments: list[dict[str, Any]]
    aliases: list[dict[str, Any]]
    use_cases: list[dict[str, Any]]
    teams: list[dict[str, Any]]
    models: list[dict[str, Any]]
    evaluations: list[dict[str, Any]] | msgspec.UnsetType = msgspec.UNSET
    overrides: list[dict[str, Any]] | msgspec.UnsetType = msgspec.UNSET


class PolicyFacts(msgspec.Struct, frozen=True):
    """The policy at the time of the report; ``retention`` is days by class and part of an entry.

    ``responses_hours`` is for how long conversations are stored that callers ask to store; 0 where
    none are.
    """

    bundle: str
    version: str
    vault_kept: bool
    vault_hours: int
    answers: str
    oldest_entry: int | None
    retention: dict[str, dict[str, int]] = {}
    retention_by_risk: dict[str, str] = {}
    responses_hours: int = 0


class OpenCases(msgspec.Struct):
    """Open cases at the end of the period: incidents by kind, and complaints."""

    open: dict[str, int] = {}
    overdue: dict[str, int] = {}
    complaints: int = 0
    complaints_overdue: int = 0


class Facts(msgspec.Struct, frozen=True):
    """The content of a report; ``made`` is epoch milliseconds.

    ``standing`` is missing in older reports.
    """

    kind: str
    period: Period
    made: int
    source: FactSource
    counts: Counts
    register: RegisterFacts
    rules: PolicyFacts
    detection: dict[str, Any]
    format: str = FORMAT
    standing: OpenCases | msgspec.UnsetType = msgspec.UNSET

    def canonical(self) -> bytes:
        """JSON with sorted keys: the bytes that are signed."""
        return orjson.dumps(msgspec.to_builtins(self), option=orjson.OPT_SORT_KEYS)


def read(raw: bytes) -> Facts:
    """The facts of canonical bytes.

    Raises:
        ValueError: when they are not facts of this format.
    """
    facts = msgspec.json.decode(raw, type=Facts)
    if facts.format != FORMAT:
        raise ValueError(f"a report of format {facts.format}")
    return facts


def digest_of(raw: bytes) -> str:
    """SHA-256 of the canonical bytes, in hex."""
    return hashlib.sha256(raw).hexdigest()


def sign(raw: bytes, key: Ed25519PrivateKey) -> str:
    """The signature of canonical bytes, in hex."""
    return key.sign(_DOMAIN + raw).hex()


def holds(raw: bytes, signature: str, key: Ed25519PublicKey) -> bool:
    """Whether a signature is valid."""
    try:
        key.verify(bytes.fromhex(signature), _DOMAIN + raw)
    except (InvalidSignature, ValueError):
        return False
    return True
