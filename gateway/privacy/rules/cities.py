"""Towns that somebody lives in or comes from: behind a word, a key, a street or a postcode."""

import re
from collections.abc import Iterable

from gateway.privacy.detect.normalized_text import NormalizedText, RuleMatch, Strength, is_word
from gateway.privacy.lexicons.names import STOP_WORDS
from gateway.privacy.rules.rule import Rule

_TOWN = re.compile(
    r"(?:'s-|'t |d'|Sint |St\. |Den |De |Het |Ter |La |Le |Bad |San |Santa |New |Saint-)?"
    r"[A-ZÀ-Þ][\w'\u0300-\u036f-]+"
    r"(?: (?:aan (?:den?|het)|op|am|on|upon|a/d|sur|del|di|in|bij) (?:den? "
    r"|het )?[A-ZÀ-Þ][\w'-]++(?! ?\d))?"
    r"(?: (?:en (?:Rodenrijs|Duin|Terschuur)|IJssel|Rijn|Maas|Zuidoost|Noordoost|Zuid|Noord|Oost"
    r"|West|Haag|Bosch|Zoom|Aires|York|City|Waal))?"
)
_PARTS = (
    "Hinterhaus",
    "Vorderhaus",
    "Erdgeschoss",
    "Souterrain",
    "Achterhuis",
    "Bovenwoning",
    "Benedenwoning",
)


def placed(type_: str, start: int, end: int, *, score: float = 0.85) -> RuleMatch:
    """A hit of something that says where somebody lives."""
    return RuleMatch(type_, start, end, f"rule:{type_.lower()}", Strength.CONTEXT, score)


def town(view: NormalizedText, at: int) -> Iterable[RuleMatch]:
    """The town whose name begins at a place, if what stands there can be one."""
    match = _TOWN.match(view.text[at : at + 60])
    if match is None or match[0].lower() in STOP_WORDS or len(match[0]) < 2 or match[0] in _PARTS:
        return ()
    if view.at(at + match.end()) == ":" or (len(match[0]) < 4 and match[0].isupper()):
        return ()
    return (placed("CITY", at, at + match.end()),)


# Behind a key or a verb even words that no list knows are one town, up to the end of the field.
_TOWN_OF_WORDS = re.compile(
    r"(?:[A-ZÀ-Þ][^\W\d_]+[ -]){1,2}[A-ZÀ-Þ][^\W\d_]+(?=[ \t]*(?:[\n\r,;|\"]|\Z))"
)


def _residence(view: NormalizedText, start: int, end: int) -> Iterable[RuleMatch]:
    """A town behind ``woonachtig in``, ``born in`` or a key such as ``woonplaats:``."""
    if is_word(view.at(start - 1)):
        return ()
    at = end
    while (
        at < end + 4 and view.at(at) in (" ", '"', "'", "*") and not view.text.startswith("'s-", at)
    ):
        at += 1
    whole = _TOWN_OF_WORDS.match(view.text[at : at + 40])
    return (placed("CITY", at, at + whole.end()),) if whole else town(view, at)


_UP_TO_PLACE = re.compile(r"[^\n]{0,24} (?:in|te) ", re.IGNORECASE)


def _birthplace(view: NormalizedText, start: int, end: int) -> Iterable[RuleMatch]:
    """A town further on behind a word for being born: ``geboren op 3 mei 1990 te Ede``."""
    match = _UP_TO_PLACE.match(view.text, end)
    return () if match is None else _residence(view, start, match.end())


RULES: tuple[Rule, ...] = (
    Rule(r"\b(?:born|geboren|geb\.) ", True, _birthplace),
    Rule(
        (
            r"(?:wonend (?:te|in)|woonachtig (?:te|in)|wo(?:ont|on|nen)(?: [a-z]+){0,3} (?:te|in)"
            r"|geboren (?:te|in)|verhuisd? naar"
            r"|afkomstig uit|lives in|living in|born in|resid(?:es|ing|ent) (?:in|of)|moved to"
            r"|based in"
            r"|(?:woon|geboorte)plaats(?:[\"' ]{0,2}[:=]| is)|\b(?:plaats|plaatsnaam|stad|city"
            r"|town|gemeente|residence|ort|ville|ciudad|comune|miejscowość|miasto|bostadsort)"
            r"[\"']{0,1} ?[:=]|wohnhaft in|né[e]? à|vive en|abita a|mieszka w|bor i) ?"
        ),
        True,
        _residence,
    ),
)
