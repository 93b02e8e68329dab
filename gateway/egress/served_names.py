"""What an engine says it serves: names of models, and of a worker its versions."""

import asyncio
import time
from collections.abc import Awaitable, Callable

import msgspec
import orjson

from gateway.core.errors import UpstreamFailed, UpstreamFault

Fetch = Callable[[], Awaitable[tuple[int, bytes]]]
_FRESH_S = 30.0
_RETRY_S = 1.0  # a name that is missing may have been loaded since
_REFUSED = "refused"
_CREDENTIAL = frozenset({401, 403})
_NO_LIST = frozenset({404, 405, 501})


class ReportedVersion(msgspec.Struct, frozen=True):
    """The state of a version at a worker; of a refused one the cause, in a word."""

    id: str
    digest: str
    state: str
    cause: str | None = None
    stands_in: str | None = None


class LoadedName(msgspec.Struct, frozen=True):
    """A name that a worker answers to, and the digest of the version that does."""

    id: str
    digest: str


class WorkerReport(msgspec.Struct, frozen=True):
    """What a worker has loaded, and the state of each version that it was asked for."""

    data: list[LoadedName] = []
    versions: list[ReportedVersion] = []

    @property
    def ready(self) -> frozenset[str]:
        """The digests of the versions that answer."""
        return frozenset(one.digest for one in self.data)

    @property
    def refused(self) -> list[ReportedVersion]:
        """The versions that it could not load."""
        return [one for one in self.versions if one.state == _REFUSED]


class ServedNames:
    """What one engine lists under ``/v1/models``; asked again once it is no longer fresh."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._asking = asyncio.Lock()
        self._names: frozenset[str] | None = None
        self._asked: float | None = None

    async def lists(self, model: str, fetch: Fetch) -> bool:
        """Returns whether the engine lists a name; False when it lists no names at all.

        Raises:
            UpstreamFailed: when it lists others, or cannot be asked.
        """
        async with self._asking:
            if self._is_old(model):
                self._names = _names_of(*await fetch())
                self._asked = self._clock()
        if self._names is None:
            return False
        if model not in self._names:
            raise UpstreamFailed(
                "The engine does not list the registered version under its name.",
                fault=UpstreamFault.OPERATOR,
            )
        return True

    def _is_old(self, model: str) -> bool:
        if self._asked is None:
            return True
        age = self._clock() - self._asked
        missing = self._names is not None and model not in self._names
        return age > (_RETRY_S if missing else _FRESH_S)


def report_of(status: int, answer: bytes) -> WorkerReport:
    """What a worker reports.

    Raises:
        UpstreamFailed: when it is no report.
    """
    if status == 200:
        try:
            return msgspec.json.decode(answer, type=WorkerReport)
        except msgspec.DecodeError as error:
            raise UpstreamFailed("The worker does not report its versions.") from error
    fault = UpstreamFault.OPERATOR if status in _CREDENTIAL else UpstreamFault.OUTAGE
    raise UpstreamFailed(f"The worker does not report its versions (HTTP {status}).", fault=fault)


def _names_of(status: int, answer: bytes) -> frozenset[str] | None:
    """The names of an answer; None from an engine that has no list.

    Raises:
        UpstreamFailed: when the answer is no list.
    """
    if status in _NO_LIST:
        return None
    try:
        if status == 200:
            return frozenset(str(one["id"]) for one in orjson.loads(answer)["data"])
    except (orjson.JSONDecodeError, KeyError, TypeError):
        pass
    raise UpstreamFailed(f"The engine does not say which models it serves (HTTP {status}).")
