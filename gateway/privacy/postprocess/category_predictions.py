"""Add the special categories that the classifier predicts to the topics that rules found.

The classifier was trained on texts about a person. Where a text mentions no person, and where a
rule found the same category of a person, its prediction adds nothing.
"""

from collections.abc import Sequence

from gateway.classifiers.protocol import Entity
from gateway.core.finding import SPECIAL_CATEGORIES, FindingKind
from gateway.privacy.level import PERSON_SUFFIX, PERSONS
from gateway.privacy.rules.person_references import mentions_person
from gateway.privacy.text.normalized_text import NormalizedText, RuleMatch

_LEAST_WITHOUT_NAME = 0.25  # a prediction for a text without a name needs a higher score
PREDICTION_RULE = "told" + PERSON_SUFFIX


def split(entities: Sequence[Entity]) -> tuple[Sequence[Entity], Sequence[Entity]]:
    """Return names, streets, cities and secrets; and the predicted categories."""
    predictions = [one for one in entities if one.type in SPECIAL_CATEGORIES]
    return (
        ([one for one in entities if one.type not in SPECIAL_CATEGORIES], predictions)
        if predictions
        else (entities, predictions)
    )


def add(
    view: NormalizedText, hits: list[RuleMatch], predictions: Sequence[Entity]
) -> list[RuleMatch]:
    """Return the settled hits and the predictions that count, sorted by start."""
    if not predictions:
        return hits
    known = {hit.type for hit in hits if hit.rule.endswith(PERSON_SUFFIX)}
    new = [one for one in predictions if one.type not in known]
    if new and not any(hit.type in PERSONS for hit in hits):
        mentioned = mentions_person(view)
        new = [one for one in new if mentioned and one.score >= _LEAST_WITHOUT_NAME]
    if not new:
        return hits
    matches = [
        RuleMatch(
            one.type, one.start, one.end, PREDICTION_RULE, score=one.score, kind=FindingKind.TOPIC
        )
        for one in new
    ]
    return sorted([*hits, *matches], key=lambda hit: hit.start)
