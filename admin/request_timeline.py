"""One request as sentences, built from its entries: from the sender to the cost."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from admin.i18n import Localizer
from admin.reasons import Reasons

Entry = dict[str, Any]
INTENT, CLOSE, REPLAY, REFUSAL = (
    "request:departure:intent",
    "request:answer:close",
    "request:answer:replay",
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
    """The outcome of the request; ``open`` while it has no closing entry."""
    for entry in reversed(entries):
        if entry["event"] in (CLOSE, REPLAY, REFUSAL) and entry["fields"].get("outcome"):
            return str(entry["fields"]["outcome"])
    return "open" if any(entry["event"] == INTENT for entry in entries) else "ok"


def timeline(
    entries: Sequence[Entry], localize: Localizer, reasons: Reasons
) -> list[TimelineSection]:
    """The sections of a request; later entries repeat and complete the fields of earlier ones."""
    fields: dict[str, Any] = {}
    for entry in entries:
        if "guardrail" not in entry["fields"]:  # a departure beside that of the request
            fields.update(entry["fields"])
    departures = [entry for entry in entries if entry["event"] == INTENT]
    return [
        TimelineSection("story.who", _sender(fields, entries[0]["time"] / 1000, localize)),
        TimelineSection("story.found", _findings(fields, localize, reasons)),
        TimelineSection("story.decided", _decision(fields, departures, localize, reasons)),
        TimelineSection("story.went", _destinations(departures, localize)),
        TimelineSection("story.back", _outcome(fields, entries, localize)),
        TimelineSection("story.cost", _cost(fields, localize)),
    ]


def messages_of(body: object) -> list[Message]:
    """A stored body as texts with their roles; a body of another shape stays JSON."""
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


def _sender(fields: Entry, seconds: float, localize: Localizer) -> list[str]:
    principal = fields.get("principal")
    lines = [
        localize(
            "story.asked",
            who=principal,
            kind=localize.name("kind", fields.get("principal_kind", "app")),
        )
        if principal
        else localize("story.unknown"),
        localize("story.when", when=localize.moment(seconds), zone=localize.zone_name()),
    ]
    present = [name for name in ("team", "model", "purpose") if fields.get(name)]
    return lines + [localize(f"story.{name}", value=fields[name]) for name in present]


def _findings(fields: Entry, localize: Localizer, reasons: Reasons) -> list[str]:
    if "level" not in fields:
        return [localize("story.not_read")]
    lines = [localize("story.level", level=localize.name("level", fields["level"]))]
    lines += [
        localize("story.reason", reason=reasons.of(code) or code)
        for code in fields.get("reasons", [])
    ]
    lines += [
        localize("story.counted", type=localize.name("type", kind), count=count)
        for kind, count in sorted((fields.get("findings") or {}).items())
    ]
    if not fields.get("findings"):
        lines.append(localize("story.nothing"))
    lines += [
        localize("story.rule", rule=rule, reason=reasons.of(rule) or rule)
        for rule in fields.get("rules") or []
    ]
    for name in ("unread", "dropped"):
        if fields.get(name):
            lines.append(localize(f"story.{name}", fields=", ".join(fields[name])))
    return lines


def _decision(
    fields: Entry, departures: Sequence[Entry], localize: Localizer, reasons: Reasons
) -> list[str]:
    sent = [entry for entry in departures if "guardrail" not in entry["fields"]]
    policies = [name for entry in departures for name in entry["fields"].get("policies") or []]
    if sent:
        lines = [localize("story.allowed_redacted" if fields.get("redacted") else "story.allowed")]
    elif fields.get("replay_of"):
        lines = [localize("story.replayed", id=fields["replay_of"])]
    else:
        lines = [localize("story.refused", why=localize.name("outcome", fields.get("outcome", "")))]
    for identity in dict.fromkeys([*policies, *(fields.get("refused_by") or [])]):
        why = reasons.of(identity)
        key = "story.policy" if why else "story.policy_bare"
        lines.append(localize(key, id=identity, why=why))
    if fields.get("rerouted"):
        lines.append(localize("story.rerouted", why=localize.name("rerouted", fields["rerouted"])))
    return lines


def _destinations(departures: Sequence[Entry], localize: Localizer) -> list[str]:
    if not departures:
        return [localize("story.nowhere")]
    return [line for entry in departures for line in _departure_lines(entry["fields"], localize)]


def _departure_lines(fields: Entry, localize: Localizer) -> list[str]:
    asked = str(fields.get("guardrail") or "").rpartition("/")[2]
    lines = [
        localize(
            f"story.guardrail_{asked}" if asked else "story.departure",
            attempt=fields.get("attempt", 1),
            deployment=fields.get("deployment", "?"),
            provider=fields.get("provider", "?"),
            zone=localize.name("zone", fields.get("zone", "none")),
        )
    ]
    if fields.get("redacted"):
        lines.append(localize("story.redacted", count=fields["redacted"]))
    if fields.get("model_digest"):
        lines.append(localize("story.version", digest=fields["model_digest"]))
    if fields.get("body_sha256"):
        lines.append(localize("story.digest", digest=fields["body_sha256"]))
    return lines


def _outcome(fields: Entry, entries: Sequence[Entry], localize: Localizer) -> list[str]:
    lines = [localize("story.outcome", outcome=localize.name("outcome", outcome_of(entries)))]
    if fields.get("latency_ms") is not None:
        lines.append(localize("story.latency", ms=localize.number(fields["latency_ms"])))
    if fields.get("kept"):
        lines.append(localize("story.kept", count=fields["kept"]))
    if fields.get("unknown_placeholders"):
        lines.append(localize("story.unknown_placeholders", count=fields["unknown_placeholders"]))
    if fields.get("unknown_echoes"):
        lines.append(localize("story.unknown_echoes", count=fields["unknown_echoes"]))
    return lines


def _cost(fields: Entry, localize: Localizer) -> list[str]:
    if fields.get("cost_micros") is None:
        return [localize("story.free")]
    lines = [
        localize(
            "story.paid",
            cost=localize.number(fields["cost_micros"] / 1_000_000, 6),
            currency=fields.get("currency", "EUR"),
        ),
        localize(
            "story.tokens",
            input=localize.number(fields.get("input_tokens") or 0),
            output=localize.number(fields.get("output_tokens") or 0),
        ),
    ]
    if fields.get("usage_estimated"):
        lines.append(localize("story.estimated"))
    return lines
