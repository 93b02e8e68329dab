"""Verifies the JSON form of a report offline: its facts, its signature, its key."""

from dataclasses import dataclass
from enum import IntEnum
from typing import Any

import msgspec
import orjson
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from gateway.evidence.key_chain import chain_of
from gateway.governance.reports.facts import digest_of, holds


class ReportVerdict(IntEnum):
    """The exit codes of a verification."""

    HOLDS = 0
    TAMPERED = 1
    UNREADABLE = 2
    UNKNOWN_KEY = 3


@dataclass(frozen=True, slots=True)
class VerifiedReport:
    """The verdict; kind of report and SHA-256 of its facts, empty where it cannot be read."""

    verdict: ReportVerdict
    kind: str = ""
    digest: str = ""


class _Signed(msgspec.Struct):
    """The signed parts of the file."""

    facts: dict[str, Any]
    signature: str
    key: str


def verify(data: bytes, trusted: bytes, links: str = "") -> VerifiedReport:
    """Verify a report with a trusted public key (32 bytes), or one that ``links`` connect to it.

    Raises:
        ValueError: when the links between keys are not valid.
    """
    try:
        report = msgspec.json.decode(data, type=_Signed)
        public = bytes.fromhex(report.key)
        key = Ed25519PublicKey.from_public_bytes(public)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return VerifiedReport(ReportVerdict.UNREADABLE)
    raw = orjson.dumps(report.facts, option=orjson.OPT_SORT_KEYS)
    if public not in chain_of(trusted, [links]).keys:
        verdict = ReportVerdict.UNKNOWN_KEY
    else:
        signed = holds(raw, report.signature, key)
        verdict = ReportVerdict.HOLDS if signed else ReportVerdict.TAMPERED
    return VerifiedReport(verdict, str(report.facts.get("kind", "")), digest_of(raw))
