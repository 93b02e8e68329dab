"""The detectors of this installation for one command, as the gateway uses them."""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # what a command needs is imported when it runs
    from gateway.core.finding import Finding

_PATIENCE_S = 120.0


@contextmanager
def detectors() -> Iterator[Callable[[str], Sequence["Finding"]]]:
    """Rules and classifier together; the classifier's process ends with the block."""
    from gateway import settings
    from gateway.privacy import Detector, DetectorPool, normalised

    detector, pool, loop = Detector(settings.read().cache_dir), DetectorPool(1), asyncio.Runner()

    def find(text: str) -> Sequence["Finding"]:
        named = loop.run(pool.find(normalised(text), deadline_s=_PATIENCE_S))
        return detector.scan(text, named)

    with loop:
        loop.run(pool.start())
        try:
            find("")  # what is built on first use is no part of what is measured
            yield find
        finally:
            loop.run(pool.close())
