"""How many plain phrases of special categories the rules know, each about a person."""

from pathlib import Path

import pytest

from gateway.core.level import Level
from gateway.privacy import Detector, level_of
from tests.support.levels import LEVELS

_LINES = (
    (Path(__file__).parents[3] / "data/privacy/plain_words.txt")
    .read_text(encoding="utf-8")
    .splitlines()
)
_NAMES = {"nl": "Mevrouw Jansen", "en": "Mrs Johnson"}
_HAS = {"nl": "heeft", "en": "has"}


def sentence(category: str, language: str, phrase: str) -> str:
    """A phrase with a verb goes on from the name; an illness is had, and anything else noted."""
    if phrase.split(maxsplit=1)[0].lower() in _VERBS:
        return f"{_NAMES[language]} {phrase}."
    joined = f" {_HAS[language]}" if category == "HEALTH" else ":"
    return f"{_NAMES[language]}{joined} {phrase}."


@pytest.mark.parametrize("line", _LINES, ids=lambda line: line.partition(":")[0])
def test_the_rules_know_nearly_all_of_them(detector: Detector, line: str) -> None:
    head, _, phrases = line.partition(": ")
    category, language = head.split()
    unknown = [
        phrase
        for phrase in phrases.split(";")
        if level_of(detector.scan(sentence(category, language, phrase)), LEVELS).level
        is not Level.RESTRICTED
    ]
    assert len(unknown) <= max(6, 0.05 * phrases.count(";")), unknown


_VERBS = frozenset([
    "is",
    "was",
    "has",
    "heeft",
    "wordt",
    "zit",
    "staat",
    "kreeg",
    "werd",
    "gaat",
    "eet",
    "viert",
    "draagt",
    "bidt",
    "vast",
    "zingt",
    "leidt",
    "weigert",
    "werkt",
    "betaalt",
    "doet",
    "staakt",
    "pays",
    "belongs",
    "voted",
    "joined",
    "valt",
    "bezoekt",
    "gebruikt",
    "krijgt",
    "came",
    "uses",
    "visits",
    "stemt",
    "stemde",
    "flyert",
    "sympathiseert",
    "doneert",
    "loopt",
    "liep",
    "votes",
    "campaigns",
    "donates",
    "attends",
    "delivers",
    "klokt",
    "clocks",
    "blies",
    "zat",
    "served",
    "wears",
    "pleaded",
    "got",
    "keeps",
    "eats",
    "fasts",
    "observes",
    "celebrates",
    "needs",
])
