"""The level table and the level of texts."""

import base64
import json
import urllib.parse
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from gateway.core.finding import PERSONAL_TYPES, Finding, FindingKind
from gateway.core.level import Level
from gateway.privacy import LevelTable, language_of, level_of, reasons_of
from tests.support.detector import DETECTOR
from tests.support.effort import some
from tests.support.levels import DOCUMENT, LEVELS


def _finding(type_: str, kind: FindingKind = FindingKind.PERSONAL) -> Finding:
    return Finding(kind, type_, 0, 1, 1.0, "t")


def test_nothing_is_public_and_the_highest_wins() -> None:
    assert level_of([], LEVELS).level is Level.PUBLIC
    judged = level_of([_finding("LABEL_INTERNAL", FindingKind.LABEL), _finding("BSN")], LEVELS)
    assert judged.level is Level.CONFIDENTIAL
    assert judged.reasons == ("label_internal", "national_identifier")


def test_a_topic_needs_a_person() -> None:
    topic = _finding("HEALTH", FindingKind.TOPIC)
    assert level_of([topic], LEVELS).level is Level.PUBLIC
    assert level_of([topic, _finding("KVK")], LEVELS).level is Level.CONFIDENTIAL
    judged = level_of(iter([topic, _finding("PERSON")]), LEVELS)
    assert (judged.level, judged.reasons) == (
        Level.RESTRICTED,
        ("personal_data", "special_category"),
    )


def test_a_topic_of_a_text_apart_concerns_only_the_persons_in_that_text() -> None:
    topic, person = _finding("HEALTH", FindingKind.TOPIC), _finding("PERSON")
    assert level_of([person], LEVELS, apart=[[topic]]).level is Level.CONFIDENTIAL
    assert level_of([], LEVELS, apart=[[topic], [person]]).level is Level.CONFIDENTIAL
    assert level_of([], LEVELS, apart=[[topic, person]]).level is Level.RESTRICTED


def test_a_person_in_a_text_apart_counts_for_the_topics_of_the_others() -> None:
    topic, person = _finding("HEALTH", FindingKind.TOPIC), _finding("PERSON")
    assert level_of([topic], LEVELS, apart=[[person]]).level is Level.RESTRICTED
    assert level_of([], LEVELS, apart=[[person]]).level is Level.CONFIDENTIAL


def _marked_texts() -> list[str]:
    sets = Path(__file__).resolve().parents[3] / "evaluation" / "datasets"
    files = [path.read_text(encoding="utf-8") for path in sorted(sets.glob("mixed-0*.jsonl"))]
    return [json.loads(line)["text"] for file in files for line in file.splitlines()]


def test_every_level_above_public_has_reasons_and_a_lower_one_without_them() -> None:
    seen = Counter[Level]()
    for text in some(_marked_texts()):
        findings = DETECTOR.scan(text)
        level, reasons = level_of(findings, LEVELS).level, reasons_of(findings, LEVELS)
        assert max((one.level for one in reasons), default=Level.PUBLIC) is level
        assert {one.code for one in reasons} == set(level_of(findings, LEVELS).reasons)
        assert all(0 <= one.start < one.end <= len(text) for one in reasons)
        if reasons:
            named = {(one.start, one.end) for one in reasons if one.level is level}
            rest = [one for one in findings if (one.start, one.end) not in named]
            assert level_of(rest, LEVELS).level < level
        seen[level] += 1
    assert len(seen) >= 3


def test_reasons_name_the_places_in_the_text() -> None:
    text = "Jan de Vries heeft diabetes, mail jan@voorbeeld.nl of info@voorbeeld.nl."
    reasons = reasons_of(DETECTOR.scan(text), LEVELS)
    assert [(one.code, text[one.start : one.end]) for one in reasons] == [
        ("special_category", "diabetes"),
        ("personal_data", "Jan de Vries"),
        ("personal_data", "jan@voorbeeld.nl"),
    ]


@pytest.mark.parametrize(
    ("address", "level"),
    [
        ("info@voorbeeld.nl", Level.PUBLIC),
        ("no-reply@depot.example.com", Level.PUBLIC),
        ("jan@voorbeeld.nl", Level.CONFIDENTIAL),
        ("info.jansen@voorbeeld.nl", Level.CONFIDENTIAL),
        ("it-operations@voorbeeld.nl", Level.PUBLIC),
        ("j.zorg@voorbeeld.nl", Level.CONFIDENTIAL),
        ("aansluitingen@voorbeeld.nl", Level.PUBLIC),
        ("boxoffice@voorbeeld.nl", Level.PUBLIC),
        ("boxoffice@gmail.com", Level.CONFIDENTIAL),
        ("pietwesting@voorbeeld.nl", Level.CONFIDENTIAL),
        ("ozdemir@voorbeeld.nl", Level.CONFIDENTIAL),
    ],
)
def test_an_impersonal_address_is_redacted_and_raises_no_level(address: str, level: Level) -> None:
    (found,) = DETECTOR.scan(f"Mail naar {address} voor meer.")
    assert found.redactable
    assert level_of([found], LEVELS).level is level


@pytest.mark.parametrize(
    ("number", "level"),
    [
        ("088 - 114 22 00", Level.PUBLIC),
        ("0800 555 0200", Level.PUBLIC),
        ("+44 300 555 0118", Level.PUBLIC),
        ("030-2345678", Level.CONFIDENTIAL),
        ("06-12345678", Level.CONFIDENTIAL),
        ("+31 6 88123456", Level.CONFIDENTIAL),
    ],
)
def test_a_service_number_is_redacted_and_raises_no_level(number: str, level: Level) -> None:
    (found,) = DETECTOR.scan(f"Bel {number} voor meer.")
    assert found.redactable
    assert level_of([found], LEVELS).level is level


