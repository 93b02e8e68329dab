"""CheckFindings: what was checked, with which outcome."""

import time
from collections.abc import Awaitable, Callable
from enum import StrEnum

import httpx
import msgspec

from gateway.core.errors import Refusal, TrailDamaged
from gateway.core.system.postgres_errors import FAILURES

_LONGEST = 300  # characters of a detail
# What a part that does not work raises. LookupError: what answers is not Sluis.
_FAULTS = (
    httpx.HTTPError,
    httpx.InvalidURL,
    Refusal,
    TrailDamaged,
    ValueError,
    LookupError,
    *FAILURES,
)


class CheckOutcome(StrEnum):
    """The outcome of a check."""

    OK = "ok"
    FAULT = "fault"
    NOT_APPLICABLE = "not_applicable"


class Verdict(msgspec.Struct, frozen=True):
    """An outcome with its details; ``reason`` is a code of why a check does not apply."""

    outcome: CheckOutcome
    detail: str = ""
    reason: str = ""


class CheckFinding(msgspec.Struct, frozen=True):
    """One check. ``about`` names the part, ``took_ms`` is its duration in milliseconds."""

    check: str
    about: str
    outcome: CheckOutcome
    detail: str
    reason: str
    took_ms: int


def passed(detail: str = "") -> Verdict:
    """The part works."""
    return Verdict(CheckOutcome.OK, detail)


def failed(detail: str) -> Verdict:
    """The part does not work; ``detail`` says what was seen."""
    return Verdict(CheckOutcome.FAULT, detail)


def skipped(reason: str, detail: str = "") -> Verdict:
    """The check does not apply here."""
    return Verdict(CheckOutcome.NOT_APPLICABLE, detail, reason)


def judged(detail: str, *, ok: bool) -> Verdict:
    """Passed or failed, with the same details."""
    return passed(detail) if ok else failed(detail)


class CheckFindings:
    """Runs checks one after another and keeps what they found."""

    def __init__(self) -> None:
        self.all: list[CheckFinding] = []

    async def run(self, check: str, about: str, work: Callable[[], Awaitable[Verdict]]) -> Verdict:
        """Run one check; what it raises where a part does not work is a fault."""
        began = time.monotonic()
        try:
            verdict = await work()
        except _FAULTS as error:
            verdict = failed(_described(error))
        self.add(check, about, verdict, took_ms=round((time.monotonic() - began) * 1000))
        return verdict

    def add(self, check: str, about: str, verdict: Verdict, *, took_ms: int = 0) -> None:
        """Note the verdict of a check that was part of another one."""
        detail = " ".join(verdict.detail.split())[:_LONGEST]
        self.all.append(
            CheckFinding(check, about, verdict.outcome, detail, verdict.reason, took_ms)
        )

    def skip(self, check: str, about: str, reason: str) -> None:
        """Note that a check does not apply."""
        self.add(check, about, skipped(reason))

    def count(self, outcome: CheckOutcome) -> int:
        """The number of findings with an outcome."""
        return sum(one.outcome is outcome for one in self.all)


def _described(error: Exception) -> str:
    """The type of an error, and its message where that is of this program."""
    message = str(getattr(error, "message", "") or error).strip()
    return f"{type(error).__name__}: {message}" if message else type(error).__name__
