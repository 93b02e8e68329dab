"""Where the classifier is sure that nobody is named, a name that only the rules took for one falls.

Rules know names by lists and by what stands before them, so `Anders` opens a sentence as a name does, and
`Storm Corrie` is a woman. The classifier reads the sentence. It can only take away what it is next to
certain of, and never what the organisation's own lists name.
"""

from bisect import bisect_right
from collections.abc import Sequence

from gateway.classifiers.protocol import NOBODY, Entity
from gateway.privacy.detect.normalized_text import RuleMatch

# Who is greeted or signs is somebody, in languages too that the classifier hardly knows; and it cannot read
# a user name.
_CERTAIN = (
    "rule:person-greeting",
    "rule:person-sign-off",
    "rule:person-user",
    "rule:person-initials",
)


def split(named: Sequence[Entity]) -> tuple[Sequence[Entity], Sequence[Entity]]:
    """What was found; and the stretches in which nobody is named, in order."""
    quiet = [one for one in named if one.type == NOBODY]
    return ([one for one in named if one.type != NOBODY], quiet) if quiet else (named, quiet)


def drop(hits: list[RuleMatch], quiet: Sequence[Entity]) -> list[RuleMatch]:
    """The hits, less the names that lie wholly in such a stretch."""
    if not quiet:
        return hits
    starts = [one.start for one in quiet]
    return [hit for hit in hits if not _doubtful(hit) or not _within(hit, quiet, starts)]


def _doubtful(hit: RuleMatch) -> bool:
    return hit.type == "PERSON" and hit.rule not in _CERTAIN


def _within(hit: RuleMatch, quiet: Sequence[Entity], starts: Sequence[int]) -> bool:
    at = bisect_right(starts, hit.start) - 1
    return at >= 0 and hit.end <= quiet[at].end
