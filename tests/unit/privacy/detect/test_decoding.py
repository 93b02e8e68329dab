"""Encoded parts of a text are decoded, and findings get offsets of the text."""

import base64
import json
import urllib.parse

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.core.finding import FindingKind
from gateway.privacy import Detector
from gateway.privacy.detect.decoding import decoded_parts
from gateway.privacy.level import IMPERSONAL_SUFFIX

_SAID = "Patiënt Sanne de Vries, BSN 123456782, heeft diabetes"
_BASE64 = base64.b64encode(_SAID.encode()).decode()


def _found(detector: Detector, text: str) -> list[tuple[str, str]]:
    return [(f.type, text[f.start : f.end]) for f in detector.scan(text) if f.redactable]


@pytest.mark.parametrize(
    ("encoded", "encoding"),
    [
        (_BASE64, "base64"),
        (_BASE64.rstrip("=").replace("+", "-").replace("/", "_"), "base64"),
        (_SAID.encode().hex(), "hex"),
        (base64.b64encode(_BASE64.encode()).decode(), "base64"),
        (base64.encodebytes(_SAID.encode() * 2).decode().rstrip(), "base64"),
    ],
)
def test_an_encoded_stretch_is_redacted_as_a_whole(
    detector: Detector, encoded: str, encoding: str
) -> None:
    text = f"zie {encoded} hier"
    assert decoded_parts(text)[0].encoding == encoding
    findings = detector.scan(text)
    hidden = [f for f in findings if f.redactable]
    assert hidden[0].start == 4
    assert hidden[0].detector.startswith("decoded-")
    assert any(f.kind is FindingKind.TOPIC for f in findings)
    assert sum(f.end - f.start for f in findings) == len(encoded)


def test_a_topic_in_hex_counts_beside_an_address(detector: Detector) -> None:
    said = "Thomas Whitfield, t.whitfield@mail.example.com, diabetes"
    findings = detector.scan(f"payload {said.encode().hex()}")
    assert any(f.kind is FindingKind.TOPIC for f in findings)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        (urllib.parse.quote(_SAID), [("PERSON", "Sanne%20de%20Vries"), ("BSN", "123456782")]),
        ("Ren&eacute;e de Vries", [("PERSON", "Ren&eacute;e de Vries")]),
        ("j&#97;n@x.nl", [("EMAIL", "j&#97;n@x.nl")]),
        (r"\x4aan van Dijk", [("PERSON", r"\x4aan van Dijk")]),
        ("Beste Ren=C3=A9e de Vr=\nies, groet", [("PERSON", "Ren=C3=A9e de Vr=\nies")]),
        ("Beste Ren=E9e,", [("PERSON", "Ren=E9e")]),
        ("mail=jan%2540x.nl&y=1", [("EMAIL", "jan%2540x.nl")]),
        (json.dumps({"naam": "Zoë de Wit"}), [("PERSON", r"Zo\u00eb de Wit")]),
        (json.dumps(json.dumps({"naam": "Zoë de Wit"})), [("PERSON", r"Zo\\u00eb de Wit")]),
    ],
)
def test_findings_in_escapes_have_offsets_of_the_text(
    detector: Detector, text: str, wanted: list[tuple[str, str]]
) -> None:
    assert _found(detector, text) == wanted


@pytest.mark.parametrize(
    "text",
    [
        "groei van 10%25 en 5 & 6; a=20",
        "3f2a9c1d7e8b4a6f90c1d2e3f4a5b6c7d8e9f0a1",
        "AAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        "internationalisatiedeskundige",
        "C:\\users\\new\\test",
    ],
)
def test_text_that_only_seems_encoded_is_left(detector: Detector, text: str) -> None:
    assert detector.scan(text) == ()


def test_ordinary_text_has_no_decoded_parts() -> None:
    assert (
        decoded_parts("Beste klant, de levering komt dinsdag om 9.00 uur (ordernummer 12).") == []
    )


_PARTS = st.sampled_from([
    "%41",
    "%C3%A9",
    "&amp;",
    "&#65;",
    "\\u0041",
    "\\ud83d\\ude00",
    "\\x41",
    "=41",
    "=\n",
    "%",
    "&",
    "\\",
    "=",
    "a",
    " ",
    _BASE64,
    _BASE64[:31],
    _SAID.encode().hex(),
    "\ud800",
    "é",
    "jan@x.nl",
])


@given(st.lists(_PARTS, max_size=25))
def test_places_are_valid_and_sizes_bounded(parts: list[str]) -> None:
    text = "".join(parts)
    found = decoded_parts(text)
    assert sum(len(reading.text) for reading in found) <= 4 * len(text)
    for reading in found:
        for at in range(len(reading.text)):
            start, end = reading.original(at, at + 1)
            assert 0 <= start < end <= len(text)


@given(st.lists(_PARTS, max_size=12))
def test_findings_never_overlap(detector: Detector, parts: list[str]) -> None:
    text, end = "".join(parts), 0
    for finding in detector.scan(text):
        assert end <= finding.start < finding.end <= len(text)
        end = finding.end


@pytest.mark.parametrize("unit", ["%2541", "&amp;amp;", "\\u0041", "QUJD", "41", "=\n", "\\\\"])
def test_decoding_is_linear(unit: str) -> None:
    for size in (10_000, 40_000):
        text = unit * (size // len(unit))
        assert sum(len(reading.text) for reading in decoded_parts(text)) <= 4 * len(text)


@pytest.mark.parametrize(
    ("text", "impersonal"),
    [
        ("API_KEY=\nMAIL=noreply@voorbeeld.nl", True),  # the line end reads as one that is escaped
        ("Mail bm9yZXBseUB2b29yYmVlbGQubmw=", True),
        ("Mail " + base64.b64encode(b"info@voorbeeld.nl, jan@voorbeeld.nl").decode(), False),
        ("Mail in=\nfo.support@voorbeeld.nl", False),  # the shorter reading may be somebody's
    ],
)
def test_an_encoded_stretch_is_impersonal_if_all_findings_are(
    detector: Detector, text: str, impersonal: bool
) -> None:
    found = [finding for finding in detector.scan(text) if finding.type == "EMAIL"]
    assert found
    assert all(finding.detector.endswith(IMPERSONAL_SUFFIX) is impersonal for finding in found)
