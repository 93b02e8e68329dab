"""Drop uncertain names in a text that holds no other personal data.

``Retro Stanley`` in a list of mugs and ``Sint Joris`` above an inn look like names, but the
classifier is not certain. Beside an address, a number or a certain name, an uncertain name counts;
alone it does not. A name that a greeting, a title or a field announces is certain. Nothing is
dropped in a text of one line, which tells too little of its subject, or in a text that the
classifier did not scan.
"""

from collections.abc import Sequence

from gateway.classifiers.protocol import Entity
from gateway.core.finding import FindingKind
from gateway.privacy.level import IMPERSONAL_SUFFIX, PERSON_SUFFIX
from gateway.privacy.postprocess.historical_figures import NAME_ONLY_RULES
from gateway.privacy.text.normalized_text import NormalizedText, RuleMatch

_CERTAIN_SCORE = 0.98  # from this score on the classifier is certain of a name
_SHORTEST_TEXT = 120  # characters; a shorter text tells too little of its subject
# Rules that find a name or a city by its words alone; no other word shows what it is.
_UNCERTAIN_RULES = {
    "PERSON": (*NAME_ONLY_RULES, "rule:person-initials"),
    "CITY": ("names", "rule:city"),
}


def drop(
    view: NormalizedText, hits: list[RuleMatch], entities: Sequence[Entity]
) -> list[RuleMatch]:
    """Return the hits, without names and cities where all of them are uncertain and stand alone."""
    if len(view.text) < _SHORTEST_TEXT or any(map(_is_personal, hits)):
        return hits
    if any(one.type == "PERSON" and one.score >= _CERTAIN_SCORE for one in entities):
        return hits
    return [hit for hit in hits if hit.type not in _UNCERTAIN_RULES]


def _is_personal(hit: RuleMatch) -> bool:
    if hit.type in _UNCERTAIN_RULES:
        return hit.rule not in _UNCERTAIN_RULES[hit.type]
    if hit.kind is FindingKind.TOPIC:
        return hit.rule.endswith(PERSON_SUFFIX)
    return hit.kind is not FindingKind.LABEL and not hit.rule.endswith(IMPERSONAL_SUFFIX)
