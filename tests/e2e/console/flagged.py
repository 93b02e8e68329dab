"""Requests that a rule has flagged, in the trail of an installation of the console."""

import asyncio
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from gateway.core.system import secrets
from gateway.evidence import CLOSE, INTENT, Entry, Trail
from gateway.evidence.ledger_store import LedgerStore
from tests.e2e.console.conftest import Installation

_RULE = """
  - id: okapis
    owner: security
    stages: [input, output]
    action: flag
    reason: {en: Okapis., nl: Okapi's.}
    patterns: [okapi]
"""
_CASES = """
- name: an okapi
  what: {level: internal, texts: ["An okapi."]}
  where: {zone: internal}
  expect: {decision: allow, rules: [okapis]}
- name: a horse
  what: {level: internal, texts: ["A horse."]}
  where: {zone: internal}
  expect: {decision: allow, rules: [], without: [okapis]}
"""


def flag(installation: Installation, requests: Sequence[str]) -> None:
    """Put a rule in force that flags, and these requests on record as flagged by it."""
    with installation.as_author() as author:
        found = author.get("/policies").raise_for_status().json()["files"]
        files = {"content.yaml": found["content.yaml"] + _RULE, "tests/okapis.yaml": _CASES}
        made = author.post("/policies/proposals", json={"files": files}).raise_for_status()
    approve(installation, made.json()["id"])
    with installation.as_author() as author:
        digest = author.get("/policies").raise_for_status().json()["digest"]
    with ThreadPoolExecutor(1) as thread:  # Playwright's loop may already run in this one
        thread.submit(lambda: asyncio.run(_ask(installation, digest, requests))).result()


def approve(installation: Installation, proposal: str) -> None:
    with installation.client(installation.third_key) as api:
        path = f"/proposals/{proposal}/approve"
        api.post(path, json={"comment": "agreed"}).raise_for_status()


async def _ask(installation: Installation, digest: str, requests: Sequence[str]) -> None:
    settings = installation.settings
    store = LedgerStore(settings.data_dir / "audit-gateway.db")
    kek = secrets.load(settings.secrets_dir).kek
    trail, now = Trail(store, kek=kek, origin="gateway"), int(time.time() * 1000)
    await trail.start(clock_ms=now)
    about = {"principal": "k_support-bot", "team": "support", "model": "assistant"}
    about |= {"purpose": "customer-service", "level": "internal"}
    for number, request in enumerate(requests):
        fields: dict[str, Any] = {**about, "rules": ["okapis"]}
        at = now - 60_000 * (number + 1)
        await trail.record(Entry(INTENT, request, at, fields, bundle=digest))
        await trail.record(Entry(CLOSE, request, at + 900, {"outcome": "ok"}, bundle=digest))
    await trail.stop(clock_ms=now)
