"""Masked values, hits and false alarms in one text.

- Masked: every letter and digit of a marked span lies in the union of the predicted spans of any
  type. A span that is not masked leaks.
- A hit: the same type and an overlap (IoU) of at least a half, one to one. First, adjacent pieces
  of a name or of a street address are joined, and names lose titles and outer punctuation.
- A false alarm: a predicted span of a hard type that touches no marked and no ignored span. Soft
  types, which many tools report for other reasons, are never false alarms.
- Precision counts hits against all predictions, less soft and ignored ones that hit nothing.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from gateway.evaluation.examples import MarkedText, Span, canonical

_SOFT = frozenset(("DATE_OF_BIRTH", "ORGANIZATION", "ORG", "NRP", "URL", "MISC"))
_MIN_OVERLAP = 0.5
# What may lie between two pieces of one name, or of one address. A line break separates the
# entries of a list.
_GAPS = {
    "PERSON": re.compile(r"[ \t\u00a0]{0,2}|-"),
    "STREET_ADDRESS": re.compile(r",?[ \t\u00a0]{0,2}|-"),
}
_TITLES = re.compile(
    r"(?:(?:de heer|dhr|mevrouw|mevr|mw|mej|meneer|fam|familie|drs|dr|ir|ing|mr|prof|professor|ds"
    r"|bc|mrs|miss|ms|mister|sir|madam|herr|frau|monsieur|madame|mme|señora|señor|sra|sr"
    r"|signora|signor|pani|pan)\b\.? ?)+(?=\S)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Outcome:
    """The comparison of the marked and the predicted spans of one text."""

    gold: tuple[Span, ...]
    hits: tuple[tuple[Span, Span], ...]  # marked, predicted
    masked: frozenset[Span]
    extra: tuple[Span, ...]  # predictions that hit nothing and count against precision
    false: tuple[Span, ...]  # those of them that are false alarms

    @property
    def missed(self) -> list[Span]:
        """The marked spans without a prediction of the same type."""
        hit = {gold for gold, _ in self.hits}
        return [span for span in self.gold if span not in hit]


def judge(example: MarkedText, predicted: Iterable[Span]) -> Outcome:
    """Compare the predicted spans of a text with its marked spans."""
    raw = [Span(span.start, span.end, canonical(span.type)) for span in predicted]
    gold, found = _joined_spans(example.spans, example.text), _joined_spans(raw, example.text)
    hits = _matched(gold, found)
    used = {prediction for _, prediction in hits}
    extra = tuple(s for s in found if s not in used and not _neutral(s, example))
    false = tuple(s for s in extra if not any(map(s.touches, example.spans)))
    return Outcome(gold, hits, _masked(example.text, gold, raw), extra, false)


def _neutral(span: Span, example: MarkedText) -> bool:
    return span.type in _SOFT or any(map(span.touches, example.ignored))


def _masked(text: str, gold: Iterable[Span], predicted: Iterable[Span]) -> frozenset[Span]:
    covered = {at for span in predicted for at in range(span.start, span.end)}
    return frozenset(
        span
        for span in gold
        if all(at in covered for at in range(span.start, span.end) if text[at].isalnum())
    )


def _matched(gold: Iterable[Span], found: Sequence[Span]) -> tuple[tuple[Span, Span], ...]:
    pairs = sorted(
        (-overlap, marked, prediction)
        for marked in gold
        for prediction in found
        if marked.type == prediction.type and (overlap := marked.iou(prediction)) >= _MIN_OVERLAP
    )
    taken: dict[Span, Span] = {}
    for _, marked, prediction in pairs:
        if marked not in taken and prediction not in taken.values():
            taken[marked] = prediction
    return tuple(taken.items())


def _joined_spans(spans: Iterable[Span], text: str) -> tuple[Span, ...]:
    """Join adjacent pieces, trim names, and drop duplicates."""
    joined: dict[str, list[Span]] = {}
    for span in sorted(spans):
        rest = joined.setdefault(span.type, [])
        if rest and _adjacent(rest[-1], span, text):
            rest[-1] = Span(rest[-1].start, max(rest[-1].end, span.end), span.type)
        else:
            rest.append(span)
    trimmed = (_trimmed(span, text) for rest in joined.values() for span in rest)
    return tuple(sorted(set(trimmed)))


def _adjacent(left: Span, right: Span, text: str) -> bool:
    gap = _GAPS.get(left.type)
    return gap is not None and (
        right.start <= left.end or gap.fullmatch(text, left.end, right.start) is not None
    )


def _trimmed(span: Span, text: str) -> Span:
    if span.type != "PERSON":
        return span
    start, end = span.start, span.end
    if title := _TITLES.match(text, start, end):
        start = title.end()
    while start < end and not text[start].isalnum():
        start += 1
    while end > start and not text[end - 1].isalnum():
        end -= 1
    return Span(start, end, span.type) if start < end else span
