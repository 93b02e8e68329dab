"""What was found once as a name is a name everywhere in the same text."""

from collections.abc import Iterable, Sequence

from gateway.privacy.view import Hit, Strength, View, is_word
from gateway.privacy.words import AMBIGUOUS_NAMES, FIRST_NAMES, PARTICLES, STOP

_NAMES = 64
_PLACES = 2000


def spread(view: View, hits: Sequence[Hit]) -> Iterable[Hit]:
    """Further places of the names in ``hits``: in full, by surname, by first name."""
    full: dict[str, None] = {}
    single: dict[str, None] = {}
    for hit in hits:
        if hit.type == "PERSON" and hit.strength >= Strength.CONTEXT:
            name = view.text[hit.start : hit.end]
            _forms(name, full, single)
        elif hit.type == "EMAIL":
            _from_address(view.lower[hit.start : hit.end], full)
    for form in list(full)[:_NAMES]:
        yield from _places(view, view.lower, form)
    for word in list(single)[:_NAMES]:
        yield from _places(view, view.text, word)
        yield from _places(view, view.text, word.upper())


def _forms(name: str, full: dict[str, None], single: dict[str, None]) -> None:
    words = name.split()
    if len(words) > 1:
        full[name.lower()] = None
        surname = _surname(words)
        if _may_stand_alone(surname.split()[-1]):
            single[surname] = None
            single[surname[0].upper() + surname[1:]] = None
            single[surname.split()[-1]] = None
    first = words[0]
    lone = len(words) == 1 or first in FIRST_NAMES
    if lone and "." not in first and _may_stand_alone(first):
        single[first] = None


def _surname(words: list[str]) -> str:
    index = len(words) - 1
    while index > 1 and words[index - 1].lower() in PARTICLES:
        index -= 1
    return " ".join(words[index:])


def _may_stand_alone(word: str) -> bool:
    folded = word.lower().rstrip(".")
    return len(folded) >= 3 and folded not in STOP and word.capitalize() not in AMBIGUOUS_NAMES


def _from_address(address: str, full: dict[str, None]) -> None:
    """``lotte.haverkamp@`` is evidence that these two words are a name."""
    parts = address.partition("@")[0].replace("_", ".").split(".")
    named = len(parts) >= 2 and len(parts[-1]) > 2
    if named and all(part.isalpha() and part not in STOP for part in parts):
        full[" ".join(parts)] = None
        if len(parts[0]) == 1:
            full[f"{parts[0]}. {parts[-1]}"] = None


def _places(view: View, text: str, form: str) -> Iterable[Hit]:
    at = text.find(form)
    for _ in range(_PLACES):
        if at < 0:
            return
        end = at + len(form)
        alone = not is_word(view.at(at - 1)) and not is_word(view.at(end))
        if alone and view.at(at - 1) not in ("@", ".", "/") and view.at(end) not in ("@",):
            yield Hit("PERSON", at, end, "rule:person-again", Strength.PLAIN, 0.7)
        at = text.find(form, end)
