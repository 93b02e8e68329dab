"""Classifiers in the place of detector processes."""

from collections.abc import Callable, Sequence

from gateway.classifiers.limits import ScanLimits, UnreadReason
from gateway.classifiers.pool import ClassifierScan
from gateway.classifiers.protocol import CONTENT, Entity


class FunctionClassifier:
    """Reads every text at once, by a function; ``owners`` are those on whose account it read.

    A text that has ``fails`` in it cannot be read.
    """

    version = "names-for-tests"

    def __init__(self, find: Callable[[str], list[Entity]]) -> None:
        self._find = find
        self.owners: list[str] = []
        self.fails: str | None = None

    async def scan(
        self,
        texts: Sequence[str],
        *,
        owner: str,
        limits: ScanLimits,
        judged: Sequence[bool] | None = None,
    ) -> ClassifierScan:
        self.owners.append(owner)
        if self.fails is not None and any(self.fails in text for text in texts):
            return ClassifierScan([None] * len(texts), UnreadReason.DEADLINE)
        asked = zip(texts, judged or [True] * len(texts), strict=True)
        return ClassifierScan([self._found(text, is_judged) for text, is_judged in asked])

    def _found(self, text: str, is_judged: bool) -> list[Entity]:
        found = self._find(text)
        return [one for one in found if is_judged or not one.type.startswith(CONTENT)]
