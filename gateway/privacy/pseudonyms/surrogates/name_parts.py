"""The words of a name: which are kept, which are replaced, and the kind of each."""

import re
from typing import NamedTuple

from gateway.privacy.lexicons.names import GIVEN_NAMES, PARTICLES, SURNAMES
from gateway.privacy.pseudonyms.surrogates.lists import language_and_gender
from gateway.privacy.pseudonyms.surrogates.titles import TITLES

_PARTS = re.compile(r"[^\W\d_]+|.", re.DOTALL)
_APOSTROPHES = ("'", "’")
# Signs besides letters; a name with any other sign has an unknown form.
_KEPT_SIGNS = frozenset(" .,-'’\"()/\u00a0\n\t")
# Kept in any case and place; other particles may be names and are kept only in lower case.
_ALWAYS = frozenset((
    "van",
    "de",
    "den",
    "der",
    "het",
    "ter",
    "ten",
    "te",
    "von",
    "zu",
    "zur",
    "vande",
    "vanden",
))
_INSIDE = PARTICLES - _ALWAYS - {"ben"}
_DUTCH = frozenset(("van", "de", "den", "der", "het", "ter", "ten"))
_LATIN = re.compile(r"[a-z\u00df-\u024f\u1e00-\u1eff]+")
_SHORTENED = frozenset(("th", "ph", "chr", "joh", "tj", "fr", "ch", "jac", "sj", "alb"))


class NamePart(NamedTuple):
    """``kind``: "kept" (signs, titles, particles), "initial", "given" or "surname"."""

    text: str
    kind: str


def parts_of(name: str, *, titled: bool) -> list[NamePart]:
    """Return the parts of a name; none if it has no word that can be replaced.

    ``titled``: a title precedes it, so a single word is a surname.
    """
    texts = _PARTS.findall(name)
    kinds = [_kind(texts, at) for at in range(len(texts))]
    words = [at for at, kind in enumerate(kinds) if kind == "word"]
    if not words or "other" in kinds:
        return []
    particles = [at for at in range(words[-1]) if texts[at].isalpha() and kinds[at] == "kept"]
    titled = titled or "title" in kinds[: words[0]]
    led = "initial" in kinds[: words[0]] or (titled and len(words) == 1)
    for at in words:
        kinds[at] = "given" if _is_given(texts, words, particles, at, led=led) else "surname"
    return [
        NamePart(text, "kept" if kind == "title" else kind)
        for text, kind in zip(texts, kinds, strict=True)
    ]


def first_name(name: str) -> str:
    """Return the first given name of a name; "" without one."""
    return next((part.text for part in parts_of(name, titled=False) if part.kind == "given"), "")


def home_of(parts: list[NamePart]) -> str:
    """Return the language of a name: of its given name, or Dutch for a Dutch particle."""
    for part in parts:
        home = language_and_gender(part.text)[0] if part.kind == "given" else ""
        if home:
            return home
    return "nl" if any(part.text.lower() in _DUTCH for part in parts) else ""


def _kind(texts: list[str], at: int) -> str:
    text = texts[at]
    if not text.isalpha():
        return "kept" if text in _KEPT_SIGNS else "other"
    folded = text.lower()
    before, behind = texts[at - 1] if at else "", texts[at + 1] if at + 1 < len(texts) else ""
    if folded in TITLES:
        return "title"
    if folded in _ALWAYS or (at and text in _INSIDE):
        return "kept"
    if len(text) == 1:
        return "kept" if before in _APOSTROPHES or behind in _APOSTROPHES else "initial"
    if not _LATIN.fullmatch(folded):
        return "other"
    return "initial" if behind == "." and folded in _SHORTENED else "word"


def _is_given(
    texts: list[str], words: list[int], particles: list[int], at: int, *, led: bool
) -> bool:
    hyphened = texts[at + 1 : at + 2] == ["-"] and at + 2 in particles
    if led or hyphened or (particles and particles[0] < at):
        return False
    if particles:
        return True
    known = texts[at].capitalize() in GIVEN_NAMES
    if len(words) == 1:
        return (
            known or bool(language_and_gender(texts[at])[0]) or texts[at].lower() not in _SURNAMES
        )
    return at == words[0] or (at != words[-1] and known)


_SURNAMES = frozenset(name.lower() for name in SURNAMES)
