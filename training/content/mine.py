"""Collect ordinary stretches that a model takes for an attack: training reads them more often.

Example:
  .venv/bin/python -m training.content.mine --cache /var/tmp/content --model MODEL_DIR
"""

import json
from argparse import ArgumentParser, RawDescriptionHelpFormatter
from collections.abc import Iterator
from pathlib import Path
from random import Random

from evaluation.content import ordinary
from gateway.classifiers.content.classifier import MODEL, ContentClassifier
from gateway.core.text.canonical import canonical_lines
from training.content import corpus
from training.content.templates import SLOT, TRAINED, fetch, templates
from training.content.written import NONE, written

HARD = "hard.json"  # in the cache
_LEAST = 0.1  # the probability from which a stretch is kept
_PARAGRAPHS, _SEED = 12_000, 6


def main() -> None:
    """Write the stretches into the cache, those of earlier calls among them."""
    parser = ArgumentParser(description=__doc__, formatter_class=RawDescriptionHelpFormatter)
    parser.add_argument("--cache", type=Path, required=True)
    parser.add_argument("--model", type=Path, default=MODEL)
    options = parser.parse_args()
    classifier = ContentClassifier(options.model)
    target = options.cache / HARD
    known = json.loads(target.read_text(encoding="utf-8")) if target.exists() else []
    found = dict.fromkeys(known)
    for text in map(canonical_lines, _texts(options.cache)):
        for one in classifier.scores(text):
            if one.probability >= _LEAST:
                found[text[one.start : one.end].strip()] = None
    target.write_text(json.dumps(list(found), ensure_ascii=False), encoding="utf-8")
    print(f"{len(found)} stretches")  # noqa: T201


def _texts(cache: Path) -> Iterator[str]:
    yield from ordinary("trained")
    yield from (one.text for one in written() if one.category == NONE)
    for one in templates(fetch(cache, TRAINED)):
        yield one.replace(SLOT, "")
    prose, rows = corpus.load(cache)
    rng = Random(_SEED)  # noqa: S311  # texts, no secrets
    drawn = corpus.ordinary(prose, rows)
    yield from (drawn(rng, rng.choice(("nl", "en"))) for _ in range(_PARAGRAPHS))


if __name__ == "__main__":
    main()
