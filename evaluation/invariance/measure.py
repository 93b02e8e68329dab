"""Read the corpus with rules and classifier, and count what survives."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

import yaml

from evaluation.invariance.corpus import COUNTS, MARKED_KINDS, NAME_KINDS, Combination
from gateway.classifiers.entities.bundled_model import MODEL
from gateway.classifiers.entities.classifier import Classifier
from gateway.classifiers.protocol import Entity
from gateway.core.finding import Finding
from gateway.core.level import Level
from gateway.evaluation import Span
from gateway.evaluation.invariance import is_covered
from gateway.evaluation.report import table
from gateway.privacy import Detector, LevelTable, level_of, normalised
from gateway.privacy.detect.propagation import names_of, with_names

_POLICY = Path(__file__).parents[2] / "policies" / "levels.yaml"
_KEPT = 4000  # texts whose entities are kept in memory


class RequestReader:
    """Rules and classifier over the texts of one request, as the gateway reads them."""

    def __init__(self, detector: Detector) -> None:
        self._detector = detector
        self._classifier = Classifier(MODEL)
        self._levels = LevelTable.of(yaml.safe_load(_POLICY.read_text(encoding="utf-8")))
        self._entities = lru_cache(_KEPT)(self._find)

    def _find(self, text: str) -> Sequence[Entity]:
        return self._classifier.find([normalised(text)])[0]

    def read(self, texts: Sequence[str]) -> tuple[Sequence[Finding], Level]:
        """Return the findings of the first text, and the level of all."""
        found = [self._detector.scan(text, self._entities(text)) for text in texts]
        names = names_of(zip(texts, found, strict=True))
        if names is not None and len(texts) > 1:
            found = [with_names(text, one, names) for text, one in zip(texts, found, strict=True)]
        level = level_of((finding for one in found for finding in one), self._levels).level
        return found[0], level


@dataclass(slots=True)
class Tallies:
    """Counts by kind and number of neutral sentences, and the combinations that lost something."""

    asked: Counter[tuple[str, int]] = field(default_factory=Counter)
    found: Counter[tuple[str, int]] = field(default_factory=Counter)
    kept: Counter[tuple[str, int]] = field(default_factory=Counter)
    level_kept: Counter[tuple[str, int]] = field(default_factory=Counter)
    losses: list[Combination] = field(default_factory=list)

    def share(self, counted: Counter[tuple[str, int]], kinds: Iterable[str]) -> float:
        """Return the share of all combinations of these kinds that were counted."""
        asked = sum(self.asked[kind, count] for kind in kinds for count in COUNTS)
        return sum(counted[kind, count] for kind in kinds for count in COUNTS) / max(1, asked)

    def markdown(self) -> str:
        """Return the figures as a table: names found, findings kept and levels kept."""
        rows = []
        for kind in (*NAME_KINDS, *MARKED_KINDS):
            titles = ("found", "kept", "level kept")
            for title, counted in zip(
                titles, (self.found, self.kept, self.level_kept), strict=True
            ):
                if title != "found" or kind in NAME_KINDS:
                    cells = [f"{counted[kind, n]}/{self.asked[kind, n]}" for n in COUNTS]
                    rows.append([f"{kind}, {title}", *cells])
        return table("|".join(["kind", *map(str, COUNTS)]), rows) + "\n"


def measure(corpus: Iterable[Combination], reader: RequestReader) -> Tallies:
    """Read each combination alone and among its neutral sentences."""
    tallies = Tallies()
    for one in corpus:
        key = (one.kind, one.count)
        alone, level = reader.read([one.base])
        now, level_now = reader.read([one.padded.text, *one.others])
        spans = [Span(f.start, f.end, f.type) for f in now if f.redactable]
        kept = all(
            is_covered(one.base, Span(f.start, f.end, f.type), one.padded, spans)
            for f in alone
            if f.redactable
        )
        tallies.asked[key] += 1
        tallies.kept[key] += kept
        tallies.level_kept[key] += level_now >= level
        if one.name is not None:
            tallies.found[key] += is_covered(one.base, Span(*one.name, "PERSON"), one.padded, spans)
        if not kept or level_now < level:
            tallies.losses.append(one)
    return tallies
