"""Texts that say something of a special category of somebody, and texts in which nobody is told on.

Carriers stand in ``carriers/nl_topics.txt`` and the like, a line each: the category, ``none`` or ``doubt``,
and the text. Sections are what their writers knew; the last part of each is kept out of training. The carriers
of names tell nothing either, but for those that stand here with a category or a doubt.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

from gateway.core.finding import SPECIAL_CATEGORIES
from training.entities.augmentation import changed
from training.entities.generator import Generator
from training.entities.template_files import sections
from training.entities.template_slots import Sample

LANGUAGES = ("nl", "en", "de", "fr", "es", "it", "pl", "sv")
_MOST = ("nl", "en")  # languages with most of the carriers
_NONE, _DOUBT = "none", "doubt"
_SCARCE = 3  # times that a carrier of a language with few of them is drawn
_QUIET = 0.3  # texts of carriers of names, as a share of the others
_COMPANY = 0.45  # share of texts that stand among others
_LONGEST = 300  # characters of a carrier that gets company, or is it
_GAPS = (" ", " ", "\n", "\n\n")


@dataclass(frozen=True, slots=True)
class Told:
    """A text with its names, and what is told in it; "" is nothing."""

    sample: Sample
    topic: str


@dataclass(frozen=True, slots=True)
class _Carrier:
    language: str
    topic: str
    text: str


class Telling:
    """Draws filled texts from the carriers of training, or from those that are kept out."""

    def __init__(self, generator: Generator, *, evaluation: bool) -> None:
        self._generator = generator
        self._carriers = [
            one for language in LANGUAGES for one in _carriers(language, evaluation=evaluation)
        ]
        self._company = {
            language: [
                one.text
                for one in self._carriers
                if one.language == language and not one.topic and len(one.text) < _LONGEST
            ]
            for language in LANGUAGES
        }
        self._quiet = {language: _quiet(generator, language) for language in LANGUAGES}

    def once(self, seed: int) -> list[Told]:
        """Each carrier filled once, alone and as it is."""
        rng = Random(seed)  # noqa: S311  # texts, no secrets
        return [
            Told(self._filled(one.text, rng, one.language), one.topic) for one in self._carriers
        ]

    def texts(self, seed: int) -> Iterator[Told]:
        """All carriers again and again, in another order, with others, and as they come through."""
        rng = Random(seed)  # noqa: S311  # texts, no secrets
        drawn = [
            one for one in self._carriers for _ in range(1 if one.language in _MOST else _SCARCE)
        ]
        while True:
            for one in rng.sample(drawn, len(drawn)):
                text = one.text
                if len(text) < _LONGEST and rng.random() < _COMPANY:
                    text = self._among_others(text, rng, one.language)
                sample = self._filled(text, rng, one.language).merged()
                yield Told(changed(sample, rng, one.language, "sentences"), one.topic)
                if rng.random() < _QUIET:
                    yield Told(self._of_names(rng, one.language), "")

    def _of_names(self, rng: Random, language: str) -> Sample:
        """Everyday business about people, of whom nothing is told."""
        parts = rng.choices(self._quiet[language], k=rng.choice((1, 1, 1, 2, 3, 5)))
        sample = self._filled(rng.choice(_GAPS).join(parts), rng, language).merged()
        return changed(sample, rng, language, "sentences")

    def _among_others(self, text: str, rng: Random, language: str) -> str:
        parts = rng.choices(self._company[language], k=rng.choice((1, 1, 2, 3)))
        parts.insert(rng.randint(0, len(parts)), text)
        return rng.choice(_GAPS).join(parts)

    def _filled(self, text: str, rng: Random, language: str) -> Sample:
        return self._generator.filled(text, rng, language)


def _quiet(generator: Generator, language: str) -> list[str]:
    """The carriers of names of which nobody has said that they tell something."""
    told = {text for topic, text in _labelled(language, evaluation=False) if topic != _NONE}
    return [text for text in generator.carriers(language) if text not in told]


def _carriers(language: str, *, evaluation: bool) -> Iterator[_Carrier]:
    for topic, text in _labelled(language, evaluation=evaluation):
        if topic != _DOUBT:
            yield _Carrier(language, "" if topic == _NONE else topic, text)


def _labelled(language: str, *, evaluation: bool) -> Iterator[tuple[str, str]]:
    for family, lines in sections(f"{language}_topics").items():
        if family.endswith("!") is evaluation:
            for line in lines:
                topic, _, text = line.partition(": ")
                if topic not in (*SPECIAL_CATEGORIES, _NONE, _DOUBT):
                    raise ValueError(f"{language}_topics: no such category: {topic}")
                yield topic, text
