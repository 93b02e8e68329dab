"""Neutral text around a finding takes nothing away, whatever scores the classifier gives."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from gateway.classifiers.protocol import NO_NAME, Entity
from gateway.core.level import Level
from gateway.evaluation.invariance import LANGUAGES, neutral_sentences
from gateway.privacy import level_of
from tests.support.detector import DETECTOR
from tests.support.levels import LEVELS

NEUTRAL = {
    "nl": (
        "De vergadering is om drie uur in zaal 2.",
        "Neem de presentatie mee en denk aan de begroting.",
        "Graag in duidelijke taal.",
        "Het mag niet langer zijn dan een halve pagina.",
        "De printer op de tweede verdieping doet het weer.",
    ),
    "en": (
        "The meeting is at three in room 2.",
        "Bring the presentation along and keep the budget in mind.",
        "Please use plain language.",
        "It should not be longer than half a page.",
        "The printer on the second floor works again.",
    ),
}
# A text, and what the classifier may see in it.
BASES = (
    ("Kun je Sanne Bakker bellen over de offerte?", (("Sanne Bakker", "PERSON"),)),
    ("Vraag Nkechi Obiora of de planning klopt.", (("Nkechi Obiora", "PERSON"),)),
    ("Stanley komt om tien uur langs.", (("Stanley", "PERSON"),)),
    ("Ask Wei Zhang whether the figures are right.", (("Wei Zhang", "PERSON"),)),
    ("M.J. van den Berg tekent morgen.", (("M.J. van den Berg", "PERSON"),)),
    ("De bus naar Almelo rijdt niet.", (("Almelo", "CITY"),)),
    ("Bram en Fatima gaan naar Zwolle.", (("Bram", "PERSON"), ("Zwolle", "CITY"))),
    ("Bel 06-12345678 of mail naar lotte@voorbeeld.example.", ()),
    ("Yasmin El Amrani heeft diabetes.", (("Yasmin El Amrani", "PERSON"),)),
    ("naam;stad\nOge Azubuike;Zwolle", (("Oge Azubuike", "PERSON"), ("Zwolle", "CITY"))),
    ("# Vraag Tjitske of dit klopt.\nlimit = 20", (("Tjitske", "PERSON"),)),
    ("Vertrouwelijk: de directie sluit de vestiging in het noorden.", ()),
    ("Het wachtwoord is Zomerkast-42!x.", (("Zomerkast-42!x", "SECRET"),)),
    ("ik sprak sanne zwirtelbach, die belt terug", (("sanne zwirtelbach", "PERSON"),)),
)
sentences = st.lists(st.sampled_from([*NEUTRAL["nl"], *NEUTRAL["en"]]), min_size=1, max_size=20)


def judged(text: str, entities: Sequence[Entity]) -> tuple[set[int], Level]:
    """Return the places of all letters and digits that are redacted, and the level."""
    found = DETECTOR.scan(text, entities)
    redacted = (place for one in found if one.redactable for place in range(one.start, one.end))
    places = {place for place in redacted if text[place].isalnum()}
    return places, level_of(found, LEVELS).level


@given(
    st.sampled_from(BASES), sentences, sentences, st.sampled_from([" ", "\n", "\n\n"]), st.data()
)
def test_neutral_sentences_take_no_finding_away(
    base: tuple[str, tuple[tuple[str, str], ...]],
    before: list[str],
    behind: list[str],
    gap: str,
    data: st.DataObject,
) -> None:
    text, seen = base
    entities = [
        Entity(text.index(value), text.index(value) + len(value), type_, score)
        for value, type_ in seen
        if (score := data.draw(st.floats(0.4, 1), label=value)) >= 0.5
    ]
    gap = gap if text.endswith((".", "?")) else "\n"
    front = gap.join([*before, ""])
    rear = gap.join(["", *behind])
    shift = len(front)
    moved = [  # the scores fall or rise with the sentences around
        replace(one, start=one.start + shift, end=one.end + shift, score=score)
        for one in entities
        for score in [data.draw(st.floats(0.5, 1), label="among others")]
    ]
    around = [
        Entity(0, shift, NO_NAME, 1.0),
        Entity(shift + len(text), shift + len(text) + len(rear), NO_NAME, 1.0),
    ]
    places, level = judged(text, entities)
    padded, padded_level = judged(front + text + rear, [*moved, *around])
    assert {place + shift for place in places} <= padded
    assert padded_level >= level


@pytest.mark.parametrize(
    "text",
    [
        "ik heb willemijn gesproken, oktay nog niet",
        "meneer de backer gaf aan dat hij sinds de kuur slecht slaapt",
        "mail naar deirdre.kane@voorbeeld.example en vraag of kane met een k is",
        "hello its tracey here about my little girl evie she has been sick all night",
        "Geachte heer Achterberg, uit het onderzoek blijkt dat u diabetes hebt.",
        "Dear Mr Lockwood,\n\nYour biopsy results are available. Please ring the clinic.",
        "naam;plaats;mobiel\nWinston Kartosen;Almere;06 22901174\nHoa Truong;Breda;06 55180932",
        "[16:20] Sterre: wie heeft de sleutel?\n[16:21] Oge: ik.\n[16:30] Oge: kom maar.",
        "Wachtwoord: Zomer-2027!kast\nBSN 123456782",
    ],
)
@pytest.mark.parametrize("gap", [" ", "\n", "\n\n"])
@pytest.mark.parametrize("language", NEUTRAL)
def test_rules_lose_nothing_among_neutral_sentences(text: str, gap: str, language: str) -> None:
    if gap == " " and "[16:20]" in text:
        gap = "\n"  # a chat begins on a line of its own
    padding = " ".join(NEUTRAL[language])
    before = padding + gap
    behind = (gap if text.endswith((".", "?", "!")) else "\n") + padding
    places, level = judged(text, ())
    assert places
    for front, rear in ((before, ""), ("", behind), (before, behind)):
        padded, padded_level = judged(front + text + rear, ())
        assert {place + len(front) for place in places} <= padded
        assert padded_level >= level


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("Naam: Klaas-Jan Boonman", "Reden: progressieve spierziekte"),
        ("Employee: L. Hathersage", "Deduction: union subs, 14.20 monthly"),
        ("Betreft: Sanne Bakker.", "De diagnose is nog niet bekend."),
    ],
)
def test_sentences_between_a_person_and_a_topic_keep_the_level(first: str, second: str) -> None:
    level = judged(f"{first}\n\n{second}", ())[1]
    assert level is Level.RESTRICTED
    for language in LANGUAGES:
        between = " ".join(neutral_sentences(language)[:20])
        assert judged(f"{first}\n\n{between}\n\n{second}", ())[1] is level


def test_neutral_sentences_are_neutral() -> None:
    for language in NEUTRAL.values():
        assert judged(" ".join(language), ()) == (set(), Level.PUBLIC)
