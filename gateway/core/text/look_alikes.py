"""Letters of other scripts that look like Latin ones."""

import unicodedata
from collections.abc import Iterable

# Cyrillic and Greek letters, character for character (a selection of Unicode TR 39's confusables).
LOOK_ALIKES = dict(
    zip(
        "АВСЕНІЈКМОРЅТХУаеіјорсухѕԁһԛѵԝΑΒΕΖΗΙΚΜΝΟΡΤΥΧαικνορτυχ",
        "ABCEHIJKMOPSTXYaeijopcyxsdhqvwABEZHIKMNOPTYXaiknoptux",
        strict=True,
    )
)


def name_forms(name: str) -> frozenset[str]:
    """Return how the name of a person is compared: two with a form in common are the same.

    The forms are in compatibility form (NFKC) and lower case, without characters that do not show:
    the name itself, and with Latin letters for those that look like them, as they are or as
    capitals.
    """
    plain = unicodedata.normalize("NFKC", name)
    shown = "".join(one for one in plain if unicodedata.category(one) != "Cf").strip()
    latin = "".join(LOOK_ALIKES.get(one, one) for one in shown)
    capital = "".join(LOOK_ALIKES.get(one.upper(), one) for one in latin)
    return frozenset((shown.casefold(), latin.casefold(), capital.casefold()))


def forms_of(names: Iterable[str]) -> frozenset[str]:
    """Return the forms of all names of one person."""
    return frozenset().union(*map(name_forms, names))


def distinct_names(names: Iterable[str]) -> list[frozenset[str]]:
    """Return the forms of each person among these names."""
    found: list[frozenset[str]] = []
    for forms in map(name_forms, names):
        same = [one for one in found if one & forms]
        found = [one for one in found if not one & forms]
        found.append(forms.union(*same))
    return found
