"""Readiness of the parts that were started together: each must have been ready once."""

import asyncio
from datetime import timedelta

from pyreqwest.client import ClientBuilder
from pyreqwest.exceptions import PyreqwestError

_POLL_S = 0.5


class Readiness:
    """Asks each address until it has answered 200 once."""

    def __init__(self, urls: tuple[str, ...]) -> None:
        self._waiting = dict.fromkeys(urls, "not asked yet")

    def waiting_for(self) -> str | None:
        """What is not ready yet, or None."""
        return next((f"{url}: {why}" for url, why in self._waiting.items()), None)

    async def run(self) -> None:
        """Returns when all have been ready."""
        client = ClientBuilder().no_proxy().timeout(timedelta(seconds=2)).build()
        try:
            while self._waiting:
                for url in list(self._waiting):
                    try:
                        answer = await client.get(url).build().send()
                    except PyreqwestError:
                        self._waiting[url] = "no answer"
                        continue
                    if answer.status == 200:
                        del self._waiting[url]
                    else:
                        self._waiting[url] = f"answers {answer.status}"
                await asyncio.sleep(_POLL_S)
        finally:
            await client.close()
