"""Texts in which something is said that opens something else, and texts that only look so.

Carriers stand in ``carriers/nl_secrets.txt`` and ``en_secrets.txt``; ``[[SECRET:…]]`` marks what is a secret,
``[[~:…]]`` what teaches nothing, such as the names in them.
"""

import re
from dataclasses import dataclass
from random import Random

from training.entities.template_files import documents
from training.entities.template_slots import Sample

LANGUAGES = ("nl", "en")
_MARK = re.compile(r"\[\[(SECRET|~):(.*?)\]\]", re.DOTALL)
_RUN = re.compile(r"[a-zß-öø-ÿ]+|[A-ZÀ-ÖØ-Þ]+(?![a-z])|[A-ZÀ-ÖØ-Þ][a-zß-öø-ÿ]+|\d+")
_OTHER = 0.6  # share of secrets that are drawn anew, in the form of the one that its writer made up
_WORD = 4  # letters from which a run of them may be a word


@dataclass(frozen=True, slots=True)
class SecretTexts:
    """Draws from the carriers of training, or from those that are kept out."""

    carriers: dict[str, list[str]]
    words: list[str]  # ordinary ones, of which people make passwords

    def text(self, rng: Random, language: str) -> Sample:
        """One carrier with the labels of its marks; its secrets are its own or others of their form."""
        sample, at = Sample(), 0
        carrier = rng.choice(self.carriers[language])
        for match in _MARK.finditer(carrier):
            sample.add(carrier[at : match.start()])
            if match[1] == "SECRET":
                anew = rng.random() < _OTHER
                sample.add(self._another(match[2], rng) if anew else match[2], "SECRET")
            else:
                sample.add(match[2], "?")
            at = match.end()
        sample.add(carrier[at:])
        return sample

    def _another(self, secret: str, rng: Random) -> str:
        """The same form: a word for a word, a digit for a digit, a letter for a letter."""
        return _RUN.sub(lambda run: self._run(run[0], rng), secret)

    def _run(self, run: str, rng: Random) -> str:
        if run.isdigit():
            return "".join(rng.choices("0123456789", k=len(run)))
        if len(run) >= _WORD and _vowels(run):
            return _cased(rng.choice(self.words), run)
        letters = "".join(rng.choices("abcdefghijklmnopqrstuvwxyz", k=len(run)))
        return _cased(letters, run)


def carriers(*, evaluation: bool) -> dict[str, list[str]]:
    """The carriers of each language: those for training, or those that are kept out of it."""
    return {
        language: [
            text
            for family, texts in documents(f"{language}_secrets").items()
            if family.endswith("!") is evaluation
            for text in texts
        ]
        for language in LANGUAGES
    }


def _vowels(run: str) -> bool:
    """Whether the run of letters is of words rather than random."""
    return 0.2 < sum(letter in "aeiouyAEIOUY" for letter in run) / len(run) < 0.7


def _cased(word: str, like: str) -> str:
    if like.isupper():
        return word.upper()
    return word.capitalize() if like[0].isupper() else word
