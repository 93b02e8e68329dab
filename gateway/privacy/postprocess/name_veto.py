"""Drop names that only rules found where the classifier is certain that there is no name.

Rules know names by lists and by the words before them: ``Anders`` opens a sentence as a name does,
and ``Storm Corrie`` is a woman. The classifier knows the sentence. It removes only names that it is
nearly certain about, and never the organisation's own terms.
"""

from bisect import bisect_right
from collections.abc import Sequence

from gateway.classifiers.protocol import NO_NAME, Entity
from gateway.privacy.text.normalized_text import RuleMatch

# A greeting or a signature names a person, also in languages that the classifier hardly knows; and
# the classifier does not know user names.
_NEVER_VETOED = (
    "rule:person-greeting",
    "rule:person-sign-off",
    "rule:person-user",
    "rule:person-initials",
)


def split(entities: Sequence[Entity]) -> tuple[Sequence[Entity], Sequence[Entity]]:
    """Return the entities, and the stretches without a name, both in order."""
    nameless = [one for one in entities if one.type == NO_NAME]
    return (
        ([one for one in entities if one.type != NO_NAME], nameless)
        if nameless
        else (entities, nameless)
    )


def drop(hits: list[RuleMatch], nameless: Sequence[Entity]) -> list[RuleMatch]:
    """Return the hits without the names that lie wholly in such a stretch."""
    if not nameless:
        return hits
    starts = [one.start for one in nameless]
    return [hit for hit in hits if not _may_be_vetoed(hit) or not _within(hit, nameless, starts)]


def _may_be_vetoed(hit: RuleMatch) -> bool:
    return hit.type == "PERSON" and hit.rule not in _NEVER_VETOED


def _within(hit: RuleMatch, nameless: Sequence[Entity], starts: Sequence[int]) -> bool:
    at = bisect_right(starts, hit.start) - 1
    return at >= 0 and hit.end <= nameless[at].end
