"""Labels mark a text; the same words in a sentence do not."""

import pytest

from gateway.core.finding import FindingKind
from gateway.privacy import Detector


def _labels(detector: Detector, text: str) -> set[str]:
    return {finding.type for finding in detector.scan(text) if finding.kind is FindingKind.LABEL}


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("STRIKT VERTROUWELIJK - conceptbegroting 2027", "RESTRICTED"),
        ("Vertrouwelijkheid: strikt vertrouwelijk", "RESTRICTED"),
        ("Dit document is geheim.", "RESTRICTED"),
        ("Sensitivity: Highly Confidential", "RESTRICTED"),
        (
            "msip_labels: MSIP_Label_xx_Enabled=true; MSIP_Label_xx_Name=Strikt vertrouwelijk",
            "RESTRICTED",
        ),
        ("<!-- classification: restricted -->", "RESTRICTED"),
        ('{"classification": "restricted"}', "RESTRICTED"),
        ("Eyes only: board members", "RESTRICTED"),
        ("TLP:RED", "RESTRICTED"),
        ("TLP:AMBER+STRICT Incident report", "CONFIDENTIAL"),
        ("MIP: Confidential \\ All Employees", "CONFIDENTIAL"),
        ("Onderwerp: [VERTROUWELIJK] reorganisatie", "CONFIDENTIAL"),
        ("# Vertrouwelijk\nOvernamekandidaat", "CONFIDENTIAL"),
        ("Persoonlijk & vertrouwelijk\nAan de directie", "CONFIDENTIAL"),
        ("Proprietary and Confidential", "CONFIDENTIAL"),
        ("Gevoeligheid: Bedrijfsgeheim", "CONFIDENTIAL"),
        ("Classificatie BBN2 - Vertrouwelijk", "CONFIDENTIAL"),
        ("Deze memo is vertrouwelijk en alleen bestemd voor het bestuur.", "CONFIDENTIAL"),
        ("MSIP_Label_a1b2_Name=Internal", "INTERNAL"),
        ("x-classification: internal", "INTERNAL"),
        ("Alleen voor intern gebruik - niet delen buiten de organisatie", "INTERNAL"),
        ("FOR INTERNAL USE ONLY", "INTERNAL"),
        ("Niet verspreiden. Alleen voor projectleden.", "INTERNAL"),
        ("Subject: [Internal - do not forward] Base closure timetable", "INTERNAL"),
        ("For internal circulation only: refunds under 15 are approved.", "INTERNAL"),
        ("Memo, intern: marge op de oproepkrachten gaat naar 1,58.", "INTERNAL"),
        ("Handbook (staff only, not for suppliers)", "INTERNAL"),
        ("Uso interno: la cámara frigorífica queda fuera de servicio.", "INTERNAL"),
        ("Onderwerp: nieuwe handscanners, graag intern houden", "INTERNAL"),
        ("Let op: intern document, niet bestemd voor publicatie.", "INTERNAL"),
    ],
)
def test_labels(detector: Detector, text: str, label: str) -> None:
    assert _labels(detector, text) == {f"LABEL_{label}"}


@pytest.mark.parametrize(
    "text",
    [
        "Ik vertel je dit in vertrouwen.",
        "Een geheim recept van de bakker: appeltaart.",
        "Het is geen geheim dat de markt krimpt.",
        "De vertrouwenspersoon is op dinsdag aanwezig.",
        "Our confidential counsellor is available on Tuesdays.",
        "All applications are treated in strict confidence.",
        "Wij behandelen uw gegevens vertrouwelijk.",
        "The secret of good bread is time.",
        "Top secret! Our new flavour arrives in May.",
        "Secret Santa takes place on 12 December.",
        "Parking is restricted to permit holders.",
        "Restricted area: authorised staff only",
        "De interne dienst haalt het papier op.",
        "Kies in het menu de status Vertrouwelijk om het document af te schermen.",
        'Het label "Intern" staat standaard aan.',
        "The document class can be Public, Internal, Confidential or Restricted.",
        "Confidentiality clause: the parties shall keep the terms confidential.",
        "kubectl create secret generic db",
        "secret: true",
        "TLP:CLEAR weekly digest",
    ],
)
def test_the_same_words_in_a_sentence(detector: Detector, text: str) -> None:
    assert _labels(detector, text) == set()


