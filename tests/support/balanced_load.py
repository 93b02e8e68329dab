"""Clients behind a load balancer that asks the gateways whether they are ready."""

import itertools
import threading
from collections.abc import Callable, Sequence
from contextlib import closing
from functools import partial
from http.client import HTTPConnection, HTTPException

import httpx

from tests.support.installation import APP_KEY, Installation

_POLL_S = 0.1
_SILENT_S = 0.5  # a gateway that does not answer for so long is not ready


class BalancedLoad:
    """Clients that ask the ready gateways in turn, and keep their connections.

    A refused connection goes to the next gateway: nothing was sent. Nothing else is repeated: any
    other failure is in ``failed``.
    """

    def __init__(self, gateways: Sequence[Installation], clients: int = 3) -> None:
        self._gateways = gateways
        self._ready = {one.url: True for one in gateways}
        self._stop = threading.Event()
        self.answered: list[str] = []
        self.failed: list[str] = []
        jobs: list[Callable[[], None]] = [partial(self._poll, one) for one in gateways]
        jobs += [self._ask] * clients
        self._threads = [threading.Thread(target=job, daemon=True) for job in jobs]
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def more(self, count: int) -> None:
        """Waits for that many more answers; none of the requests may fail."""
        target = len(self.answered) + count
        self._gateways[0].until(lambda: len(self.answered) >= target or self.failed, "answers")
        assert self.failed == []

    def _poll(self, one: Installation) -> None:
        while not self._stop.wait(_POLL_S):
            self._ready[one.url] = _is_ready(one.data_port)

    def _ask(self) -> None:
        body = {"model": "outside", "messages": [{"role": "user", "content": "Hello"}]}
        headers = {"authorization": f"Bearer {APP_KEY}"}
        turn = itertools.cycle(one.url for one in self._gateways)
        with httpx.Client(timeout=20, headers=headers) as client:
            while not self._stop.is_set():
                url = next(turn)
                if not self._ready[url]:
                    self._stop.wait(_POLL_S / 10)
                    continue
                try:
                    answer = client.post(f"{url}/v1/chat/completions", json=body)
                except httpx.ConnectError:
                    continue
                except httpx.HTTPError as error:
                    self.failed.append(f"{url}: {type(error).__name__} {error}")
                    continue
                if answer.status_code == 200:
                    self.answered.append(answer.headers["x-sluis-audit-id"])
                else:
                    self.failed.append(f"{url}: {answer.status_code} {answer.text}")


def _is_ready(port: int) -> bool:
    try:
        with closing(HTTPConnection("127.0.0.1", port, timeout=_SILENT_S)) as connection:
            connection.request("GET", "/readyz")
            return connection.getresponse().status == 200
    except (OSError, HTTPException):
        return False
