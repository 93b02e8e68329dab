"""Entries of a made-up trail, as an export gives them, and facts around them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from gateway.evidence import CLOSE, INTENT, Entry
from gateway.evidence.entry import GENESIS, seal
from gateway.evidence.export_row import ExportRow
from gateway.governance.reports.counts import Counts
from gateway.governance.reports.entry_aggregator import Values
from gateway.governance.reports.facts import Facts, FactSource, Period, PolicyFacts, RegisterFacts
from gateway.governance.reports.published import detection
from gateway.governance.usage.samples import REFUSAL
from tests.support.entries import leaf

SINCE, UNTIL = 1_793_487_600_000, 1_796_079_600_000  # November 2026 in Amsterdam
ZONE = "Europe/Amsterdam"


@dataclass
class Rows:
    """Entries of one log after another, each with its place."""

    rows: list[ExportRow] = field(default_factory=list)
    _next: dict[str, int] = field(default_factory=dict)

    def add(
        self,
        event: str,
        request: str,
        time: int,
        fields: Mapping[str, Any],
        *,
        log: str = "gateway/1",
        erased: bool = False,
        bundle: str = "sha256:b",
    ) -> ExportRow:
        """One entry; ``erased`` leaves only its leaf."""
        seq = self._next.get(log, 0)
        self._next[log] = seq + 1
        sealed = seal(
            Entry(event, request, time, fields, bundle=bundle), log=log, seq=seq, prev=GENESIS
        )
        row = ExportRow(log, seq, leaf(log, sealed), None if erased else sealed.disclosure)
        self.rows.append(row)
        return row

    def answered(
        self,
        number: int,
        time: int,
        *,
        team: str = "support",
        purpose: str = "letters",
        zone: str = "eu",
        outcome: str = "ok",
        **more: Any,
    ) -> str:
        """A request that departed once and was closed."""
        request = f"req_{number:032x}"
        self.add(INTENT, request, time, departing(team=team, purpose=purpose, zone=zone, **more))
        self.add(CLOSE, request, time + 900, closing(outcome=outcome))
        return request

    def refused(self, number: int, time: int, *, rules: list[str], **more: Any) -> str:
        """A request that never departed."""
        request = f"req_{number:032x}"
        values = {
            **asked(),
            "outcome": "access_denied",
            "refused_by": rules,
            "latency_ms": 2,
            **more,
        }
        self.add(REFUSAL, request, time, values)
        return request


def asked(**more: Any) -> dict[str, Any]:
    """What is known of a request once its text was read."""
    return {
        "principal": "k_app",
        "principal_kind": "app",
        "team": "support",
        "model": "assistant",
        "purpose": "letters",
        "level": "confidential",
        "findings": {"PERSON": 2, "IBAN": 1},
        "rules": [],
        "detectors": detection()["detectors"],
        **more,
    }


def departing(**more: Any) -> dict[str, Any]:
    """The facts of a departure."""
    return asked(**{
        "deployment": "gpt-eu",
        "provider": "openai-eu",
        "zone": "eu",
        "attempt": 1,
        "redacted": 3,
        "body_sha256": "a" * 64,
        "policies": ["clearance.redacted"],
        **more,
    })


def closing(**more: Any) -> dict[str, Any]:
    """What is new in a closing entry."""
    return {
        "outcome": "ok",
        "latency_ms": 900,
        "input_tokens": 120,
        "output_tokens": 30,
        "cost_micros": 250,
        "currency": "EUR",
        "rules": [],
        **more,
    }


class NothingElsewhere:
    """No entries but those that are read."""

    async def departure(self, request: str) -> Values | None:
        raise AssertionError(f"{request} was not asked for")

    async def first_close(self, request: str) -> tuple[str, int]:
        raise AssertionError(f"{request} was not asked for")


def facts_of(counts: Counts, kind: str = "activity", **stated: Any) -> Facts:
    """Facts of an organisation with two providers and two use cases."""
    register: dict[str, Any] = {
        "organisation": {"name": "Gemeente Noorderhaaks"},
        "providers": [
            {
                "name": "openai-eu",
                "kind": "openai",
                "zone": "eu",
                "region": "EU",
                "subprocessors": [],
                "retention_days": 0,
                "trains_on_data": False,
            },
            {"name": "house", "kind": "worker", "zone": "internal"},
        ],
        "deployments": [
            {"name": "gpt-eu", "provider": "openai-eu", "model": "gpt-5-mini"},
            {"name": "house-chat", "provider": "house", "model": "letters@production"},
        ],
        "aliases": [{"name": "assistant", "candidates": ["gpt-eu", "house-chat"]}],
        "use_cases": [
            {"name": "letters", "owner": "team", "legal_basis": "contract", "risk": "limited"},
            {"name": "files", "owner": "care", "legal_basis": "law", "risk": "high"},
        ],
        "teams": [],
        "models": [],
    }
    return Facts(
        kind=kind,
        period=Period(SINCE, UNTIL, ZONE),
        made=UNTIL + 3_600_000,
        source=FactSource("sluis.audit/0123456789abcdef", 500, "c4" * 32, 100, 400, 300),
        counts=counts,
        register=RegisterFacts(**{**register, **stated}),
        rules=PolicyFacts("sha256:b", "0.1.0", True, 24, "keep", SINCE - 200 * 86_400_000),
        detection=detection(),
    )
