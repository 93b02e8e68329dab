"""A draft over recorded decisions, on both databases: counts, what cannot be known, examples."""

from typing import Any

import orjson
import pytest

from gateway.core.errors import InvalidRequest
from gateway.evidence import INTENT, Entry, Trail
from gateway.governance.actor import Actor
from gateway.governance.policies.bundle import read_bundle
from gateway.governance.policies.schemas import ReplayResponse
from tests.support.retained import DAY, Retained

pytestmark = pytest.mark.integration
OFFICER = Actor("k_officer", "officer", frozenset({"compliance_officer"}), "sign-on")
BUNDLE = read_bundle()
HIRING = """
@id("hiring") @owner("x") @reason_en("x") @reason_nl("x")
forbid (principal, action, resource)
when { context.purpose == "hiring" && resource.zone == "eu" };
"""
ZEBRA = """
  - id: zebra
    owner: x
    stages: [input]
    positions: [newest]
    action: refuse
    reason: {en: x, nl: x}
    patterns: [zebra]
"""
SENT = {
    "principal": "k_app",
    "principal_kind": "app",
    "surface": "chat_completions",
    "model": "gpt-eu",
    "deployment": "gpt-eu",
    "provider": "example-eu",
    "zone": "eu",
    "attempt": 1,
}


class Recorder:
    """Puts decisions of yesterday on record."""

    def __init__(self, kept: Retained, trail: Trail) -> None:
        self._kept = kept
        self._trail = trail
        self._count = 0

    async def sent(self, texts: dict[str, str] | None = None, **fields: Any) -> str:
        body = None
        if texts is not None:
            messages = [{"role": role, "content": text} for role, text in texts.items()]
            body = orjson.dumps({"model": "gpt", "messages": messages})
        return await self._put(INTENT, {**SENT, "level": "internal", **fields}, body)

    async def refused(self, **fields: Any) -> str:
        left_out = {"deployment", "provider", "zone", "attempt"}
        facts = {name: value for name, value in SENT.items() if name not in left_out}
        return await self._put("request:refusal:record", {**facts, **fields}, None)

    async def _put(self, event: str, fields: dict[str, Any], body: bytes | None) -> str:
        self._count += 1
        request = f"{self._count:032x}"
        at = self._kept.clock.ms - DAY + self._count
        entry = Entry(event, request, at, fields, "b", subject="k_app")
        await self._trail.record(entry, body)
        return request


async def replayed(kept: Retained, files: dict[str, str], *, texts: bool = False) -> ReplayResponse:
    now, replays = kept.clock.ms, kept.plane.replays
    bundle, period = {**BUNDLE, **files}, (now - 2 * DAY, now)
    if not texts:
        return await replays.run(bundle, *period)
    return await replays.run_with_texts(bundle, *period, OFFICER, reason="incident number 12")


def changes(report: ReplayResponse) -> dict[str, int]:
    return {f"{one.before} → {one.after}": one.decisions for one in report.changes}


async def test_rules_of_authorisation_are_counted_by_what_they_change(kept: Retained) -> None:
    async with kept.trail() as trail:
        recorder = Recorder(kept, trail)
        await recorder.sent(purpose="hiring")
        await recorder.sent(purpose="hiring", level="confidential")
        await recorder.sent(purpose="service")
        await recorder.sent(purpose="service", attempt=2)  # the same request again
        await recorder.refused(level="restricted", refused_by=["restricted.stays-inside"])
        await recorder.refused(refused_by=["stop.key"])  # before policy saw it
        report = await replayed(kept, {"authorisation/own.cedar": HIRING})
    assert changes(report) == {
        "allow → allow": 1,
        "allow → refuse": 1,
        "redact → refuse": 1,
        "refuse → refuse": 1,
    }
    assert (report.decisions, report.undecided, report.complete) == (4, 0, True)
    rules = {one.rule: (one.before, one.after) for one in report.rules}
    assert rules["hiring"] == (0, 2)
    assert all(one.examples == [] for one in report.changes)


async def test_a_new_pattern_is_decided_from_stored_texts_only(kept: Retained) -> None:
    async with kept.trail() as trail:
        recorder = Recorder(kept, trail)
        hit = await recorder.sent({"user": "A zebra."})
        await recorder.sent({"system": "Never a zebra.", "user": "A horse."})
        await recorder.sent({"user": "A [PERSON_bcdfgh]."}, redacted=1)
        await recorder.sent()  # nothing is stored of it
        files = {"content.yaml": BUNDLE["content.yaml"] + ZEBRA}
        unread = await replayed(kept, files)
        read = await replayed(kept, files, texts=True)
    assert (unread.undecided, unread.undecided_by) == (4, {"text": 4})
    assert changes(read) == {"allow → refuse": 1, "allow → allow": 1}
    assert (read.undecided, read.undecided_share) == (2, 0.5)
    assert [one.examples for one in read.changes if one.after == "refuse"] == [[hit]]
    (recorded,) = await kept.told("control:policy:replay")
    assert recorded["reason"] == "incident number 12"
    with pytest.raises(InvalidRequest, match="Say why"):
        await kept.plane.replays.run_with_texts(BUNDLE, 0, 1, OFFICER, reason="")


async def test_rules_on_record_and_levels_need_no_text(kept: Retained) -> None:
    async with kept.trail() as trail:
        recorder = Recorder(kept, trail)
        await recorder.sent(rules=["malware"])
        await recorder.refused(level="internal", rules=["fraud"], refused_by=["fraud"])
        await recorder.sent(level="confidential", findings={"KVK": 1}, redacted=1)
        await recorder.sent(level="confidential", findings={"EMAIL": 1}, redacted=1)
        content = BUNDLE["content.yaml"]
        head, _, tail = content.partition("  - id: fraud\n")
        content = head + "  - id: fraud\n" + tail.replace("action: refuse", "action: flag", 1)
        head, _, tail = content.partition("  - id: malware\n")
        content = head + "  - id: malware\n" + tail.replace("action: flag", "action: refuse", 1)
        levels = BUNDLE["levels.yaml"].replace("KVK: {level: conf", "KVK: {level: restr")
        levels = levels.replace("restridential", "restricted")
        levels = levels.replace("EMAIL: {level: confidential", "EMAIL: {level: internal")
        report = await replayed(kept, {"content.yaml": content, "levels.yaml": levels})
    assert changes(report) == {"allow → refuse": 1, "refuse → allow": 1, "redact → refuse": 1}
    assert report.undecided_by == {"level": 1}  # perhaps the caller declared it confidential
