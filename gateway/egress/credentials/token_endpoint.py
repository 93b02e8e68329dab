"""Credentials that expire, and the endpoint that issues them."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Generic, TypeVar
from urllib.parse import urlencode

from gateway.core.errors import UpstreamFailed, UpstreamFault
from gateway.egress.connection_pool import ConnectionPool

_MAX_ANSWER = 1024 * 1024
_EARLY_S = 300.0  # seconds before its end in which a new one is asked for
_AGAIN_S = 10.0  # between two attempts while the old one is still good
Issued = TypeVar("Issued")


class TokenEndpoint:
    """One path of an issuer that takes forms."""

    def __init__(self, pool: ConnectionPool, path: str) -> None:
        self._pool = pool
        self._path = path

    async def post(
        self, form: Mapping[str, str], headers: Callable[[str, bytes], Mapping[str, str]]
    ) -> bytes:
        """The body of a successful answer; ``headers`` makes further ones of path and body.

        Raises:
            UpstreamFailed: unreachable or too slow, or the issuer refuses: the operator's fault.
        """
        body = urlencode(form).encode()
        sent = {
            "content-type": "application/x-www-form-urlencoded",
            "user-agent": "sluis",
            **headers(self._path, body),
        }
        response = await self._pool.post(self._path, sent, body)
        try:
            if response.status != 200:
                raise _refused(response.status)
            read = bytearray()
            while (piece := await response.read()) is not None:
                read += piece
                if len(read) > _MAX_ANSWER:
                    raise not_understood()
            return bytes(read)
        finally:
            response.close()

    async def close(self) -> None:
        """Closes the connections."""
        await self._pool.close()


class Renewed(Generic[Issued]):
    """A credential that is fetched again before it expires, once for all who wait."""

    def __init__(
        self,
        fetch: Callable[[], Awaitable[tuple[Issued, float]]],
        clock: Callable[[], float],
    ) -> None:
        """``fetch`` gives a credential and its end; ``clock`` is epoch seconds, as the end is."""
        self._fetch = fetch
        self._clock = clock
        self._lock = asyncio.Lock()
        self._now: Issued | None = None
        self._end = 0.0
        self._renew_from = 0.0

    async def get(self) -> Issued:
        """The credential.

        Raises:
            UpstreamFailed: when there is none, and none can be fetched.
        """
        if self._now is None or self._clock() >= self._renew_from:
            async with self._lock:
                if self._now is None or self._clock() >= self._renew_from:
                    await self._renew()
        if self._now is None:
            raise not_understood()
        return self._now

    async def _renew(self) -> None:
        try:
            self._now, self._end = await self._fetch()
        except UpstreamFailed:
            if self._now is None or self._clock() >= self._end:
                self._now = None
                raise
            self._renew_from = min(self._clock() + _AGAIN_S, self._end)
            return
        lasts = self._end - self._clock()
        self._renew_from = self._end - min(_EARLY_S, lasts / 2)


def not_understood() -> UpstreamFailed:
    """The failure for an issuer that answers in another form."""
    return UpstreamFailed("The issuer of the provider's credential gave an unknown answer.")


def _refused(status: int) -> UpstreamFailed:
    fault = UpstreamFault.OPERATOR if 400 <= status < 500 and status != 429 else None
    return UpstreamFailed(
        f"The issuer of the provider's credential answered with HTTP {status}.",
        fault=fault or UpstreamFault.OUTAGE,
    )