@pytest.mark.parametrize(
    ("text", "label"),
    [
        (
            (
                "Vertrouwelijk – s.v.p. niet doorsturen. De fabriek in Helmond sluit per 1 maart, "
                "het "
                "personeel hoort het maandag."
            ),
            "LABEL_CONFIDENTIAL",
        ),
        (
            (
                "Confidential, please do not forward. The plant closes in March and staff will be "
                "told on Monday morning."
            ),
            "LABEL_CONFIDENTIAL",
        ),
        (
            (
                "Vertrouwelijk. De overname van de twee filialen gaat niet door; de bank wil niet "
                "verlengen."
            ),
            "LABEL_CONFIDENTIAL",
        ),
        (
            (
                "Confidential draft, not yet approved. The consultants propose to close the second "
                "line."
            ),
            "LABEL_CONFIDENTIAL",
        ),
        ("Intern document\nVoorraadverschillen per kwartaal: Q1 0,8%.", "LABEL_INTERNAL"),
        ("Intern: de kantine is maandag dicht vanwege de nieuwe vloer.", "LABEL_INTERNAL"),
        ("De cijfers volgen vrijdag. Deel dit nog niet met de winkels.", "LABEL_INTERNAL"),
    ],
)
def test_labels_that_open_a_line_or_ask_not_to_share(
    detector: Detector, text: str, label: str
) -> None:
    assert _labels(detector, text) == {label}


_AROUND = {
    "nl": "Het is druk op de afdeling en het gaat niet vanzelf.",
    "en": "It is busy at the office, and that will not change.",
}


@pytest.mark.parametrize(
    "text",
    [
        "Vertrouwelijk: de directie overweegt vestiging Noord te sluiten.",
        "Vertrouwelijk: overname Noord.",
        "Vertrouwelijk. De overname gaat niet door.",
        "Vertrouwelijk – s.v.p. niet doorsturen.",
        "STRIKT VERTROUWELIJK - conceptbegroting 2027.",
        "Strikt vertrouwelijk, alleen voor de directie.",
        "Confidential draft, not yet approved.",
        "Internal: the canteen is closed for the new floor.",
        "Intern: de kantine is maandag dicht vanwege de nieuwe vloer.",
        "Eyes only: board members.",
        "Classificatie: geheim.",
        "Dit document is geheim.",
        "TLP:RED.",
    ],
)
def test_a_label_keeps_its_level_among_other_sentences(detector: Detector, text: str) -> None:
    alone = _labels(detector, text)
    assert alone
    for sentence in _AROUND.values():
        for gap in (" ", "\n", "  "):
            assert _labels(detector, f"{sentence}{gap}{text}") == alone
            assert _labels(detector, f"{text}{gap}{sentence} {sentence}") == alone
            assert _labels(detector, f"{sentence}{gap}{text}{gap}{sentence}") == alone


@pytest.mark.parametrize(
    "text",
    [
        "De zaal is vol. Vertrouwelijke stukken liggen in de kast.",
        "Ask the counsellor. Confidential advice is free of charge.",
        "Kies een status, bijv. Vertrouwelijk of Openbaar, in het menu.",
        "Het recept is niet veranderd. Geheim is het al lang niet meer.",
    ],
)
def test_a_sentence_that_opens_with_such_a_word_is_no_label(detector: Detector, text: str) -> None:
    assert _labels(detector, text) == set()


@pytest.mark.parametrize(
    "text",
    [
        "Internal mail is collected at noon.",
        "Intern overleg is op dinsdag om tien uur.",
    ],
)
def test_what_is_internal_by_nature_is_no_label(detector: Detector, text: str) -> None:
    assert _labels(detector, text) == set()
