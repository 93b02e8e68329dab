"""Titles before a name: the gender of a person, and a word for the title."""

import re

_LOOK_BACK = 32
_TITLES = re.compile(
    r"(?:\b(?:de|den|the|aan|beste|geachte|dear|en|of|and|or|mevrouw|mevr|mw|mej|juffrouw|mrs|ms"
    r"|miss|lady|madam|dhr|hr|heer|meneer|mijnheer|sir|mr|mister|dr|drs|doctor|prof|professor|ir"
    r"|ing)\b[./ \t]{1,3}){1,6}$"
)
_WORDS = re.compile(r"[a-z]+")
_SHE = frozenset(("mevrouw", "mevr", "mw", "mej", "juffrouw", "mrs", "ms", "miss", "lady", "madam"))
_HE = frozenset(("dhr", "hr", "heer", "meneer", "mijnheer", "sir", "mister"))
_NAMED = {
    "dr": "DOCTOR",
    "doctor": "DOCTOR",
    "drs": "DRS",
    "prof": "PROFESSOR",
    "professor": "PROFESSOR",
    "ir": "IR",
    "ing": "ING",
}
TITLES = frozenset(("mr", *_SHE, *_HE, *_NAMED))


def titles_before(text: str, at: int) -> frozenset[str]:
    """Return the titles right before a place, in lower case and without dots."""
    found = _TITLES.search(text[max(0, at - _LOOK_BACK) : at].lower())
    return TITLES.intersection(_WORDS.findall(found[0])) if found else frozenset()


def titles_in(name: str) -> frozenset[str]:
    """Return the titles within a name."""
    return TITLES.intersection(_WORDS.findall(name.lower()))


def gender_of(titles: frozenset[str], language: str) -> str:
    """Return "she", "he", or "" if titles give neither; "mr" is a lawyer in Dutch."""
    if not titles.isdisjoint(_SHE):
        return "she"
    if not titles.isdisjoint(_HE) or ("mr" in titles and language == "en"):
        return "he"
    return ""


def title_of(titles: frozenset[str], language: str) -> str:
    """Return the word of the highest title, in upper case; "" without one."""
    for title in ("professor", "prof", "dr", "doctor", "drs", "ir", "ing"):
        if title in titles:
            return _NAMED[title]
    return "MEESTER" if "mr" in titles and language == "nl" else ""
