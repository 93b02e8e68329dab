"""The classifier tier as a presidio recognizer. Only detector processes import this.

Presidio brings the registry, the recognizer interface and the result type, so that other
recognizers can be added; it gets no language pipeline, because the model reads the text itself.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from presidio_analyzer import AnalyzerEngine, EntityRecognizer, RecognizerRegistry, RecognizerResult
from presidio_analyzer.nlp_engine import NlpArtifacts, NlpEngine

from gateway.classifiers.entities.bundled_model import MODEL
from gateway.classifiers.entities.classifier import Classifier
from gateway.classifiers.entities.decoding import TYPES
from gateway.classifiers.protocol import NO_NAME, Entity
from gateway.core.finding import SPECIAL_CATEGORIES

_ANY = "und"  # recognizers never depend on the language


class _NoPipeline(NlpEngine):
    """A language pipeline, which presidio requires; it processes and loads nothing."""

    def __init__(self) -> None:
        no_tokens: Any = []  # a document of spaCy's, which is not loaded
        self._nothing = NlpArtifacts([], no_tokens, [], [], self, _ANY)

    def load(self) -> None:
        """Load nothing."""

    def is_loaded(self) -> bool:
        return True

    def process_text(self, text: str, language: str) -> NlpArtifacts:
        return self._nothing

    def process_batch(
        self,
        texts: Iterable[str],
        language: str,
        batch_size: int = 1,
        n_process: int = 1,
        **options: Any,
    ) -> Iterator[tuple[str, NlpArtifacts]]:
        return ((text, self._nothing) for text in texts)

    def is_stopword(self, word: str, language: str) -> bool:
        return False

    def is_punct(self, word: str, language: str) -> bool:
        return False

    def get_supported_entities(self) -> list[str]:
        return []

    def get_supported_languages(self) -> list[str]:
        return [_ANY]


class NamesRecognizer(EntityRecognizer):
    """The classifier as a recognizer of presidio."""

    def __init__(self, classifier: Classifier, *, partial: bool) -> None:
        """``partial`` says that the texts are parts of long ones."""
        self._classifier = classifier
        self._partial = partial
        super().__init__(
            [*TYPES, *SPECIAL_CATEGORIES, NO_NAME], name=classifier.version, supported_language=_ANY
        )

    def load(self) -> None:
        """Load nothing: the classifier is loaded already."""

    def analyze(
        self, text: str, entities: list[str], nlp_artifacts: NlpArtifacts | None = None
    ) -> list[RecognizerResult]:
        """Return all results of the classifier; offsets are code points."""
        return [
            RecognizerResult(found.type, found.start, found.end, found.score)
            for found in self._classifier.find([text], partial=self._partial)[0]
            if found.type in entities
        ]


class Analyzer:
    """All recognizers of the classifier tier over one text at a time."""

    def __init__(self, folder: Path = MODEL) -> None:
        """Load the model.

        Raises:
            ValueError: a model file differs from the one that its card names.
        """
        classifier = Classifier(folder)
        self._whole = _engine(NamesRecognizer(classifier, partial=False))
        self._partial = _engine(NamesRecognizer(classifier, partial=True))
        self.version = classifier.version

    def find(self, text: str, *, partial: bool = False) -> list[Entity]:
        """Return the results of all recognizers, sorted by start.

        ``partial`` says that the text is a part of a long one, of which the network reads only what
        the gate leaves in doubt.
        """
        results = (self._partial if partial else self._whole).analyze(text, _ANY)
        found = [Entity(r.start, r.end, r.entity_type, r.score) for r in results]
        return sorted(found, key=lambda one: (one.start, one.end))


def _engine(recognizer: NamesRecognizer) -> AnalyzerEngine:
    registry = RecognizerRegistry(supported_languages=[_ANY])
    registry.add_recognizer(recognizer)
    return AnalyzerEngine(registry=registry, nlp_engine=_NoPipeline(), supported_languages=[_ANY])