@pytest.mark.parametrize(
    "wrap", [lambda t: base64.b64encode(t.encode()).decode(), urllib.parse.quote]
)
def test_an_impersonal_address_hides_no_person_in_an_encoded_stretch(
    wrap: Callable[[str], str],
) -> None:
    text = wrap("Beste Jan Jansen, mail info@voorbeeld.nl, BSN 123456782")
    assert level_of(DETECTOR.scan(text), LEVELS).level is Level.CONFIDENTIAL


def test_unread_and_unnamed_types_are_restricted() -> None:
    assert level_of([_finding("IMAGE", FindingKind.UNREAD)], LEVELS).level is Level.RESTRICTED
    assert set(PERSONAL_TYPES) <= set(LEVELS.types)


@pytest.mark.parametrize(
    "change",
    [
        {"version": 2},
        {"extra": 1},
        {"types": {"A": {"level": "high", "reason": "x"}}},
        {"reasons": {}},
        {"topic": {}},
        {"topic": {**DOCUMENT["topic"], "binds": ["PERSN"]}},
    ],
)
def test_a_bad_table_is_refused(change: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"."):
        LevelTable.of({**DOCUMENT, **change})


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Wat is de status van het dossier?", "nl"),
        ("What is the status of the file?", "en"),
        ("Wie ist der Stand der Akte und wann?", "de"),
        ("Quel est le statut du dossier pour nous ?", "fr"),
        ("¿Cuál es el estado de la solicitud por favor?", "es"),
        ("", "und"),
        ("x = 3", "und"),
    ],
)
def test_language(text: str, language: str) -> None:
    assert language_of(text) == language


@pytest.mark.parametrize(
    ("text", "level"),
    [
        ("Our box office: 028 9555 0140", Level.PUBLIC),
        ("Vragen? Bel kantoor: 0111 555 900", Level.PUBLIC),
        ("De directie: 06-12345678", Level.CONFIDENTIAL),
        ("Op kantoor is Sanne op 0111 555 900 te bereiken", Level.CONFIDENTIAL),
    ],
)
def test_the_number_of_a_desk_raises_no_level(text: str, level: Level) -> None:
    found = DETECTOR.scan(text)
    assert "PHONE" in {one.type for one in found if one.redactable}
    assert level_of(found, LEVELS).level is level


@pytest.mark.parametrize(
    ("text", "level"),
    [
        ("Mijn zoon heeft diabetes.", Level.RESTRICTED),
        ("Onze medewerker is ziekgemeld met een burn-out.", Level.RESTRICTED),
        ("I was diagnosed with epilepsy last year.", Level.RESTRICTED),
        ("She is a union member.", Level.RESTRICTED),
        ("kees heeft hiv", Level.RESTRICTED),
        ("De patiënt heeft longkanker.", Level.RESTRICTED),
        ("Mensen met diabetes eten minder suiker.", Level.PUBLIC),
        ("If a patient has asthma, the protocol applies.", Level.PUBLIC),
        ("De vakbond en de werkgevers praten over loon.", Level.PUBLIC),
        (
            "CONFIDENTIAL - draft bid for the harbour tender, not yet approved by the board.",
            Level.CONFIDENTIAL,
        ),
        ("TLP:RED\nDe aanval liep via de leverancier.", Level.RESTRICTED),
        ("TLP:GREEN update", Level.INTERNAL),
        ("For staff only: the new lone-working policy replaces the old one.", Level.INTERNAL),
        ("Afspraken rond de koelcel (intern, niet voor leveranciers)", Level.INTERNAL),
        (
            (
                "Dit bericht is uitsluitend bestemd voor medewerkers van Claims en mag niet worden "
                "doorgestuurd."
            ),
            Level.INTERNAL,
        ),
        ("Storing opgelost (interne mededeling)", Level.INTERNAL),
        ("# scratchpad, internal, do not share with the vendor", Level.INTERNAL),
        ("Notulen week 19 - alleen voor interne verspreiding", Level.INTERNAL),
        ("# wachtboek machinekamer, alleen voor eigen bemanning", Level.INTERNAL),
        ("Subject: the fire doors (internal, not to be passed on yet)", Level.INTERNAL),
        ("Uitsluitend voor medewerkers van de afdeling Wijkbeheer", Level.INTERNAL),
        ("Roosterwijzigingen week 41 — intern, alleen afdeling", Level.INTERNAL),
        ("#winkelvloer-zuid  (alleen intern)", Level.INTERNAL),
        ("Everyone speaks English as it's an odd week, says Lorraine.", Level.CONFIDENTIAL),
        ("De korting geldt alleen voor leden.", Level.PUBLIC),
        ("Deze ingang is niet voor leveranciers.", Level.PUBLIC),
        ("Parking for staff only behind the building.", Level.PUBLIC),
        ("Stg. GEHEIM\nnota", Level.RESTRICTED),
        ("The meeting room is on the third floor.", Level.PUBLIC),
    ],
)
def test_labels_and_topics_give_the_level(text: str, level: Level) -> None:
    assert level_of(DETECTOR.scan(text), LEVELS).level is level
