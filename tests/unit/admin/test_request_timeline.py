"""The timeline of a request as sentences."""

from typing import Any

import pytest

from admin.i18n import Localizer
from admin.reasons import Reasons
from admin.request_timeline import (
    CLOSE,
    INTENT,
    REFUSAL,
    REPLAY,
    Message,
    messages_of,
    outcome_of,
    timeline,
)

pytestmark = pytest.mark.unit
_CEDAR = """
@id("clearance.redacted")
@reason_en("After redaction.")
@reason_nl("Na het weglakken.")
permit (principal, action, resource);
@id("bare")
forbid (principal, action, resource);
"""
_LEVELS = "reasons:\n  secret: {nl: bevat een sleutel, en: contains a key}\n"
_FILES = {"authorisation/default.cedar": _CEDAR, "levels.yaml": _LEVELS, "content.yaml": "rules: 3"}


def entry(event: str, **fields: Any) -> dict[str, Any]:
    return {"event": event, "time": 1_700_000_000_000, "fields": fields, "hash": "", "seq": 0}


def sentences_of(entries: list[dict[str, Any]], language: str = "en") -> str:
    parts = timeline(entries, Localizer(language), Reasons(_FILES, language))
    return "\n".join(line for part in parts for line in part.lines).replace("\\", "")


def test_a_guardrail_is_shown_beside_the_departure_of_the_request() -> None:
    entries = [
        entry(INTENT, level="public", deployment="one", zone="eu", attempt=1),
        entry(INTENT, level="public", deployment="safety", zone="eu", guardrail="safety/output"),
        entry(CLOSE, outcome="ok"),
    ]
    shown = sentences_of(entries)
    assert "to **one**" in shown
    assert "Guardrail **safety**" in shown
    assert "about the answer" in shown
    shown = sentences_of([entries[1], entry(CLOSE, outcome="content_policy_violation")], "nl")
    assert "Bewaker **safety**" in shown


def test_a_fallback_shows_every_departure() -> None:
    shown = sentences_of([
        entry(
            INTENT,
            principal="k_a",
            level="confidential",
            deployment="one",
            zone="eu",
            attempt=1,
            policies=["clearance.redacted"],
            redacted=2,
        ),
        entry(
            INTENT,
            principal="k_a",
            level="confidential",
            deployment="two",
            zone="internal",
            attempt=2,
            policies=["bare"],
            redacted=0,
            rerouted="unavailable",
        ),
        entry(CLOSE, outcome="ok", cost_micros=1_500_000, input_tokens=3, output_tokens=4),
    ])
    for sentence in (
        "Attempt 1: to **one**",
        "Attempt 2: to **two**",
        "zone **own machines**",
        "Redacted: 2",
        "Policy **clearance.redacted**: After redaction.",
        "Policy **bare**.",
        "because of failure",
        "Outcome: **answered**",
        "Cost: 1.500000 EUR",
        "Tokens: 3 in, 4 out",
    ):
        assert sentence in shown


def test_a_refusal_says_that_nothing_was_sent() -> None:
    entries = [
        entry(
            REFUSAL,
            level="restricted",
            reasons=["secret"],
            findings={"SECRET": 1},
            outcome="access_denied",
            refused_by=["bare"],
        )
    ]
    dutch = sentences_of(entries, "nl")
    assert "Want de tekst bevat een sleutel." in dutch
    assert "geheim (x1)" in dutch
    assert "Er is niets verstuurd. Reden: niet toegestaan." in dutch
    assert "Nowhere: nothing was sent." in sentences_of(entries)
    assert outcome_of(entries) == "access_denied"


def test_an_open_request_and_an_unknown_sender_are_named() -> None:
    assert outcome_of([entry(INTENT)]) == "open"
    assert "The sender was not recognised." in sentences_of([
        entry(REFUSAL, outcome="invalid_api_key")
    ])


def test_values_in_a_timeline_cannot_be_markup() -> None:
    parts = timeline([entry(REFUSAL, principal="<b>[x](y)")], Localizer("en"), Reasons({}, "en"))
    assert r"\<b\>\[x\]\(y\)" in parts[0].lines[0]


def test_stored_bodies_become_texts_with_roles() -> None:
    body = {"messages": [{"role": "user", "content": "Hi"}, {"role": "user", "content": [1]}, 7]}
    assert messages_of(body) == [
        Message("user", "Hi"),
        Message("user", "[\n  1\n]"),
        Message("", "7"),
    ]
    assert messages_of([{"content": "Yes", "refusal": ""}]) == [Message("assistant", "Yes")]
    assert messages_of({"input": 1})[0].role == ""


def test_a_stored_answer_that_was_given_again_is_no_refusal() -> None:
    entries = [entry(REPLAY, principal="k_a", level="internal", replay_of="a1", outcome="ok")]
    assert outcome_of(entries) == "ok"
    assert "The stored answer to request a1 was given again" in sentences_of(entries)
    assert "Het bewaarde antwoord op verzoek a1" in sentences_of(entries, "nl")
