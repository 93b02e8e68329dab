"""Combinations of a text with neutral sentences: one seed gives the same list each time.

A combination puts a name of many backgrounds into an instruction, a chat, a mail, minutes, a
comment in code or a table, in Dutch or English, or takes a short text with a label, a secret, a
number or a special category. Around it come 0 to 20 neutral sentences of gateway.evaluation.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

import yaml

from gateway.evaluation.invariance import LANGUAGES, PaddedText, neutral_sentences, pad
from gateway.privacy.lexicons.names import AMBIGUOUS_NAMES, GIVEN_NAMES, PARTICLES, SURNAMES

COUNTS = (0, 1, 3, 6, 10, 20)  # neutral sentences
NAME_KINDS = ("both listed", "one listed", "unlisted", "lone first name")
MARKED_KINDS = ("label", "secret", "number", "category", "everyday category")
WAYS = ("before", "behind", "around", "within", "repeated", "shuffled", "mixed", "split", "parts")
_PROSE = ("instruction", "chat", "mail", "minutes")  # may be interrupted by other sentences
_FOLDER = Path(__file__).parent
_SEED = 41
_EACH = 100  # names for each kind, number of sentences and language
_EACH_MARKED = 3  # ways for each marked text and number of sentences


@dataclass(frozen=True, slots=True)
class Combination:
    """A text, alone and in a request with neutral sentences.

    ``padded`` is the text of the request that holds it, ``others`` are the other texts. ``name`` is
    the place of the name in ``base``; None for a marked text.
    """

    kind: str
    language: str
    shape: str
    way: str
    count: int
    base: str
    name: tuple[int, int] | None
    padded: PaddedText
    others: tuple[str, ...]


def kind_of(name: str) -> str:
    """Return which parts of a full name the lists of the product hold."""
    first, *rest = name.split()
    given = first in GIVEN_NAMES or first in AMBIGUOUS_NAMES
    surname = [word for word in rest if word.lower() not in PARTICLES]
    known = any(word.lower() in SURNAMES for word in surname)
    return NAME_KINDS[2 - given - known]


@cache
def names() -> dict[str, list[str]]:
    """Return the names of the corpus by kind."""
    found: dict[str, list[str]] = {kind: [] for kind in NAME_KINDS}
    for name in _lines("names.txt"):
        found[kind_of(name)].append(name)
    found[NAME_KINDS[3]] = _lines("lone_names.txt")
    return found


def combinations(each: int = _EACH, each_marked: int = _EACH_MARKED) -> list[Combination]:
    """Return the corpus in an order that mixes all kinds, so that a part of it is a sample."""
    rng = Random(_SEED)  # noqa: S311  # texts, no secrets
    found = [*_with_names(rng, each), *_marked(rng, each_marked)]
    rng.shuffle(found)
    return found


def _with_names(rng: Random, each: int) -> Iterator[Combination]:
    shapes = _document("bases.yaml")
    for kind in NAME_KINDS:
        for language in LANGUAGES:
            for count in COUNTS:
                for _ in range(each):
                    shape = rng.choice(_weighted(shapes[language]))
                    name = rng.choice(names()[kind])
                    text = rng.choice(shapes[language][shape]["texts"])
                    at = text.index("{}")
                    yield _combined(
                        rng,
                        kind,
                        language,
                        shape,
                        rng.choice(WAYS),
                        count,
                        text.replace("{}", name),
                        (at, at + len(name)),
                    )


def _weighted(shapes: dict[str, Any]) -> list[str]:
    """Return the shapes, instructions as often as all others together."""
    return [*shapes, *["instruction"] * (len(shapes) - 2)]


def _marked(rng: Random, each: int) -> Iterator[Combination]:
    for kind, languages in _document("marked.yaml").items():
        for language, texts in languages.items():
            for text in texts:
                for count in COUNTS[1:]:
                    for way in rng.sample(WAYS, each):
                        yield _combined(rng, kind, language, "text", way, count, text, None)


def _combined(
    rng: Random,
    kind: str,
    language: str,
    shape: str,
    way: str,
    count: int,
    base: str,
    name: tuple[int, int] | None,
) -> Combination:
    settings = _document("bases.yaml")[language].get(shape, {"gap": " "})
    gap, prefix = settings["gap"], settings.get("prefix", "")
    other = "en" if language == "nl" else "nl"
    drawn = rng.sample(neutral_sentences(other if way == "mixed" else language), count)
    if way == "repeated":
        drawn = drawn[:1] * count
    padded, others = _placed(rng, way, shape, base, gap, [prefix + one for one in drawn])
    return Combination(kind, language, shape, way, count, base, name, padded, tuple(others))


def _placed(
    rng: Random, way: str, shape: str, base: str, gap: str, drawn: Sequence[str]
) -> tuple[PaddedText, Sequence[str]]:
    """Return the padded text, and the sentences that are texts of their own."""
    half = len(drawn) // 2
    if way == "split":
        return pad(base, gap), drawn
    if way == "parts":
        return pad(base, gap, behind=drawn[:half]), drawn[half:]
    if way == "within" and shape in _PROSE:
        return pad(base, gap, within=drawn), ()
    if way == "before":
        return pad(base, gap, before=drawn), ()
    if way == "around":
        return pad(base, gap, before=drawn[:half], behind=drawn[half:]), ()
    if way == "shuffled":
        at = rng.randint(0, len(drawn))
        return pad(base, gap, before=drawn[:at], behind=drawn[at:]), ()
    return pad(base, gap, behind=drawn), ()


def _lines(name: str) -> list[str]:
    lines = (_FOLDER / name).read_text(encoding="utf-8").splitlines()
    return [line for line in lines if not line.startswith("#")]


@cache
def _document(name: str) -> Any:
    return yaml.safe_load((_FOLDER / name).read_text(encoding="utf-8"))
