"""Readiness of the parts that were started together: each must have been ready once."""

import asyncio
import http.client
import urllib.error
import urllib.request

_ANSWER_S = 2.0


class Readiness:
    """Asks each address until it has answered 200 once."""

    def __init__(self, urls: tuple[str, ...]) -> None:
        self._waiting = dict.fromkeys(urls, "not asked yet")

    def waiting_for(self) -> str | None:
        """What is not ready yet, or None."""
        return next((f"{url}: {why}" for url, why in self._waiting.items()), None)

    async def ask(self) -> None:
        """Asks those that have not been ready yet."""
        for url in list(self._waiting):
            problem = await asyncio.to_thread(_problem, url)
            if problem:
                self._waiting[url] = problem
            else:
                del self._waiting[url]


def _problem(url: str) -> str | None:
    """Why an address, one of our own processes, is not ready."""
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        direct.open(url, timeout=_ANSWER_S).close()
    except urllib.error.HTTPError as error:
        return f"answers {error.code}"
    except (OSError, http.client.HTTPException):
        return "no answer"
    return None
