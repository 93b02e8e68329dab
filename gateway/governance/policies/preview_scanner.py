"""All detectors over one text, for trying a policy out; loaded when first asked."""

import asyncio
from importlib.util import find_spec
from pathlib import Path

from gateway.classifiers.pool import DetectorPool, TextNotScanned
from gateway.core.errors import Unavailable
from gateway.core.finding import Finding
from gateway.privacy import Detector, Terms, normalised

_PATIENCE_S = 30.0


class PreviewScanner:
    """Rules here, the classifier in a process of its own, as in the gateway."""

    def __init__(self, cache: Path | None) -> None:
        """``cache`` is a folder that keeps compiled patterns."""
        self._cache = cache
        self._starting = asyncio.Lock()
        self._detector: Detector | None = None
        self._pool: DetectorPool | None = None

    async def findings(self, text: str, terms: Terms | None) -> tuple[Finding, ...]:
        """What all tiers see, under the organisation's lists.

        Raises:
            Unavailable: when the classifier does not answer.
        """
        async with self._starting:
            if self._detector is None:
                self._detector = await asyncio.to_thread(Detector, self._cache)
            if self._pool is None and find_spec("presidio_analyzer") is not None:
                self._pool = DetectorPool(1)
                await self._pool.start()
        try:
            named = (
                await self._pool.find(normalised(text), deadline_s=_PATIENCE_S)
                if self._pool
                else ()
            )
        except TextNotScanned as error:
            raise Unavailable("The text could not be read in time.", retry_after=5) from error
        return self._detector.scan(text, named, terms)

    async def close(self) -> None:
        """Ends the classifier's process."""
        if self._pool is not None:
            await self._pool.close()
