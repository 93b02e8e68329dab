"""Names, streets and cities for surrogates, written for this project.

No surrogate ends in s, x or z, which would make a genitive unclear, and none is an ordinary word.
Surnames, streets and cities are combined from two parts, so that few of them exist.
"""

from gateway.privacy.lexicons.loader import entries
from gateway.privacy.lexicons.names import AMBIGUOUS_NAMES

# By language and gender.
_GIVEN = {
    ("nl", "she"): entries("surrogates/given_names.nl.female.txt"),
    ("nl", "he"): entries("surrogates/given_names.nl.male.txt"),
    ("nl", ""): entries("surrogates/given_names.nl.neutral.txt"),
    ("en", "she"): entries("surrogates/given_names.en.female.txt"),
    ("en", "he"): entries("surrogates/given_names.en.male.txt"),
    ("en", ""): entries("surrogates/given_names.en.neutral.txt"),
}
# Names of known gender that are too common or too short for a surrogate.
_COMMON = {
    ("nl", "she"): entries("surrogates/common_names.nl.female.txt"),
    ("nl", "he"): entries("surrogates/common_names.nl.male.txt"),
    ("en", "she"): entries("surrogates/common_names.en.female.txt"),
    ("en", "he"): entries("surrogates/common_names.en.male.txt"),
}
_STEMS = {"nl": entries("surrogates/stems.nl.txt"), "en": entries("surrogates/stems.en.txt")}


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


_SURNAME_ENDS = {
    "nl": _words("stra sma inga kamp horst berghe man mann broeck hoven daal linck brugge wold"),
    "en": _words("worth field bourne croft dale ridge by combe stead holme ston well"),
}
_STREET_ENDS = {
    "nl": _words("laan straat weg hof plein dreef singel pad"),
    "en": (
        "side Road",
        "side Street",
        "side Lane",
        "side Avenue",
        "gate Road",
        "gate Street",
        "gate Lane",
        "gate Close",
    ),
}
_CITY_ENDS = {
    "nl": _words("woude huizen zijl oord burg veen waard terp lo dijke koog vliet"),
    "en": _words("mouth wick minster haven ley bury pool thorpe ham port cester den"),
}


def _compounds(ends: dict[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    return {
        language: tuple(stem + end for stem in _STEMS[language] for end in ends[language])
        for language in ends
    }


# By language and gender ("she", "he", "").
GIVEN = {
    key: tuple(name for name in names if name not in AMBIGUOUS_NAMES and name[-1] not in "sxz")
    for key, names in _GIVEN.items()
}
SURNAMES = _compounds(_SURNAME_ENDS)
STREETS = _compounds(_STREET_ENDS)
CITIES = _compounds(_CITY_ENDS)
_GENDERS = {
    name.lower(): key
    for lists in (_GIVEN, _COMMON)
    for key, names in lists.items()
    for name in names
}


def language_and_gender(given: str) -> tuple[str, str]:
    """Return language and gender ("she", "he") of a given name in any case; "" if unknown."""
    return _GENDERS.get(given.lower(), ("", ""))
