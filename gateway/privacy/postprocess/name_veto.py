"""Drop names that only rules found where the classifier is certain that there is no name.

Rules know names by lists and by the words before them: ``Anders`` opens a sentence as a name does,
and ``Storm Corrie`` is a woman. The classifier knows the sentence. It removes only names that it is
nearly certain about, and never the organisation's own terms. A listed first name with a surname is
removed only with evidence in its sentence that it is the name of a thing, of an author or of a
historical figure.
"""

import re
from bisect import bisect_right
from collections.abc import Mapping, Sequence

from gateway.classifiers.protocol import NO_NAME, Entity
from gateway.privacy.lexicons.loader import alternation, entries
from gateway.privacy.lexicons.names import SURNAMES
from gateway.privacy.lexicons.places import CAR_MAKES
from gateway.privacy.postprocess.historical_figures import HISTORICAL_FIGURES
from gateway.privacy.text.normalized_text import NormalizedText, RuleMatch

# A greeting or a signature names a person, also in languages that the classifier hardly knows; and
# the classifier does not know user names.
_NEVER_VETOED = (
    "rule:person-greeting",
    "rule:person-sign-off",
    "rule:person-user",
    "rule:person-initials",
)
_FULL_NAME = ("rule:person-first-name", "rule:person-upper")
_NAMED_AFTER = entries("named_after.endings.txt")
_ARTICLE = re.compile(r"(?<![\w'-])(?:de|het|een|the|an?) $")
_AUTHOR_PHRASES = alternation("author_phrases.patterns.txt")
_AUTHOR = re.compile(rf"(?<![\w-])(?:{_AUTHOR_PHRASES}) $")
_REACH = 32  # characters of the words before a name
_QUOTES = frozenset("'\"‘’“”„«»`")


def split(entities: Sequence[Entity]) -> tuple[Sequence[Entity], Sequence[Entity]]:
    """Return the entities, and the stretches without a name, both in order."""
    nameless = [one for one in entities if one.type == NO_NAME]
    return (
        ([one for one in entities if one.type != NO_NAME], nameless)
        if nameless
        else (entities, nameless)
    )


def drop(
    view: NormalizedText, hits: list[RuleMatch], nameless: Sequence[Entity]
) -> list[RuleMatch]:
    """Return the hits without the names that lie wholly in such a stretch."""
    if not nameless:
        return hits
    starts = [one.start for one in nameless]
    names = [hit for hit in hits if hit.type == "PERSON" and _within(hit, nameless, starts)]
    others: dict[int, int] = {}  # the least start of names of things, by their end
    for hit in names:
        if hit.rule in _FULL_NAME and _is_other_name(view, hit):
            others[hit.end] = min(hit.start, others.get(hit.end, hit.start))
    vetoed = frozenset(hit for hit in names if _may_be_vetoed(hit, others))
    return [hit for hit in hits if hit not in vetoed] if vetoed else hits


def _may_be_vetoed(hit: RuleMatch, others: Mapping[int, int]) -> bool:
    if hit.rule in _FULL_NAME:
        return others.get(hit.end, hit.end) <= hit.start
    return hit.rule not in _NEVER_VETOED


def _is_other_name(view: NormalizedText, hit: RuleMatch) -> bool:
    """Whether it is a thing, an author or a historical figure: ``de Anna Bergschool``."""
    name = view.lower[hit.start : hit.end]
    first, last = name.split()[0], name.split()[-1]
    return (
        name in HISTORICAL_FIGURES
        or first in CAR_MAKES
        or (last.endswith(_NAMED_AFTER) and last not in SURNAMES)
        or (view.at(hit.start - 1) in _QUOTES and view.at(hit.end) in _QUOTES)
        or view.at(hit.end).isdigit()  # of a model: "Henry HVR200"
        or _ARTICLE.search(view.lower, max(0, hit.start - _REACH), hit.start) is not None
        or _AUTHOR.search(view.lower, max(0, hit.start - _REACH), hit.start) is not None
    )


def _within(hit: RuleMatch, nameless: Sequence[Entity], starts: Sequence[int]) -> bool:
    at = bisect_right(starts, hit.start) - 1
    return at >= 0 and hit.end <= nameless[at].end
