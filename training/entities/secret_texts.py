"""Texts with passwords, codes and keys, and texts that resemble them.

The templates are in ``templates/nl_secrets.txt`` and ``en_secrets.txt``. ``[[SECRET:…]]`` marks a
secret. ``[[~:…]]`` marks a stretch without a label, such as a name.
"""

import re
from dataclasses import dataclass
from random import Random

from training.entities.template_files import documents
from training.entities.template_slots import Sample

LANGUAGES = ("nl", "en")
_MARK = re.compile(r"\[\[(SECRET|~):(.*?)\]\]", re.DOTALL)
_RUN = re.compile(r"[a-zß-öø-ÿ]+|[A-ZÀ-ÖØ-Þ]+(?![a-z])|[A-ZÀ-ÖØ-Þ][a-zß-öø-ÿ]+|\d+")
_REDRAWN_SHARE = 0.6  # share of secrets that are drawn anew, in the form of the written one
_WORD = 4  # least number of letters of a word


@dataclass(frozen=True, slots=True)
class SecretTexts:
    """Draws from the templates of training, or from the held-out ones."""

    templates: dict[str, list[str]]
    words: list[str]  # ordinary words, as in passwords

    def text(self, rng: Random, language: str) -> Sample:
        """Return one template with labels; its secrets are its own, or others of the same form."""
        sample, at = Sample(), 0
        template = rng.choice(self.templates[language])
        for match in _MARK.finditer(template):
            sample.add(template[at : match.start()])
            if match[1] == "SECRET":
                anew = rng.random() < _REDRAWN_SHARE
                sample.add(self._redraw(match[2], rng) if anew else match[2], "SECRET")
            else:
                sample.add(match[2], "?")
            at = match.end()
        sample.add(template[at:])
        return sample

    def _redraw(self, secret: str, rng: Random) -> str:
        """Draw a secret of the same form: word for word, digit for digit, letter for letter."""
        return _RUN.sub(lambda run: self._run(run[0], rng), secret)

    def _run(self, run: str, rng: Random) -> str:
        if run.isdigit():
            return "".join(rng.choices("0123456789", k=len(run)))
        if len(run) >= _WORD and _vowels(run):
            return _cased(rng.choice(self.words), run)
        letters = "".join(rng.choices("abcdefghijklmnopqrstuvwxyz", k=len(run)))
        return _cased(letters, run)


def templates(*, evaluation: bool) -> dict[str, list[str]]:
    """Return the templates of each language: those of training, or the held-out ones."""
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
    """Return whether a run of letters has as many vowels as a word."""
    return 0.2 < sum(letter in "aeiouyAEIOUY" for letter in run) / len(run) < 0.7


def _cased(word: str, like: str) -> str:
    if like.isupper():
        return word.upper()
    return word.capitalize() if like[0].isupper() else word
