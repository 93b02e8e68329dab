"""Readiness of parts that start together: each must have been ready once."""

import asyncio
import http.client
import urllib.error
import urllib.request

_TIMEOUT_S = 2.0


class Readiness:
    """Polls each address until it has answered 200 once."""

    def __init__(self, urls: tuple[str, ...]) -> None:
        self._pending = dict.fromkeys(urls, "not asked yet")

    def pending_reason(self) -> str | None:
        """A part that is not ready yet, with the reason; None when all have been ready."""
        return next((f"{url}: {reason}" for url, reason in self._pending.items()), None)

    async def poll(self) -> None:
        """Poll the addresses that have not been ready yet."""
        for url in list(self._pending):
            problem = await asyncio.to_thread(_problem, url)
            if problem:
                self._pending[url] = problem
            else:
                del self._pending[url]


def _problem(url: str) -> str | None:
    """Why a process of this installation is not ready; None when it is."""
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        direct.open(url, timeout=_TIMEOUT_S).close()
    except urllib.error.HTTPError as error:
        return f"answers {error.code}"
    except (OSError, http.client.HTTPException):
        return "no answer"
    return None
