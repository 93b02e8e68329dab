"""Credentials that expire, and the endpoint that issues them."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Generic, TypeVar
from urllib.parse import urlencode

from gateway.core.errors import UpstreamFailed, UpstreamFault
from gateway.egress.connection_pool import ConnectionPool

_MAX_ANSWER = 1024 * 1024
_ANSWER_S = 10.0  # the longest wait for an issuer: requests wait for it
_EARLY_S = 300.0  # seconds before its end in which a new one is asked for
_FAILED_S = 2.0  # in which a failure counts for all who wait
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
        try:
            async with asyncio.timeout(_ANSWER_S):
                return await self._post(urlencode(form).encode(), headers)
        except TimeoutError as error:
            raise UpstreamFailed(
                "The issuer of the provider's credential took too long.", code="upstream_timeout"
            ) from error

    async def close(self) -> None:
        """Closes the connections."""
        await self._pool.close()

    async def _post(self, body: bytes, headers: Callable[[str, bytes], Mapping[str, str]]) -> bytes:
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
        self._failure: UpstreamFailed | None = None
        self._failed_until = 0.0

    async def get(self) -> Issued:
        """The credential.

        Raises:
            UpstreamFailed: when there is none, and none can be fetched.
        """
        renewed_by_another = self._lock.locked() and self._clock() < self._end
        if self._is_due() and not renewed_by_another:
            async with self._lock:
                if self._is_due():
                    await self._renew()
        if self._now is None:
            raise not_understood()
        return self._now

    def _is_due(self) -> bool:
        return self._now is None or self._clock() >= self._renew_from

    async def _renew(self) -> None:
        now = self._clock()
        if self._failure is not None and now < self._failed_until:  # those who waited do not ask
            raise UpstreamFailed(
                self._failure.message, fault=self._failure.fault, code=self._failure.code
            )
        try:
            self._now, self._end = await self._fetch()
        except UpstreamFailed as failure:
            now = self._clock()
            if self._now is None or now >= self._end:
                self._now, self._failure, self._failed_until = None, failure, now + _FAILED_S
                raise
            self._renew_from = min(now + _AGAIN_S, self._end)
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
