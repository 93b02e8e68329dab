"""Scores of the rules and a newly trained model together on a data set of evaluation/datasets."""

import time
from pathlib import Path

from gateway.classifiers.entities.classifier import Classifier
from gateway.classifiers.protocol import Entity
from gateway.evaluation import Prediction, Span, evaluate, load
from gateway.privacy import Detector, normalised


def score_line(folder: Path, file: Path, cache: Path) -> str:
    """Return one line of figures, as `sluis evaluate privacy` counts them, without levels.

    ``cache`` keeps the compiled patterns.

    Raises:
        ValueError: A line of the file is not a marked text, or a file of the model has changed.
    """
    classifier, detector = Classifier(folder), Detector(cache)

    def predict(text: str, lang: str) -> Prediction:
        started = time.perf_counter()
        entities = classifier.find([normalised(text)])[0]
        named = [Entity(one.start, one.end, one.type, one.score) for one in entities]
        spans = [Span(f.start, f.end, f.type) for f in detector.scan(text, named) if f.redactable]
        return Prediction(spans, "", time.perf_counter() - started)

    total = evaluate(load(file), predict).total
    return (
        f"{file.name}: F1 {total.f1:.3f} masked {total.masked_share:.3f}"
        f" false/1000 {total.false_per_1000:.2f} untouched {total.untouched_share:.3f}"
    )
