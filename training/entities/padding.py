"""Padding: a labelled text among other sentences without personal data.

The score of a name or of a special category falls with neutral sentences around it, although they
say nothing about it. A model that sees each kind of text with 0 to 20 of them, on any side, learns
to leave them aside.
"""

from collections.abc import Callable
from random import Random

from training.entities.template_slots import Sample

COUNTS = (1, 2, 3, 6, 10, 20)  # sentences
_GAPS = (" ", " ", "\n", "\n\n")


def padded(sample: Sample, neutral: Callable[[], Sample], rng: Random) -> Sample:
    """Return the sample with drawn sentences before it, behind it or on both sides."""
    gap, count = rng.choice(_GAPS), rng.choice(COUNTS)
    place = rng.randint(0, count)
    parts = [neutral() for _ in range(count)]
    parts.insert(place, sample)
    whole = Sample()
    for part in parts:
        whole.add(gap if whole.text and part.text else "")
        whole.join(part)
    return whole
