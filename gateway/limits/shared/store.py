"""The store of shared counters: one script in a server that speaks the Redis protocol.

Nothing imports this where there is no such server, so that its client is not loaded.
"""

import asyncio
import hashlib
import hmac
import ssl
from collections.abc import Sequence
from importlib.resources import files
from typing import Any

import msgspec
from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import (
    AuthenticationError,
    NoPermissionError,
    NoScriptError,
    RedisError,
    ResponseError,
)

from gateway.limits.scopes import ScopeId
from gateway.limits.store_settings import StoreSettings

_CONNECTIONS = 16
_TURNS = 10
_CLOCK = "redis.call('TIME')"
_SCRIPT = files(__package__).joinpath("counters.lua").read_text(encoding="utf-8")
_LEAST_VERSION = (6, 2)


class StoreAway(Exception):
    """The store has not answered in time, or not as it should; the text says why, and no secret."""


class Store:
    """Calls the script. Each call is one round trip, and ends within the deadline."""

    def __init__(self, settings: StoreSettings, *, pepper: bytes, clock: str = _CLOCK) -> None:
        """``pepper`` keys the names of scopes; ``clock`` is Lua for the server's time."""
        self.place = settings.place
        self.timeout_s = settings.timeout_s
        self._pepper = pepper
        self._prefix = "{sluis-" + _digest(pepper, "counters", 8) + "}:"
        self._fixed = [f"{self._prefix}{name}" for name in ("state", "leases", "held")]
        self._names: dict[ScopeId, str] = {}
        # Of one installation only: another one that comes first would hide that the server started.
        self._script = f"-- {self._prefix}\n" + _SCRIPT.replace(_CLOCK, clock)
        self._sha = hashlib.sha1(self._script.encode(), usedforsecurity=False).hexdigest()
        self._client = Redis(connection_pool=self._pool(settings))

    def name(self, scope: ScopeId) -> str:
        """The key of a scope: a keyed digest, because its name may be a person's."""
        found = self._names.get(scope)
        if found is None:
            if len(self._names) > 65_536:
                self._names.clear()
            digest = _digest(self._pepper, "\0".join(scope), 16)
            found = self._names[scope] = f"{self._prefix}{digest}"
        return found

    async def call(self, operation: str, names: Sequence[str] = (), **ask: Any) -> list[Any]:
        """The answer of one operation of the script; its first item is the status.

        Raises:
            StoreAway: when there is none; it may have happened all the same.
        """
        work = asyncio.ensure_future(self._call(operation, names, ask))
        work.add_done_callback(_seen)
        try:
            # In turns, so that the time in which this loop is busy is not taken for the server's.
            for _ in range(_TURNS):
                await asyncio.wait([work], timeout=self.timeout_s / _TURNS)
                if work.done():
                    return work.result()
        except (RedisError, OSError, ValueError) as error:
            raise StoreAway(_reason(error)) from error
        finally:
            work.cancel()
        raise StoreAway(f"no answer within {self.timeout_s * 1000:.0f} ms")

    async def facts(self) -> dict[str, str]:
        """The version, and what it does when its memory is full ("" where it does not say).

        Raises:
            StoreAway: when it does not answer.
        """
        try:
            async with asyncio.timeout(max(2.0, self.timeout_s)):
                about = await self._client.info("server")
                memory = await self._client.info("memory")
        except TimeoutError as error:
            raise StoreAway("no answer within 2 s") from error
        except (RedisError, OSError, ValueError) as error:
            raise StoreAway(_reason(error)) from error
        version = about.get("valkey_version") or about.get("redis_version") or ""
        policy = memory.get("maxmemory_policy") or ""
        return {"version": str(version), "eviction": str(policy)}

    async def remove(self, names: Sequence[str]) -> None:
        """Removes counters that were only tried out, with all that they hold.

        Raises:
            StoreAway: when it does not answer.
        """
        try:
            async with asyncio.timeout(max(2.0, self.timeout_s)):
                await self._client.delete(*self._fixed, *names)
        except TimeoutError as error:
            raise StoreAway("no answer within 2 s") from error
        except (RedisError, OSError, ValueError) as error:
            raise StoreAway(_reason(error)) from error

    async def close(self) -> None:
        """Ends its connections."""
        await self._client.aclose()
        await self._client.connection_pool.disconnect()

    async def _call(self, operation: str, names: Sequence[str], ask: dict[str, Any]) -> list[Any]:
        keys = [*self._fixed, *names]
        packed = msgspec.msgpack.encode(ask)
        try:
            given = await self._client.evalsha(self._sha, len(keys), *keys, operation, packed)
        except NoScriptError:
            # A server forgets its scripts when it starts, or takes over: what it has may be old.
            packed = msgspec.msgpack.encode({**ask, "fresh": True})
            given = await self._client.eval(self._script, len(keys), *keys, operation, packed)
            await self._client.script_load(self._script)  # one that was only run can be forgotten
        answer: list[Any] = msgspec.msgpack.decode(given)
        return answer

    def _pool(self, settings: StoreSettings) -> BlockingConnectionPool:
        tls: dict[str, Any] = {}
        if settings.url.startswith("rediss://"):
            tls = {"ssl_ca_certs": settings.ca, "ssl_min_version": ssl.TLSVersion.TLSv1_2}
        return BlockingConnectionPool.from_url(
            settings.url,
            max_connections=_CONNECTIONS,
            timeout=None,  # a call has its deadline, which counts these waits too
            socket_timeout=None,
            socket_connect_timeout=None,
            socket_keepalive=True,
            retry=Retry(NoBackoff(), 0),  # a call that is repeated could count twice
            protocol=2,
            **tls,
        )


def _seen(work: asyncio.Future[list[Any]]) -> None:
    """Take the error of a call that no one awaits any more, so that asyncio does not log it."""
    if not work.cancelled():
        work.exception()


def problem_of(facts: dict[str, str]) -> str | None:
    """Why a store with these facts cannot be used, and what to do; None when it can."""
    numbers = tuple(int(part) for part in facts["version"].split(".")[:2] if part.isdigit())
    if numbers < _LEAST_VERSION:
        return f"it is version {facts['version']}; use Valkey, or Redis from 6.2"
    if facts["eviction"] not in {"noeviction", ""}:
        return (
            f"its maxmemory-policy is {facts['eviction']}, which forgets counters when memory is "
            "short: set noeviction"
        )
    return None


def _digest(key: bytes, text: str, size: int) -> str:
    return hmac.new(key, b"limits\0" + text.encode(), hashlib.sha256).hexdigest()[: 2 * size]


def _reason(error: Exception) -> str:
    """Without an address or a login, which the client's messages can hold."""
    text = str(error)
    if isinstance(error, AuthenticationError) or "WRONGPASS" in text or "NOAUTH" in text:
        return "it refuses the user name or the password of SLUIS_VALKEY_URL"
    if any(isinstance(one, ssl.SSLError) for one in (error, error.__cause__, error.__context__)):
        return "its certificate is not trusted, or it does not speak TLS: check SLUIS_VALKEY_CA"
    if isinstance(error, NoPermissionError):
        return "its user lacks a permission (docs/limits.md)"
    if isinstance(error, ResponseError):
        return f"it answers {text.split(' ', maxsplit=1)[0][:32]}"
    return "no connection"
