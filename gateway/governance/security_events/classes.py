"""The classes of security events, from events.yaml."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from gateway.core.text import yaml_text

# Severities of syslog (RFC 5424, table 2).
SEVERITIES = {"alert": 1, "warning": 4, "notice": 5, "informational": 6}
ALARM = "alarm"
_LEFT_OUT = "left_out"


@dataclass(frozen=True, slots=True)
class EventClass:
    """What a SIEM reads of an event besides its fields; ``category`` and ``type`` are of ECS."""

    name: str
    category: tuple[str, ...]
    type: tuple[str, ...]
    severity: str
    failed: bool


@cache
def classes() -> Mapping[str, EventClass]:
    """The class of each event that is sent."""
    return {
        event: EventClass(
            name,
            tuple(node["category"]),
            tuple(node["type"]),
            node["severity"],
            node.get("failed", False),
        )
        for name, node in _nodes().items()
        if name != _LEFT_OUT
        for event in node["events"]
    }


@cache
def alarm() -> EventClass:
    """The class of alarms that are log lines."""
    return next(one for one in classes().values() if one.name == ALARM)


def left_out() -> frozenset[str]:
    """The events that are not sent."""
    return frozenset(_nodes()[_LEFT_OUT])


def _nodes() -> dict[str, Any]:  # the file is ours; tests/unit/governance reads all of it
    return yaml_text.mapping(Path(__file__).with_name("events.yaml").read_text(encoding="utf-8"))
