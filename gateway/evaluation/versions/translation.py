"""chrF and BLEU by sacrebleu, with the signatures that make them comparable.

The package is loaded when a translation is scored: no other task needs it.
"""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any


@cache
def _chrf() -> Any:
    from sacrebleu.metrics.chrf import CHRF

    return CHRF()


def sentence_chrf(text: str, references: Sequence[str]) -> float:
    """Character n-gram F-score (chrF) of one translation, between 0 and 1."""
    return float(_chrf().sentence_score(text, list(references)).score) / 100


def corpus_scores(
    texts: Sequence[str], references: Sequence[Sequence[str]]
) -> tuple[Mapping[str, float], Mapping[str, str]]:
    """BLEU and chrF of all translations together, between 0 and 1, and their signatures."""
    from sacrebleu.metrics.bleu import BLEU
    from sacrebleu.metrics.chrf import CHRF

    most = max(map(len, references))
    columns: list[list[Any]] = [
        [of_one[at] if at < len(of_one) else None for of_one in references] for at in range(most)
    ]
    scores, signatures = {}, {}
    for name, metric in (("bleu", BLEU()), ("chrf", CHRF())):
        scores[name] = float(metric.corpus_score(list(texts), columns).score) / 100
        signatures[name] = str(metric.get_signature())
    return scores, signatures
