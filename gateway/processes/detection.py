"""The classifier processes of a gateway, and all detectors together for one command."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from importlib.util import find_spec
from typing import TYPE_CHECKING

from gateway.classifiers.pool import DetectorPool
from gateway.core.errors import ConfigError
from gateway.processes.settings import Settings

if TYPE_CHECKING:  # a command imports what it needs when it runs
    from gateway.core.finding import Finding

_SCAN_TIMEOUT_S = 120.0


@asynccontextmanager
async def classifier(settings: Settings) -> AsyncIterator[DetectorPool | None]:
    """The detector processes, which end with the block; None where SLUIS_DETECTORS is 0.

    Raises:
        ConfigError: when a package that they need is not installed.
    """
    if settings.detectors == 0:
        yield None
        return
    missing = [name for name in ("onnxruntime", "presidio_analyzer") if find_spec(name) is None]
    if missing:
        raise ConfigError(
            f"{', '.join(missing)} is not installed, so names in running text would go unseen: "
            "install sluis[detectors], or set SLUIS_DETECTORS=0 to do without"
        )
    pool = DetectorPool(settings.detectors, cache_bytes=settings.detector_cache_mib << 20)
    await pool.start()
    try:
        yield pool
    finally:
        await pool.close()


@contextmanager
def detectors() -> Iterator[Callable[[str], Sequence["Finding"]]]:
    """A function that runs rules and classifier; the classifier's process ends with the block."""
    from gateway.privacy import Detector, normalised
    from gateway.processes import settings

    detector, pool, loop = Detector(settings.read().cache_dir), DetectorPool(1), asyncio.Runner()

    def find(text: str) -> Sequence["Finding"]:
        entities = loop.run(pool.find(normalised(text), deadline_s=_SCAN_TIMEOUT_S))
        return detector.scan(text, entities)

    with loop:
        loop.run(pool.start())
        try:
            find("Warm.")  # excludes what is built on first use from measurements
            yield find
        finally:
            loop.run(pool.close())
