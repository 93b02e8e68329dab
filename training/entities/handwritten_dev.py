"""Texts written by hand, as people write them; no templates, never trained on.

The errors on probe.txt were read while the carriers were written, those on check.txt before the
last short run: both are for a developer's eyes. blind.txt was written after the last run.
"""

import re

from training.entities.generator import Text
from training.entities.template_files import documents
from training.entities.template_slots import Sample

_MARK = re.compile(r"⟦([^⟧]*)\|([PSC?])⟧")
_TYPES = {"P": "PERSON", "S": "STREET_ADDRESS", "C": "CITY", "?": "?"}


def by_hand(name: str) -> list[Text]:
    """The texts of carriers/name.txt: `⟦words|P⟧` is a person, S a street, C a town, ? either."""
    return [
        Text(_parsed(text), language, name)
        for language, texts in documents(name).items()
        for text in texts
    ]


def _parsed(marked: str) -> Sample:
    sample, at = Sample(), 0
    for match in _MARK.finditer(marked):
        sample.add(marked[at : match.start()])
        sample.add(match[1], _TYPES[match[2]])
        at = match.end()
    sample.add(marked[at:])
    return sample
