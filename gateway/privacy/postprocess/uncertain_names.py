"""Names of which nobody is sure, in a text that holds nothing else personal, are things.

``Retro Stanley`` in a list of mugs and ``Sint Joris`` over an inn look like names, and the classifier doubts them. Beside
an address, a number or a name that is certain such a doubt counts for a person; alone it does not. What a form says
(a greeting, a title, a field) is certain. Nothing falls in a text of a line, which says too little of what it is about, nor in
one that the classifier did not read.
"""

from collections.abc import Sequence

from gateway.classifiers.protocol import Entity
from gateway.core.finding import FindingKind
from gateway.privacy.detect.normalized_text import NormalizedText, RuleMatch
from gateway.privacy.level import NOBODY_MEANT, PERSON_MEANT
from gateway.privacy.postprocess.historical_figures import BY_ITSELF

_SURE = 0.98  # from here on the classifier knows a name
_LINE = 120  # characters of a text that says too little
# What takes words for a name or a town by what they look like, and not by what says that somebody bears it.
_DOUBTED = {
    "PERSON": (*BY_ITSELF, "rule:person-initials"),
    "CITY": ("names", "rule:city"),
}


def drop(view: NormalizedText, hits: list[RuleMatch], named: Sequence[Entity]) -> list[RuleMatch]:
    """The hits, or without the names and towns where all of these are doubtful and nothing else is of somebody."""
    if len(view.text) < _LINE or any(map(_is_of_somebody, hits)):
        return hits
    if any(one.type == "PERSON" and one.score >= _SURE for one in named):
        return hits
    return [hit for hit in hits if hit.type not in _DOUBTED]


def _is_of_somebody(hit: RuleMatch) -> bool:
    if hit.type in _DOUBTED:
        return hit.rule not in _DOUBTED[hit.type]
    if hit.kind is FindingKind.TOPIC:
        return hit.rule.endswith(PERSON_MEANT)
    return hit.kind is not FindingKind.LABEL and not hit.rule.endswith(NOBODY_MEANT)
