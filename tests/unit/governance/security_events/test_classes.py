"""Security events: the table of classes against the documented events, and the settings."""

import re
from pathlib import Path

import pytest

from gateway.governance.security_events.classes import SEVERITIES, classes, left_out
from gateway.governance.security_events.destination import EventDestination

ROOT = Path(__file__).resolve().parents[4]
# Some of the allowed values of ECS 8.17: event.category and event.type.
CATEGORIES = {"authentication", "configuration", "database", "file", "iam", "process", "web"}
TYPES = {"access", "change", "deletion", "denied", "error", "info", "start"}


def documented() -> set[str]:
    text = (ROOT / "docs" / "events.md").read_text(encoding="utf-8")
    entries, _, _ = text.partition("## Lines in process logs")
    return set(re.findall(r"^\| `([a-z_]+:[a-z_]+:[a-z_]+)` \|", entries, re.MULTILINE))


def test_every_event_is_sent_or_left_out() -> None:
    assert documented() == set(classes()) | left_out()
    assert not set(classes()) & left_out()


def test_classes_use_the_words_of_the_schema() -> None:
    for event, one in classes().items():
        assert set(one.category) <= CATEGORIES, event
        assert set(one.type) <= TYPES, event
        assert one.severity in SEVERITIES, event
        assert len(event) <= 32, "the longest MSGID of RFC 5424"


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("syslog+tls://siem.example.nl", "tls:siem.example.nl:6514"),
        ("syslog+tcp://siem.example.nl:1601", "tcp:siem.example.nl:1601"),
        ("syslog+udp://192.0.2.7", "udp:192.0.2.7:514"),
        ("otlp+https://collector.example.nl/otlp", "otlp:collector.example.nl:4318"),
        ("otlp+http://127.0.0.1:4318", "otlp:127.0.0.1:4318"),
    ],
)
def test_a_destination_has_a_label(text: str, label: str) -> None:
    assert EventDestination.parse(text).label == label


@pytest.mark.parametrize(
    "text",
    [
        "siem.example.nl:6514",
        "https://siem.example.nl",
        "syslog+tls://",
        "syslog+tls://user:secret@siem.example.nl",
        "syslog+tls://siem.example.nl/path",
        "syslog+tls://siem.example.nl?x=1",
        "syslog+tls://siem.example.nl:99999",
        "otlp+ftp://collector.example.nl",
    ],
)
def test_another_setting_is_refused(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - the port's message is that of urllib
        EventDestination.parse(text)
