"""Rules and a model that was just trained, together, on marked texts such as evaluation/datasets."""

import time
from pathlib import Path

from gateway.classifiers.entities.classifier import Classifier
from gateway.classifiers.protocol import Entity
from gateway.evaluation import Prediction, Span, evaluate, load
from gateway.privacy import Detector, normalised


def on_marked(folder: Path, file: Path, cache: Path) -> str:
    """One line of figures, as `sluis evaluate privacy` counts them; levels are left out.

    ``cache`` keeps what was compiled.

    Raises:
        ValueError: a line of the file is no marked text, or a file of the model has changed.
    """
    classifier, detector = Classifier(folder), Detector(cache)

    def predict(text: str, lang: str) -> Prediction:
        started = time.perf_counter()
        seen = classifier.find([normalised(text)])[0]
        named = [Entity(one.start, one.end, one.type, one.score) for one in seen]
        spans = [Span(f.start, f.end, f.type) for f in detector.scan(text, named) if f.redactable]
        return Prediction(spans, "", time.perf_counter() - started)

    total = evaluate(load(file), predict).total
    return (
        f"{file.name}: F1 {total.f1:.3f} masked {total.masked_share:.3f}"
        f" false/1000 {total.false_per_1000:.2f} untouched {total.untouched_share:.3f}"
    )
