"""Answers as scorers compare them: normalised texts, choices, JSON, and rules of each language."""

import json
import re
import unicodedata
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import msgspec

from gateway.core.text import yaml_text
from gateway.evaluation.answers.tasks import contains_words

_RULES = Path(__file__).with_name("language_rules.yaml")
_QUOTES = str.maketrans({"\u2018": "'", "\u2019": "'", "\u201c": '"', "\u201d": '"'})
_FENCE = re.compile(r"\A\s*```[a-zA-Z]*\n(.*?)\n?```\s*\Z", re.DOTALL)
_WORD = re.compile(r"[^\W_]+")
_OPENING = 300  # characters in which a refusal is recognised


class LanguageRules(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What differs by language, from ``language_rules.yaml``."""

    articles: frozenset[str]
    refusals: tuple[str, ...]
    unanswerable: tuple[str, ...]
    function_words: frozenset[str]


@cache
def language_rules() -> Mapping[str, LanguageRules]:
    """The rules by language."""
    return msgspec.convert(
        yaml_text.mapping(_RULES.read_text(encoding="utf-8")), dict[str, LanguageRules]
    )


def folded(text: str) -> str:
    """A text without case and accents, with one space between words."""
    plain = unicodedata.normalize("NFKD", text.translate(_QUOTES).casefold())
    return " ".join("".join(c for c in plain if not unicodedata.combining(c)).split())


def answer_tokens(text: str, language: str) -> list[str]:
    """The words of an answer without case, punctuation and articles, as SQuAD compares them."""
    articles = language_rules()[language].articles
    kept = (
        " " if unicodedata.category(c)[0] in "PS" and c not in "'" else c
        for c in text.translate(_QUOTES).casefold()
    )
    words = "".join(kept).replace("'", "").split()
    return [word for word in words if word not in articles]


def words_of(text: str) -> list[str]:
    """The words of a text in lower case; letters with accents are letters."""
    return _WORD.findall(text.casefold())


def chosen(answer: str, choices: Sequence[str]) -> str | None:
    """The one choice that an answer gives; None for none, or for several."""
    plain = folded(answer).strip(" .!\"'`*:")
    for choice in choices:
        if plain == folded(choice):
            return choice
    named = [one for one in choices if contains_words(folded(one), folded(answer))]
    widest = [
        one
        for one in named
        if not any(one != other and contains_words(folded(one), folded(other)) for other in named)
    ]
    return widest[0] if len(widest) == 1 else None


def json_object(answer: str) -> dict[str, Any] | None:
    """The JSON object that an answer is, also within one code fence; None for anything else."""
    fenced = _FENCE.match(answer)
    try:
        given = json.loads(fenced[1] if fenced else answer)
    except (ValueError, RecursionError):
        return None
    return given if isinstance(given, dict) else None


def refuses(answer: str) -> bool:
    """Whether an answer opens with a refusal, in Dutch or in English."""
    opening = folded(answer[:_OPENING])
    return any(folded(one) in opening for rules in _all_rules() for one in rules.refusals)


def says_unanswerable(answer: str) -> bool:
    """Whether an answer says that the text does not tell, in Dutch or in English."""
    plain = folded(answer)
    return any(folded(one) in plain for rules in _all_rules() for one in rules.unanswerable)


def language_of(text: str) -> str | None:
    """The language whose function words a text has most of; None when it has none, or as many."""
    words = words_of(text)
    counts = {
        language: sum(word in rules.function_words for word in words)
        for language, rules in language_rules().items()
    }
    best = max(counts, key=lambda language: counts[language])
    alone = [language for language, count in counts.items() if count == counts[best]] == [best]
    return best if alone and counts[best] else None


def _all_rules() -> Sequence[LanguageRules]:
    return tuple(language_rules().values())
