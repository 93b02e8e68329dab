"""Clients that ask for everything at once: whole and streamed, conversations, refusals, cuts.

Each client has values of its own, so that a value of another in an answer is seen. What is wrong
with an answer is kept in ``wrong``; a request that fails is no fault of the answer.
"""

import itertools
import random
import re
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import httpx

from tests.support.installation import APP_KEY, LOW_KEY, STRICT_KEY, Installation

SECRET = "Mijn wachtwoord is Zomer2024!geheim, ik ben hiv-positief"  # restricted
VALUE = re.compile(r"post\d+x\d+@voorbeeld\.nl")
_POOL = 200  # texts that come again, so that caches fill up within minutes
PAUSE_S = 0.05  # of a client between two requests
_END = "data: [DONE]\n\n"


@dataclass
class Seen:
    """What all clients saw, together. ``answered`` holds audit ids of whole answers."""

    answered: list[str] = field(default_factory=list)
    statuses: Counter[int | str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)


class MixedLoad:
    """Clients in threads; each asks the gateways in turn until ``stop``."""

    def __init__(
        self,
        gateways: Sequence[Installation],
        *,
        clients: int,
        wishes: Sequence[str] = (),
        pause_s: float = PAUSE_S,
    ) -> None:
        """``wishes`` are what some requests ask the provider to do, such as ``status 500``."""
        self.seen = Seen()
        self._gateways = gateways
        self._wishes = wishes
        self._pause_s = pause_s
        self._over = threading.Event()
        self._threads = [threading.Thread(target=self._run, args=(n,)) for n in range(clients)]
        for thread in self._threads:
            thread.start()

    def pace(self, pause_s: float) -> None:
        """What each client waits between two requests from now on."""
        self._pause_s = pause_s

    def stop(self) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join()

    def _run(self, number: int) -> None:
        client = _Client(self.seen, number, self._wishes)
        with httpx.Client(timeout=20) as http:
            for turn in itertools.count(number):
                if self._over.wait(self._pause_s):
                    return
                gateway = self._gateways[turn % len(self._gateways)]
                try:
                    client.ask(http, f"{gateway.url}/v1/chat/completions", turn)
                except httpx.HTTPError as error:
                    self.seen.statuses[type(error).__name__] += 1


class _Client:
    def __init__(self, seen: Seen, number: int, wishes: Sequence[str]) -> None:
        self._seen = seen
        self._number = number
        self._wishes = wishes
        self._key = (APP_KEY, STRICT_KEY)[number % 2]
        self._chance = random.Random(number)
        self._kinds: list[Callable[[httpx.Client, str, int], None]] = [
            self._whole,
            self._streamed,
            self._conversation,
            self._restricted,
            self._refused,
            self._unknown,
            self._cancelled,
        ]

    def ask(self, http: httpx.Client, url: str, turn: int) -> None:
        self._chance.choice(self._kinds)(http, url, turn)

    def _text(self, turn: int) -> str:
        value = f"post{self._number}x{turn % _POOL}@voorbeeld.nl"
        wish = self._chance.choice(self._wishes) if self._wishes else ""
        manner = f" example: {wish};" if wish and self._chance.random() < 0.2 else ""
        return f"Kunt u mij schrijven op {value}?{manner}"

    def _whole(self, http: httpx.Client, url: str, turn: int) -> None:
        self._checked(self._post(http, url, "outside", self._text(turn)))

    def _streamed(self, http: httpx.Client, url: str, turn: int) -> None:
        answer = self._post(http, url, "outside", self._text(turn), stream=True)
        self._checked(answer, whole=answer.text.endswith(_END))

    def _conversation(self, http: httpx.Client, url: str, turn: int) -> None:
        """All clients name their conversations alike: the key keeps them apart."""
        name = {"x-sluis-conversation": f"c{turn % 20}"}
        self._checked(self._post(http, url, "outside", self._text(turn), headers=name))

    def _restricted(self, http: httpx.Client, url: str, turn: int) -> None:
        answer = self._post(http, url, "assistant", f"{SECRET}, post{self._number}x0@voorbeeld.nl")
        self._checked(answer)
        if answer.status_code == 200 and answer.headers.get("x-sluis-zone") != "internal":
            self._seen.wrong.append(f"restricted text left: {answer.headers}")

    def _refused(self, http: httpx.Client, url: str, turn: int) -> None:
        answer = self._post(http, url, "outside", SECRET, key=LOW_KEY)
        if answer.status_code not in {403, 503}:
            self._seen.wrong.append(f"{answer.status_code} for restricted text of a low key")

    def _unknown(self, http: httpx.Client, url: str, turn: int) -> None:
        answer = self._post(http, url, f"no-such-{turn % _POOL}", "Hallo")
        if answer.status_code not in {404, 503}:
            self._seen.wrong.append(f"{answer.status_code} for an unknown model")

    def _cancelled(self, http: httpx.Client, url: str, turn: int) -> None:
        """Leaves after the first bytes."""
        body = _body("outside", self._text(turn) + " example: slow;", stream=True)
        headers = {"authorization": f"Bearer {self._key}"}
        with http.stream("POST", url, json=body, headers=headers) as answer:
            self._seen.statuses[answer.status_code] += 1
            with suppress(StopIteration):
                next(answer.iter_bytes())

    def _post(
        self,
        http: httpx.Client,
        url: str,
        model: str,
        text: str,
        *,
        key: str = "",
        stream: bool = False,
        headers: dict[str, str] | None = None,
    ) -> httpx.Response:
        sent = {"authorization": f"Bearer {key or self._key}", **(headers or {})}
        answer = http.post(url, json=_body(model, text, stream=stream), headers=sent)
        self._seen.statuses[answer.status_code] += 1
        return answer

    def _checked(self, answer: httpx.Response, *, whole: bool = True) -> None:
        if answer.status_code == 200 and whole:
            self._seen.answered.append(answer.headers["x-sluis-audit-id"])
        others = [one for one in VALUE.findall(answer.text) if not self._owns(one)]
        if others:
            self._seen.wrong.append(f"client {self._number} got {others}")

    def _owns(self, value: str) -> bool:
        return value.startswith(f"post{self._number}x")


def _body(model: str, text: str, *, stream: bool) -> dict[str, Any]:
    messages = [{"role": "user", "content": text}]
    return {"model": model, "messages": messages, "stream": stream, "max_tokens": 25}


def until(ends: float, every: float, act: Callable[[], None]) -> None:
    """Acts at equal distances until a time of the monotonic clock."""
    pause = threading.Event()
    while time.monotonic() < ends:
        act()
        pause.wait(every)
