"""Classifiers in the place of detector processes."""

from collections.abc import Callable, Sequence

from gateway.classifiers.limits import ScanLimits
from gateway.classifiers.pool import ClassifierScan
from gateway.classifiers.protocol import CONTENT, Entity


class FunctionClassifier:
    """Reads every text at once, by a function; ``owners`` are those on whose account it read."""

    version = "names-for-tests"

    def __init__(self, find: Callable[[str], list[Entity]]) -> None:
        self._find = find
        self.owners: list[str] = []

    async def scan(
        self,
        texts: Sequence[str],
        *,
        owner: str,
        limits: ScanLimits,
        judged: Sequence[bool] | None = None,
    ) -> ClassifierScan:
        self.owners.append(owner)
        asked = zip(texts, judged or [True] * len(texts), strict=True)
        return ClassifierScan([self._found(text, is_judged) for text, is_judged in asked])

    def _found(self, text: str, is_judged: bool) -> list[Entity]:
        found = self._find(text)
        return [one for one in found if is_judged or not one.type.startswith(CONTENT)]
