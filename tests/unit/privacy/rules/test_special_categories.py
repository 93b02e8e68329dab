"""A special category counts where it is about a person."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.core.level import Level
from gateway.privacy import Detector, level_of
from tests.support.detector import DETECTOR
from tests.support.levels import LEVELS

_LETTER = "Geachte heer Kortekaas,\n\n{}\n\nMet vriendelijke groet,\nA. Rijnders"


def _level(detector: Detector, *texts: str) -> Level:
    return level_of([f for text in texts for f in detector.scan(text)], LEVELS).level


@pytest.mark.parametrize(
    "text",
    [
        "Sanne de Vries heeft een depressie.",  # by name
        "Mijn collega is bevallen.",  # by role
        "Hij slikt lithium.",  # by pronoun
        "BSN 123456782 staat op de wachtlijst voor chemotherapie.",  # by number
        "De burn-out van Sanne de Vries duurt lang.",  # by whose it is
        "Sanne de Vries belt morgen. De diagnose is nog niet besproken.",  # by the sentence before
        _LETTER.format("Uw cholesterol is te hoog."),  # by a letter to somebody
        "Naam: Sanne de Vries\nFunctie: monteur\nReden verzuim: griep",  # by a form
        "naam;uren;reden\nS. de Vries;16;griep",  # by a row
        _LETTER.format(
            "U bent voor 40 procent arbeidsongeschikt."
        ),  # although it holds a percentage
        "Sanne de Vries is lid van de FNV.",  # public, but tied to somebody
        "Beste Sanne, Jan de Boer gaat naar de moskee.",
        "Patiënt: Sanne de Vries\nBloedgroep: A positief",
        "Sanne vertelde dat hij in de moskee werkt.",
        "De politie heeft Sanne de Vries gisteren meegenomen.",  # a name within a sign
        "Appellante is bekend met een persoonlijkheidsstoornis.",  # a party in a file
        "Gesteld wordt dat verzoeker een taakstraf kreeg.",
        # by the end of a word, by a drug
        "Sanne de Vries: status na galblaasontsteking, start perindopril.",
        "Sanne de Vries heeft een tibiaplateaufractuur.",
        "Mrs Hartley was started on atorvastatin and has cardiomyopathy.",
        "Mr Roberts is a member of the trade union.",
        "Sanne is an observant Jew.",
        "Sanne is in the RMT and of Surinamese descent.",
        "Frau Wendlandt ist im siebten Monat der Schwangerschaft.",
        "Monsieur Lefèvre est en arrêt maladie, cancer du poumon.",
        "La señora Ortega está de baja por una depresión.",
        "La signora Conti è iscritta al sindacato.",
        "Pani Wrońska jest na odwyku.",
        "Karin Lindqvist är sjukskriven för utmattningssyndrom.",
        "Mrs Hartley had surgery on her knee.",
    ],
)
def test_topics_about_a_person_are_restricted(detector: Detector, text: str) -> None:
    assert _level(detector, text) is Level.RESTRICTED


@pytest.mark.parametrize(
    "text",
    [
        "Sanne de Vries schrijft de brochure over depressie.",
        "Thanks for coming out on Saturday, Sanne de Vries and I liked the drawing.",
        "De factuur van Praktijk voor Fysiotherapie, t.a.v. Sanne de Vries, is betaald.",
        "Dr Sandhu has swapped Thursday surgery with Sanne de Vries.",
        "Ophalen door Sanne de Vries (afd. Inkoop).",
        "Sanne de Vries maakt de offerte voor het ziekenhuis.",
        "De afspraak met cardioloog Sanne de Vries gaat niet door.",
        (
            "Beste Sanne de Vries,\n\nDank voor uw bestelling.\n\nWie ziek is, meldt dat voor "
            "negen "
            "uur."
        ),
        (
            "Rugklachten zijn de oorzaak van veel verzuim in de bouw.\n\nDe kantine is open tot "
            "drie uur.\n\n"
            "Vragen over deze nieuwsbrief? Mail Sanne de Vries."
        ),
        "Sanne de Vries krijgt er hoofdpijn van, zei ze lachend.",
        "Beste Sanne, de vakbonden hebben het bod afgewezen.",  # written to, not spoken of
        "Sanne, de gezichtsherkenning op de laptops doet het niet.",
        "Sanne de Vries vroeg of het stembureau in de moskee is.",  # asks about it
        # an office is no secret
        "Raadslid Sanne de Vries van de VVD-fractie stelt vragen over de VVD.",
        "Melder: Sanne de Vries\nOnderwerp: afspraakmodule polikliniek",
        # ends alike
        "Sanne de Vries meldt een verkeersstoornis op de A2 en een netstoornis in Ede.",
        "Sanne de Vries haalt de ballen uit de kast.",
    ],
)
def test_impersonal_topics_are_public(detector: Detector, text: str) -> None:
    assert _level(detector, text) is Level.CONFIDENTIAL


@pytest.mark.parametrize(
    "text",
    [
        "Heeft uw kind een allergie, astma of epilepsie? O nee  O ja, namelijk: ....",
        "Does your child have asthma? Please tick: yes / no",
    ],
)
def test_a_question_of_a_form_is_impersonal(detector: Detector, text: str) -> None:
    assert _level(detector, text) is Level.PUBLIC


def test_a_person_in_another_text_of_the_request(detector: Detector) -> None:
    notes = "Diagnose: schizofrenie."
    assert _level(detector, notes) is Level.PUBLIC
    assert _level(detector, "Het gaat over Sanne de Vries.", notes) is Level.RESTRICTED


def test_names_in_a_row_keep_their_last_part(detector: Detector) -> None:
    text = " ".join(["Sanne de Vries"] * 3)
    (found,) = detector.scan(text)
    assert text[found.start : found.end] == text


def test_everyday_words_alone_are_no_finding(detector: Detector) -> None:
    assert detector.scan("De griep gaat rond en het ziekenhuis is vol.") == ()


@pytest.mark.parametrize(
    "text",
    [
        "De politie heeft Sanne de Vries gisteren meegenomen.",
        "The police took Sanne de Vries away.",
        "They have reported Sanne de Vries to the police.",
    ],
)
def test_a_topic_hides_no_name(detector: Detector, text: str) -> None:
    named = [f for f in detector.scan(text) if f.type == "PERSON"]
    assert [text[one.start : one.end] for one in named] == ["Sanne de Vries"]
    assert _level(detector, text) is Level.RESTRICTED


@given(
    st.lists(
        st.sampled_from([
            "Sanne de Vries",
            "is",
            "ziek",
            "de politie",
            "heeft",
            "meegenomen",
            "FNV",
            "moskee",
            ",",
            ".",
            "\n",
            "Beste",
            "hij",
            "griep",
            "lid van de",
            "Jan",
            "met",
            "koorts",
            "020-1234567",
            "vertrouwelijk",
            "reported",
            "to the police",
        ]),
        max_size=20,
    )
)
def test_topics_remove_no_redacted_finding(parts: list[str]) -> None:
    text = " ".join(parts)
    findings = DETECTOR.scan(text)
    taken = {at for f in findings if f.redactable for at in range(f.start, f.end)}
    named = {at for match in re.finditer("Sanne|Vries", text) for at in range(*match.span())}
    assert named <= taken
    assert list(findings) == sorted(findings, key=lambda finding: finding.start)


def test_a_text_full_of_topics_is_fast(detector: Detector) -> None:
    findings = detector.scan(
        "Sanne de Vries belt.\n\n" + "Griep, depressie en kanker komen voor. " * 2000
    )
    assert level_of(findings, LEVELS).level is Level.RESTRICTED
