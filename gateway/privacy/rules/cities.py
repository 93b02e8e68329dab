"""Cities after a word, a key, a street or a postcode."""

import re
from collections.abc import Iterable

from gateway.privacy.lexicons.names import STOP_WORDS
from gateway.privacy.rules.rule import Rule
from gateway.privacy.text.normalized_text import NormalizedText, RuleMatch, Strength, is_word

_CITY = re.compile(
    r"(?:'s-|'t |d'|Sint |St\. |Den |De |Het |Ter |La |Le |Bad |San |Santa |New "
    r"|Saint-)?[A-ZÀ-Þ][\w'\u0300-\u036f-]+(?: (?:aan (?:den?|het)|op|am|on|upon|a/d|sur|del|di|in"
    r"|bij) (?:den? |het )?[A-ZÀ-Þ][\w'-]++(?! ?\d))?(?: (?:en (?:Rodenrijs|Duin|Terschuur)|IJssel"
    r"|Rijn|Maas|Zuidoost|Noordoost|Zuid|Noord|Oost|West|Haag|Bosch|Zoom|Aires|York|City|Waal))?"
)
_SHORTEST = 2  # characters
_PARTS = (
    "Hinterhaus",
    "Vorderhaus",
    "Erdgeschoss",
    "Souterrain",
    "Achterhuis",
    "Bovenwoning",
    "Benedenwoning",
    "Suite",
    "Floor",
    "First",
    "Second",
    "Third",
    "Fourth",
    "Fifth",
)


def placed(type_: str, start: int, end: int, *, score: float = 0.85) -> RuleMatch:
    """Return a hit of a part of an address."""
    return RuleMatch(type_, start, end, f"rule:{type_.lower()}", Strength.CONTEXT, score)


def city(view: NormalizedText, at: int) -> Iterable[RuleMatch]:
    """Yield the city whose name begins at a place, if it can be a name."""
    match = _CITY.match(view.text[at : at + 60])
    name = match[0].rstrip("'") if match else ""  # without the quote that ends a literal
    if name.lower() in STOP_WORDS or len(name) < _SHORTEST or name in _PARTS:
        return ()
    if view.at(at + len(name)) == ":" or (len(name) < 4 and name.isupper()):
        return ()
    return (placed("CITY", at, at + len(name)),)


# After a key or a verb, all words with capitals up to the end of the field are one city.
_CITY_OF_WORDS = re.compile(
    r"(?:[A-ZÀ-Þ][^\W\d_]+[ -]){1,2}[A-ZÀ-Þ][^\W\d_]+(?=[ \t]*(?:[\n\r,;|\"]|\Z))"
)


def _residence(view: NormalizedText, start: int, end: int) -> Iterable[RuleMatch]:
    """Find a city after ``woonachtig in``, ``born in`` or a key such as ``woonplaats:``."""
    if is_word(view.at(start - 1)):
        return ()
    at = end
    while (
        at < end + 4 and view.at(at) in (" ", '"', "'", "*") and not view.text.startswith("'s-", at)
    ):
        at += 1
    whole = _CITY_OF_WORDS.match(view.text[at : at + 40])
    return (placed("CITY", at, at + whole.end()),) if whole else city(view, at)


_UP_TO_PLACE = re.compile(r"[^\n]{0,24} (?:in|te) ", re.IGNORECASE)


def _birthplace(view: NormalizedText, start: int, end: int) -> Iterable[RuleMatch]:
    """Find a place of birth after a date: ``geboren op 3 mei 1990 te Ede``."""
    match = _UP_TO_PLACE.match(view.text, end)
    return () if match is None else _residence(view, start, match.end())


RULES: tuple[Rule, ...] = (
    Rule(r"\b(?:born|geboren|geb\.) ", True, _birthplace),
    Rule(
        (
            r"(?:wonend (?:te|in)|woonachtig (?:te|in)|wo(?:ont|on|nen)(?: [a-z]+){0,3} (?:te|in)"
            r"|geboren (?:te|in)|verhuisd? naar|afkomstig uit|lives in|living in|born in"
            r"|resid(?:es|ing|ent) (?:in|of)|moved to|based in|(?:woon"
            r"|geboorte)plaats(?:[\"' ]{0,2}[:=]| is)|\b(?:plaats|plaatsnaam|stad|city|town"
            r"|gemeente|residence|ort|ville|ciudad|comune|miejscowość|miasto"
            r"|bostadsort)[\"']{0,1} ?[:=]|wohnhaft in|né[e]? à|vive en|abita a|mieszka w|bor i) ?"
        ),
        True,
        _residence,
    ),
)
