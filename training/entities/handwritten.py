"""Texts written by hand, without templates. Training never uses them.

The errors on handwritten_dev were read while the templates were written, those on handwritten_check
before the last short run. handwritten_holdout was written after the last run.
"""

import re

from training.entities.generator import Text
from training.entities.template_files import documents
from training.entities.template_slots import Sample

HANDWRITTEN = ("dev", "check", "holdout")
_MARK = re.compile(r"⟦([^⟧]*)\|([PSC?])⟧")
_TYPES = {"P": "PERSON", "S": "STREET_ADDRESS", "C": "CITY", "?": "?"}


def handwritten(name: str) -> list[Text]:
    """Return the texts of templates/handwritten_NAME.txt.

    `⟦words|P⟧` marks a person, S a street and C a city. ? marks a stretch that does not count.
    """
    return [
        Text(_parsed(text), language, name)
        for language, texts in documents(f"handwritten_{name}").items()
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
