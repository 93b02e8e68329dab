"""Texts that state a special category about a person, and neutral texts in the same words.

The templates are in ``templates/nl_topics.txt`` and the like. A line holds the category,
``none`` or ``doubt``, and the text. The sections whose names end in ``!`` are held out. The
templates of names are neutral texts too, except those that occur here with a category or a doubt.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

from gateway.core.finding import SPECIAL_CATEGORIES
from training.entities.augmentation import augmented
from training.entities.generator import Generator
from training.entities.template_files import sections
from training.entities.template_slots import Sample

LANGUAGES = ("nl", "en", "de", "fr", "es", "it", "pl", "sv")
_LARGE_LANGUAGES = ("nl", "en")  # languages with most of the templates
_NONE, _LABEL_SMOOTHING = "none", "doubt"
_SMALL_LANGUAGE_REPEATS = 3  # draws of each template of the other languages
_NEUTRAL_SHARE = 0.3  # neutral texts from templates of names, as a share of the other texts
_CONTEXT_SHARE = 0.45  # share of texts with other texts around them
_MAX_CONTEXT_LENGTH = 300  # characters of a template with context, or used as context
_GAPS = (" ", " ", "\n", "\n\n")


@dataclass(frozen=True, slots=True)
class CategoryText:
    """A text with its labelled names and its special category; "" for none."""

    sample: Sample
    topic: str


@dataclass(frozen=True, slots=True)
class _Template:
    language: str
    topic: str
    text: str


class CategoryTexts:
    """Draws filled texts from the templates of training, or from the held-out ones."""

    def __init__(self, generator: Generator, *, evaluation: bool) -> None:
        self._generator = generator
        self._templates = [
            one for language in LANGUAGES for one in _templates(language, evaluation=evaluation)
        ]
        self._context = {
            language: [
                one.text
                for one in self._templates
                if one.language == language
                and not one.topic
                and len(one.text) < _MAX_CONTEXT_LENGTH
            ]
            for language in LANGUAGES
        }
        self._neutral = {language: _neutral(generator, language) for language in LANGUAGES}

    def once(self, seed: int) -> list[CategoryText]:
        """Return each template filled once, without context or augmentation."""
        rng = Random(seed)  # noqa: S311  # texts, no secrets
        return [
            CategoryText(self._filled(one.text, rng, one.language), one.topic)
            for one in self._templates
        ]

    def texts(self, seed: int) -> Iterator[CategoryText]:
        """Yield all templates again and again, shuffled, with context and augmentation."""
        rng = Random(seed)  # noqa: S311  # texts, no secrets
        drawn = [
            one
            for one in self._templates
            for _ in range(1 if one.language in _LARGE_LANGUAGES else _SMALL_LANGUAGE_REPEATS)
        ]
        while True:
            for one in rng.sample(drawn, len(drawn)):
                text = one.text
                if len(text) < _MAX_CONTEXT_LENGTH and rng.random() < _CONTEXT_SHARE:
                    text = self._in_context(text, rng, one.language)
                sample = self._filled(text, rng, one.language)
                sample = self._generator.padded(sample, rng, one.language).merged()
                yield CategoryText(augmented(sample, rng, one.language, "sentences"), one.topic)
                if rng.random() < _NEUTRAL_SHARE:
                    yield CategoryText(self._neutral_text(rng, one.language), "")

    def _neutral_text(self, rng: Random, language: str) -> Sample:
        """Return everyday business about persons, without a special category."""
        parts = rng.choices(self._neutral[language], k=rng.choice((1, 1, 1, 2, 3, 5)))
        sample = self._filled(rng.choice(_GAPS).join(parts), rng, language).merged()
        return augmented(sample, rng, language, "sentences")

    def _in_context(self, text: str, rng: Random, language: str) -> str:
        parts = rng.choices(self._context[language], k=rng.choice((1, 1, 2, 3)))
        parts.insert(rng.randint(0, len(parts)), text)
        return rng.choice(_GAPS).join(parts)

    def _filled(self, text: str, rng: Random, language: str) -> Sample:
        return self._generator.filled(text, rng, language)


def _neutral(generator: Generator, language: str) -> list[str]:
    """Return the templates of names that have no special category."""
    excluded = {text for topic, text in _labelled(language, evaluation=False) if topic != _NONE}
    return [text for text in generator.templates(language) if text not in excluded]


def _templates(language: str, *, evaluation: bool) -> Iterator[_Template]:
    for topic, text in _labelled(language, evaluation=evaluation):
        if topic != _LABEL_SMOOTHING:
            yield _Template(language, "" if topic == _NONE else topic, text)


def _labelled(language: str, *, evaluation: bool) -> Iterator[tuple[str, str]]:
    for family, lines in sections(f"{language}_topics").items():
        if family.endswith("!") is evaluation:
            for line in lines:
                topic, _, text = line.partition(": ")
                if topic not in (*SPECIAL_CATEGORIES, _NONE, _LABEL_SMOOTHING):
                    raise ValueError(f"{language}_topics: no such category: {topic}")
                yield topic, text
