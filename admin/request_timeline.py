"""One request in plain words, from its entries: from who asked to what it cost."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from admin.i18n import Localizer
from admin.reasons import Reasons

Entry = dict[str, Any]
INTENT, CLOSE, REFUSAL = (
    "request:departure:intent",
    "request:answer:close",
    "request:refusal:record",
)


@dataclass(frozen=True, slots=True)
class TimelineSection:
    """A heading's key and its sentences, safe as Markdown."""

    title: str
    lines: list[str]


@dataclass(frozen=True, slots=True)
class Message:
    """One stored text with the role that it had in the conversation."""

    role: str
    text: str


def outcome_of(entries: Sequence[Entry]) -> str:
    """How the request ended; ``open`` while it has no closing entry."""
    for entry in reversed(entries):
        if entry["event"] in (CLOSE, REFUSAL) and entry["fields"].get("outcome"):
            return str(entry["fields"]["outcome"])
    return "open" if any(entry["event"] == INTENT for entry in entries) else "ok"


def chapters(entries: Sequence[Entry], say: Localizer, reasons: Reasons) -> list[TimelineSection]:
    """The story; later entries repeat and complete what earlier ones said."""
    fields: dict[str, Any] = {}
    for entry in entries:
        fields.update(entry["fields"])
    departures = [entry for entry in entries if entry["event"] == INTENT]
    return [
        TimelineSection("story.who", _who(fields, entries[0]["time"] / 1000, say)),
        TimelineSection("story.found", _found(fields, say, reasons)),
        TimelineSection("story.decided", _decided(fields, departures, say, reasons)),
        TimelineSection("story.went", _went(departures, say)),
        TimelineSection("story.back", _back(fields, entries, say)),
        TimelineSection("story.cost", _cost(fields, say)),
    ]


def spoken(body: object) -> list[Message]:
    """A stored body as texts with their roles; what has another shape stays JSON."""
    if isinstance(body, dict) and isinstance(body.get("messages"), list):
        return [_message(message) for message in body["messages"]]
    if isinstance(body, list) and body and all(isinstance(choice, dict) for choice in body):
        return [
            Message("assistant", str(text)) for choice in body for text in choice.values() if text
        ]
    return [Message("", _json(body))]


def _message(message: object) -> Message:
    if not isinstance(message, dict):
        return Message("", _json(message))
    content = message.get("content")
    text = content if isinstance(content, str) else _json(content)
    return Message(str(message.get("role", "")), text)


def _json(body: object) -> str:
    return orjson.dumps(body, option=orjson.OPT_INDENT_2).decode()


def _who(fields: Entry, seconds: float, say: Localizer) -> list[str]:
    who = fields.get("principal")
    lines = [
        say("story.asked", who=who, kind=say.name("kind", fields.get("principal_kind", "app")))
        if who
        else say("story.unknown"),
        say("story.when", when=say.moment(seconds), zone=say.zone_name()),
    ]
    known = [name for name in ("team", "model", "purpose") if fields.get(name)]
    return lines + [say(f"story.{name}", value=fields[name]) for name in known]


def _found(fields: Entry, say: Localizer, reasons: Reasons) -> list[str]:
    if "level" not in fields:
        return [say("story.not_read")]
    lines = [say("story.level", level=say.name("level", fields["level"]))]
    lines += [
        say("story.reason", reason=reasons.of(code) or code) for code in fields.get("reasons", [])
    ]
    lines += [
        say("story.counted", type=say.name("type", kind), count=count)
        for kind, count in sorted((fields.get("findings") or {}).items())
    ]
    if not fields.get("findings"):
        lines.append(say("story.nothing"))
    lines += [
        say("story.rule", rule=rule, reason=reasons.of(rule) or rule)
        for rule in fields.get("rules") or []
    ]
    for name in ("unread", "dropped"):
        if fields.get(name):
            lines.append(say(f"story.{name}", fields=", ".join(fields[name])))
    return lines


def _decided(
    fields: Entry, departures: Sequence[Entry], say: Localizer, reasons: Reasons
) -> list[str]:
    policies = [name for entry in departures for name in entry["fields"].get("policies") or []]
    if departures:
        lines = [say("story.allowed_redacted" if fields.get("redacted") else "story.allowed")]
    else:
        lines = [say("story.refused", why=say.name("outcome", fields.get("outcome", "")))]
    for identity in dict.fromkeys([*policies, *(fields.get("refused_by") or [])]):
        why = reasons.of(identity)
        key = "story.policy" if why else "story.policy_bare"
        lines.append(say(key, id=identity, why=why))
    if fields.get("rerouted"):
        lines.append(say("story.rerouted", why=say.name("rerouted", fields["rerouted"])))
    return lines


def _went(departures: Sequence[Entry], say: Localizer) -> list[str]:
    if not departures:
        return [say("story.nowhere")]
    return [line for entry in departures for line in _departure(entry["fields"], say)]


def _departure(fields: Entry, say: Localizer) -> list[str]:
    lines = [
        say(
            "story.departure",
            attempt=fields.get("attempt", 1),
            deployment=fields.get("deployment", "?"),
            provider=fields.get("provider", "?"),
            zone=say.name("zone", fields.get("zone", "none")),
        )
    ]
    if fields.get("redacted"):
        lines.append(say("story.redacted", count=fields["redacted"]))
    if fields.get("model_digest"):
        lines.append(say("story.version", digest=fields["model_digest"]))
    if fields.get("body_sha256"):
        lines.append(say("story.digest", digest=fields["body_sha256"]))
    return lines


def _back(fields: Entry, entries: Sequence[Entry], say: Localizer) -> list[str]:
    lines = [say("story.outcome", outcome=say.name("outcome", outcome_of(entries)))]
    if fields.get("latency_ms") is not None:
        lines.append(say("story.latency", ms=say.number(fields["latency_ms"])))
    if fields.get("unknown_placeholders"):
        lines.append(say("story.unknown_placeholders", count=fields["unknown_placeholders"]))
    if fields.get("unknown_echoes"):
        lines.append(say("story.unknown_echoes", count=fields["unknown_echoes"]))
    return lines


def _cost(fields: Entry, say: Localizer) -> list[str]:
    if fields.get("cost_micros") is None:
        return [say("story.free")]
    lines = [
        say(
            "story.paid",
            cost=say.number(fields["cost_micros"] / 1_000_000, 6),
            currency=fields.get("currency", "EUR"),
        ),
        say(
            "story.tokens",
            input=say.number(fields.get("input_tokens") or 0),
            output=say.number(fields.get("output_tokens") or 0),
        ),
    ]
    if fields.get("usage_estimated"):
        lines.append(say("story.estimated"))
    return lines
