"""All detectors over one text, for trying policies out; loaded at first use."""

import asyncio
from importlib.util import find_spec
from pathlib import Path

from gateway.classifiers.pool import DetectorPool, TextNotScanned
from gateway.classifiers.protocol import content_of
from gateway.core.errors import Unavailable
from gateway.core.finding import Finding
from gateway.privacy import Detector, Terms, normalised

_TIMEOUT_S = 30.0


class PreviewScanner:
    """Rules in this process, the classifier in a child process, as in the gateway."""

    def __init__(self, cache: Path | None) -> None:
        """``cache`` is a folder that keeps compiled patterns."""
        self._cache = cache
        self._starting = asyncio.Lock()
        self._detector: Detector | None = None
        self._pool: DetectorPool | None = None

    async def read(
        self, text: str, terms: Terms | None
    ) -> tuple[tuple[Finding, ...], dict[str, float]]:
        """The findings of all tiers, under the organisation's lists; and attacks and harm.

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
                await self._pool.find(normalised(text), deadline_s=_TIMEOUT_S) if self._pool else ()
            )
        except TextNotScanned as error:
            raise Unavailable("The text could not be read in time.", retry_after=5) from error
        return self._detector.scan(text, named, terms), content_of(named)

    async def close(self) -> None:
        """End the process of the classifier."""
        if self._pool is not None:
            await self._pool.close()
