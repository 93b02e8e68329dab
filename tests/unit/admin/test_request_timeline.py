"""The story of a request, the meaning of ids, the marking of findings, the end of a session."""

import base64
import json
from typing import Any

import pytest

from admin.highlight import segments
from admin.i18n import Localizer
from admin.reasons import Reasons
from admin.request_timeline import (
    CLOSE,
    INTENT,
    REFUSAL,
    Message,
    messages_of,
    outcome_of,
    timeline,
)
from admin.session import Credential, expiry_of, may_be_key

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


def test_a_fallback_tells_every_departure() -> None:
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


def test_a_request_without_a_close_is_under_way_and_one_without_a_sender_says_so() -> None:
    assert outcome_of([entry(INTENT)]) == "open"
    assert "The sender was not recognised." in sentences_of([
        entry(REFUSAL, outcome="invalid_api_key")
    ])


def test_values_in_a_story_cannot_be_markup() -> None:
    parts = timeline([entry(REFUSAL, principal="<b>[x](y)")], Localizer("en"), Reasons({}, "en"))
    assert r"\<b\>\[x\]\(y\)" in parts[0].lines[0]


def test_unreadable_policy_files_give_no_reasons() -> None:
    assert not Reasons({"levels.yaml": "a: [", "content.yaml": "- 1"}, "en").of("secret")


def test_stored_bodies_become_texts_with_roles() -> None:
    asked = {"messages": [{"role": "user", "content": "Hi"}, {"role": "user", "content": [1]}, 7]}
    assert messages_of(asked) == [
        Message("user", "Hi"),
        Message("user", "[\n  1\n]"),
        Message("", "7"),
    ]
    assert messages_of([{"content": "Yes", "refusal": ""}]) == [Message("assistant", "Yes")]
    assert messages_of({"input": 1})[0].role == ""


def test_a_sentence_that_tells_something_hides_no_name_in_it() -> None:
    found = [{"start": 0, "end": 20}, {"start": 3, "end": 6}, {"start": 10, "end": 12}]
    marked = [piece.finding for piece in segments("x" * 25, found) if piece.finding]
    assert marked == found[1:]
    assert [p.finding for p in segments("x" * 25, found[:1]) if p.finding] == found[:1]


@pytest.mark.parametrize(
    "spans", [[(0, 3)], [(2, 5), (4, 6)], [(1, 8), (2, 3)], [(0, 0)], [(3, 8), (0, 2)], []]
)
def test_segments_give_the_whole_text_back(spans: list[tuple[int, int]]) -> None:
    text = "aé😀<b>cd"
    pieces = segments(text, [{"start": start, "end": end} for start, end in spans])
    assert "".join(piece.text for piece in pieces) == text


def token(claims: object) -> str:
    middle = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")
    return f"eyJ.{middle}.signature"


def test_a_credential_ends_when_its_token_does() -> None:
    assert expiry_of(token({"exp": 1000})) == 1000
    assert Credential("t", single_sign_on=True, expires=1000.0).has_expired(1000.0)
    assert not Credential("t", single_sign_on=True, expires=1000.0).has_expired(999.9)
    assert not Credential("key", single_sign_on=False).has_expired(1e12)


@pytest.mark.parametrize("raw", ["opaque", "a.!!.c", token([]), token({}), token({"exp": "x"})])
def test_a_token_that_does_not_say_has_no_known_end(raw: str) -> None:
    assert expiry_of(raw) is None


def test_only_one_printable_word_can_be_a_key() -> None:
    assert may_be_key("sluis_0badcafe_secret")
    assert not [text for text in ("", "two words", "line\nbreak", "café") if may_be_key(text)]
