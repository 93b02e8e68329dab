"""What an answer, or a refusal, says about itself in its headers."""

import datetime
import time

from gateway.core.days import end_of_day
from gateway.limits import Room
from gateway.request.context import AuditRecord

_FROM_FACTS = (
    ("x-sluis-sensitivity", "level"),
    ("x-sluis-zone", "zone"),
    ("x-sluis-deployment", "deployment"),
    ("x-sluis-model-version", "model_version"),
    ("x-sluis-redacted", "redacted"),
    ("x-sluis-kept", "kept"),
    ("x-sluis-rerouted", "rerouted"),
    ("x-sluis-unread", "unread_reason"),
    ("x-sluis-warning", "warning"),
)
_MAX_LIST = 512


def headers_of(record: AuditRecord, *, on_record: bool) -> dict[str, str]:
    """All that is known by now; ``on_record`` is False when the trail could not be written."""
    headers = {
        "x-request-id": f"req_{record.audit_id}",
        "request-id": record.audit_id,  # the only one that Anthropic's clients read
    }
    for kind, room in record.limits.items():
        headers |= _rate_headers(kind, room)
        if _is_messages(record):
            headers |= _anthropic_rate_headers(kind, room, time.time())
    if on_record:
        headers["x-sluis-audit-id"] = record.audit_id
    facts = record.fields
    for header, name in _FROM_FACTS:
        value = facts.get(name)
        if value is not None:
            headers[header] = str(value)
    if record.bundle:
        headers["x-sluis-bundle"] = record.bundle
    if facts.get("model_until"):  # RFC 8594
        ends = datetime.datetime.fromtimestamp(end_of_day(str(facts["model_until"])), datetime.UTC)
        headers["sunset"] = f"{ends:%a, %d %b %Y %H:%M:%S} GMT"
    if "replay_of" in facts:
        headers["x-sluis-replayed"] = "true"
    dropped = facts.get("dropped")
    if isinstance(dropped, list) and dropped:
        headers["x-sluis-dropped"] = ",".join(dropped)[:_MAX_LIST]
    return headers


def _rate_headers(kind: str, room: Room) -> dict[str, str]:
    """What OpenAI's clients read.

    Source: OpenAI, "Rate limits", section "Rate limits in headers".
    """
    return {
        f"x-ratelimit-limit-{kind}": str(room.limit),
        f"x-ratelimit-remaining-{kind}": str(room.left),
        f"x-ratelimit-reset-{kind}": f"{room.reset}s",
    }


def _anthropic_rate_headers(kind: str, room: Room, now: float) -> dict[str, str]:
    """What Anthropic's clients read; the reset is a time (RFC 3339).

    Source: Claude API, "Rate limits", section "Response headers".
    """
    reset = datetime.datetime.fromtimestamp(int(now) + room.reset, datetime.UTC)
    return {
        f"anthropic-ratelimit-{kind}-limit": str(room.limit),
        f"anthropic-ratelimit-{kind}-remaining": str(room.left),
        f"anthropic-ratelimit-{kind}-reset": f"{reset:%Y-%m-%dT%H:%M:%SZ}",
    }


def _is_messages(record: AuditRecord) -> bool:
    return record.fields.get("surface") in {"messages", "count_tokens"}
