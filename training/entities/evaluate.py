"""Score a model on held-out generated texts and on texts written by hand.

Held out are families of templates (marked `!`), one name part in ten, and one paragraph in ten.

Example:
  .venv/bin/python -m training.entities.evaluate --cache .training
"""

import json
import sys
import time
from argparse import ArgumentParser, RawDescriptionHelpFormatter
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from random import Random

from gateway.classifiers.entities.bundled_model import MODEL
from gateway.classifiers.entities.classifier import Classifier
from gateway.classifiers.entities.decoding import TYPES
from gateway.classifiers.protocol import Entity
from training.entities.augmentation import recase, transcribed
from training.entities.corpora import Corpora, load_corpora
from training.entities.generator import Generator, Text
from training.entities.handwritten import HANDWRITTEN, handwritten

COUNT = 1800  # texts


@dataclass(slots=True)
class EntityScore:
    """Counts of one group of texts."""

    hits: Counter[str] = field(default_factory=Counter)
    predicted: Counter[str] = field(default_factory=Counter)
    gold: Counter[str] = field(default_factory=Counter)
    masked: Counter[str] = field(default_factory=Counter)
    false: int = 0
    characters: int = 0
    clean: int = 0
    untouched: int = 0

    def add(self, text: Text, found: list[Entity]) -> None:
        gold = [span for span in text.sample.merged().spans if span[2] != "?"]
        ignored = [span for span in text.sample.spans if span[2] == "?"]
        self.characters += len(text.sample.text)
        taken: set[int] = set()
        for start, end, kind in gold:
            self.gold[kind] += 1
            covered = {i for f in found for i in range(max(start, f.start), min(end, f.end))}
            letters = [i for i in range(start, end) if text.sample.text[i].isalnum()]
            self.masked[kind] += all(i in covered for i in letters)
            for at, one in enumerate(found):
                if at not in taken and one.type == kind and _overlap(one, start, end) >= 0.5:
                    taken.add(at)
                    self.hits[kind] += 1
                    break
        for one in found:
            if all(one.end <= a or one.start >= b for a, b, _ in ignored):
                self.predicted[one.type] += 1
                self.false += all(one.end <= a or one.start >= b for a, b, _ in gold)
        if not gold and not ignored:
            self.clean += 1
            self.untouched += not found

    def line(self) -> str:
        parts = []
        for kind in TYPES:
            if self.gold[kind]:
                parts.append(
                    f"{kind[:6]} {self._f1([kind]):.3f} m {self.masked[kind] / self.gold[kind]:.3f}"
                )
        total = self.gold.total()
        masked = self.masked.total() / total if total else 1.0
        parts.append(f"| all {self._f1(list(TYPES)):.3f} masked {masked:.3f}")
        parts.append(f"fp/1000 {1000 * self.false / max(self.characters, 1):.2f}")
        parts.append(f"clean {self.untouched}/{self.clean}")
        return "  ".join(parts)

    def _f1(self, kinds: list[str]) -> float:
        hits = sum(self.hits[kind] for kind in kinds)
        total = sum(self.predicted[kind] + self.gold[kind] for kind in kinds)
        return 2 * hits / total if total else 1.0


def _overlap(one: Entity, start: int, end: int) -> float:
    common = min(one.end, end) - max(one.start, start)
    return common / (max(one.end, end) - min(one.start, start)) if common > 0 else 0.0


def entities(classifier: Classifier, texts: list[Text]) -> list[list[Entity]]:
    """Return the entities of each text, without special categories."""
    return [
        [one for one in found if one.type in TYPES]
        for found in classifier.find([text.sample.text for text in texts])
    ]


def scores(classifier: Classifier, texts: list[Text]) -> dict[str, EntityScore]:
    """Return the scores of all texts, and by language and kind."""
    groups: dict[str, EntityScore] = defaultdict(EntityScore)
    for text, found in zip(texts, entities(classifier, texts), strict=True):
        for name in ("all", text.language, text.kind):
            groups[name].add(text, found)
    return groups


def errors(classifier: Classifier, texts: list[Text]) -> list[str]:
    """Return one line for each missed and each false entity."""
    lines = []
    for text, found in zip(texts, entities(classifier, texts), strict=True):
        whole = text.sample.text
        for start, end, kind in text.sample.spans:
            if kind != "?" and not any(
                f.type == kind and _overlap(f, start, end) >= 0.5 for f in found
            ):
                lines.append(f"MISS  {kind[:6]} {_excerpt(whole, start, end)}")
        for one in found:
            if not any(
                _overlap(one, a, b) > 0 and k in {one.type, "?"} for a, b, k in text.sample.spans
            ):
                lines.append(
                    f"FALSE {one.type[:6]} {one.score:.2f} {_excerpt(whole, one.start, one.end)}"
                )
    return lines


def _excerpt(text: str, start: int, end: int) -> str:
    return repr(f"{text[max(0, start - 35) : start]}⟦{text[start:end]}⟧{text[end : end + 25]}")


def heldout_texts(generator: Generator, count: int) -> list[Text]:
    """Return held-out texts, a sixth of them again in lower case and as a transcript."""
    texts = list(islice(generator.texts(7), count))
    rng = Random(7)  # noqa: S311  # texts, no secrets
    for text in texts[: count // 6]:
        texts.append(Text(recase(text.sample, "lower"), text.language, "lower"))
        texts.append(Text(transcribed(text.sample, rng, text.language), text.language, "spoken"))
    return texts


def main() -> None:
    """Print the scores, with --errors also the errors; with --write store them in model.json."""
    parser = ArgumentParser(description=__doc__, formatter_class=RawDescriptionHelpFormatter)
    parser.add_argument("--cache", type=Path, default=Path(".training"))
    parser.add_argument("--model", type=Path, default=MODEL)
    parser.add_argument("--count", type=int, default=COUNT)
    parser.add_argument("--errors", action="store_true")
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    figures = measure(
        options.model, load_corpora(options.cache), options.count, listed=options.errors
    )
    if options.write:
        write_figures(options.model, figures)


def measure(
    folder: Path, corpora: Corpora, count: int, *, listed: bool = False
) -> dict[str, dict[str, str]]:
    """Print and return the scores by set and group; ``count`` texts are generated."""
    classifier = Classifier(folder)
    generated = heldout_texts(Generator(corpora, evaluation=True), count)
    figures: dict[str, dict[str, str]] = {}
    for name in ("generated", *HANDWRITTEN):
        texts = generated if name == "generated" else handwritten(name)
        begun = time.monotonic()
        found = scores(classifier, texts)
        size = sum(len(text.sample.text) for text in texts) / 1024
        pace = f"{1000 * (time.monotonic() - begun) / size:.1f} ms per 1024 characters"
        sys.stdout.write(f"== {name}: {pace}\n")
        figures[name] = {group: score.line() for group, score in sorted(found.items())}
        sys.stdout.writelines(f"{group:10} {line}\n" for group, line in figures[name].items())
        if listed:
            sys.stdout.write("\n".join(errors(classifier, texts)) + "\n")
    return figures


def write_figures(folder: Path, figures: dict[str, dict[str, str]]) -> None:
    """Write scores into the card of a model."""
    path = folder / "model.json"
    card = json.loads(path.read_text(encoding="utf-8")) | {"figures": figures}
    path.write_text(json.dumps(card, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
