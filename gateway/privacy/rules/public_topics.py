"""Topics that are also part of public life: unions, churches, parties, clinics, face recognition.

Such a topic is personal only where it is linked to a person, not where a person receives a text
about it, asks about it, or occurs elsewhere in the sentence.
"""

import re
from collections.abc import Sequence

from gateway.privacy.lexicons.loader import alternation
from gateway.privacy.text.normalized_text import NormalizedText, RuleMatch

_WORDS = re.compile(alternation("public_topics.patterns.txt"))
_INSTITUTION = re.compile(r"poli(?:kliniek)?|arbo-?dienst|ggz|wmo|wlz|pgb|gevangenis|prison")
_HE_OR_SHE = re.compile(r"(?<![\w-])(?:hij|zij|hem|haar|he|she|him|her|his)(?![\w-])")
# "of" opens a clause in Dutch; before an English article it is a preposition.
_CLAUSE = re.compile(
    r" (?:of(?! (?:the|an?|our|their) )|whether|if|dat|that|because|omdat|over|about) "
)
_GREETING = re.compile(
    r"(?:^|\n)[> ]{0,4}(?:geachte|beste|dear|lieve|hi|hoi|hallo|dag|hello|hey|goedemorgen"
    r"|goedemiddag|morning|good morning)"
    r"(?: (?:heer|mevrouw|meneer|mr|mrs|ms|miss|dr|prof)\.?){0,2} $",
    re.IGNORECASE,
)
# The party of the holder of an office is public.
_OFFICES = alternation("public_offices.patterns.txt")
_OFFICE = re.compile(rf"(?<![\w-])(?:{_OFFICES})(?![\w-])")


def is_public(words: str) -> bool:
    """Whether these words (in lower case) are also part of public life."""
    return _WORDS.fullmatch(words) is not None


def is_institution(words: str) -> bool:
    """Whether they name an institution: in a form it is the sender, or a department."""
    return _INSTITUTION.fullmatch(words) is not None


def is_office(topic: str, sentence: str) -> bool:
    """Whether a sentence mentions a party and the holder of an office."""
    return topic == "POLITICS" and _OFFICE.search(sentence) is not None


def is_linked(
    view: NormalizedText, hit: RuleMatch, persons: Sequence[RuleMatch], begin: int, stop: int
) -> bool:
    """Whether a person in the sentence from ``begin`` to ``stop`` is linked to its topic."""
    if _HE_OR_SHE.search(view.lower[begin:stop]):
        return True
    for person in persons:
        if not (begin < person.end and person.start < stop) or is_addressee(view, person):
            continue
        left, right = (
            (person.end, hit.start) if person.end <= hit.start else (hit.end, person.start)
        )
        if not _CLAUSE.search(view.lower[left:right]):
            return True
    return False


def is_addressee(view: NormalizedText, person: RuleMatch) -> bool:
    """Whether a name follows a greeting, or opens a line before a comma and a sentence."""
    text = view.text
    if _GREETING.search(text[max(0, person.start - 40) : person.start]):
        return True
    opens = person.start == 0 or text[person.start - 1] == "\n"
    return opens and text.startswith(", ", person.end) and view.at(person.end + 2).islower()
