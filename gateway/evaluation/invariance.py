"""Whether findings survive among sentences without personal data.

A metamorphic measure: it compares detection with itself and needs no marks. What is found in a text
alone must be found in it among neutral sentences, and the level must not fall. The sentences that
ship are in ``gateway/evaluation/suites/neutral``. Source of the method: Chen, Cheung and Yiu,
Metamorphic Testing: A New Approach for Generating Next Test Cases, HKUST-CS98-01, 1998.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

from gateway.core.level import Level
from gateway.evaluation.examples import MarkedText, Span
from gateway.evaluation.report import Prediction, Predictor, table

LANGUAGES = ("nl", "en")
COUNTS = (1, 3, 6, 10, 20)  # neutral sentences
_LONGEST, _MOST = 600, 100  # characters of a text, and texts, that are measured
_FOLDER = Path(__file__).parent / "suites" / "neutral"
_SEED = 24
_BREAK = re.compile(r"(?<=\w{3}[.!?])\s+(?=[A-ZÀ-Þ])|\n+")  # not behind "Dr." or "no."
_ENDS = (".", "!", "?", "\n")


@cache
def neutral_sentences(language: str) -> tuple[str, ...]:
    """Return the neutral sentences of a language of ``LANGUAGES``.

    Raises:
        OSError: the file cannot be read.
    """
    return tuple((_FOLDER / f"{language}.txt").read_text(encoding="utf-8").splitlines())


@dataclass(frozen=True, slots=True)
class PaddedText:
    """A text with other sentences before it, behind it and at one place within it."""

    text: str
    front: int  # characters before the original
    cut: int  # place in the original where sentences were put in
    inserted: int  # characters that were put in there

    def moved(self, place: int) -> int:
        """Return the new place of a character of the original."""
        return place + self.front + (self.inserted if place >= self.cut else 0)


def pad(
    text: str,
    gap: str,
    *,
    before: Sequence[str] = (),
    within: Sequence[str] = (),
    behind: Sequence[str] = (),
) -> PaddedText:
    """Return the text among other sentences, with ``gap`` between them.

    A text that ends without a full stop gets a line break instead of a space behind it. Where it is
    one sentence only, the sentences ``within`` go behind it.
    """
    breaks = [match.end() for match in _BREAK.finditer(text.rstrip())]
    cut = breaks[len(breaks) // 2] if breaks and within else len(text)
    put_in = "".join(sentence + gap for sentence in within) if cut < len(text) else ""
    rest = behind if put_in else (*within, *behind)
    front = "".join(sentence + gap for sentence in before)
    join = gap if gap != " " or text.endswith(_ENDS) else "\n"
    rear = join + gap.join(rest) if rest else ""
    return PaddedText(front + text[:cut] + put_in + text[cut:] + rear, len(front), cut, len(put_in))


def is_covered(text: str, span: Span, padded: PaddedText, found: Iterable[Span]) -> bool:
    """Return whether all letters and digits of a span lie in spans found in the padded text."""
    covered = {place for one in found for place in range(one.start, one.end)}
    return all(
        padded.moved(place) in covered
        for place in range(span.start, span.end)
        if text[place].isalnum()
    )


@dataclass(slots=True)
class KeptFindings:
    """Counts over the texts with one number of neutral sentences."""

    spans: int = 0
    kept: int = 0
    texts: int = 0
    levels_kept: int = 0

    def add(self, text: str, alone: Prediction, padded: PaddedText, now: Prediction) -> None:
        """Count one text that was read alone and padded."""
        self.spans += len(alone.spans)
        self.kept += sum(is_covered(text, span, padded, now.spans) for span in alone.spans)
        self.texts += 1
        self.levels_kept += Level.parse(now.level) >= Level.parse(alone.level)


@dataclass(slots=True)
class InvarianceReport:
    """The findings that survive, by number of neutral sentences."""

    counts: dict[int, KeptFindings] = field(default_factory=dict)

    def document(self) -> dict[str, Any]:
        """Return the figures as JSON values, by number of neutral sentences."""
        return {
            str(count): {
                "texts": one.texts,
                "spans": one.spans,
                "kept": one.kept,
                "levels_kept": one.levels_kept,
            }
            for count, one in self.counts.items()
        }

    def markdown(self) -> str:
        """Return the figures as a table."""
        rows = [
            [str(count), f"{one.kept}/{one.spans}", f"{one.levels_kept}/{one.texts}"]
            for count, one in self.counts.items()
        ]
        return table("neutral sentences|findings kept|levels kept", rows) + "\n"


def measure_invariance(examples: Iterable[MarkedText], predict: Predictor) -> InvarianceReport:
    """Read short texts in Dutch and English alone and among neutral sentences.

    At most 100 texts of at most 600 characters are read. ``predict`` must give a level.
    """
    report = InvarianceReport({count: KeptFindings() for count in COUNTS})
    rng = Random(_SEED)  # noqa: S311  # texts, no secrets
    short = [one for one in examples if one.lang in LANGUAGES and len(one.text) <= _LONGEST]
    for example in short[:_MOST]:
        alone = predict(example.text, example.lang)
        for count, padded in _paddings(example, rng):
            now = predict(padded.text, example.lang)
            report.counts[count].add(example.text, alone, padded, now)
    return report


def _paddings(example: MarkedText, rng: Random) -> Iterator[tuple[int, PaddedText]]:
    """Yield one padding for each number of sentences, on a side that is drawn."""
    gap = "\n" if "\n" in example.text else " "
    for count in COUNTS:
        drawn = rng.sample(neutral_sentences(example.lang), count)
        half = rng.choice((0, count // 2, count))
        yield count, pad(example.text, gap, before=drawn[:half], behind=drawn[half:])
