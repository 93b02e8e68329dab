"""A stream that stays open at a gateway."""

import json
import threading
import time
from dataclasses import dataclass, field
from typing import Any

import httpx

from tests.support.installation import APP_KEY, Installation


def hello(model: str) -> dict[str, Any]:
    """A short request."""
    return {"model": model, "messages": [{"role": "user", "content": "Hello"}]}


@dataclass
class OpenStream:
    """A streamed answer that gets its first words and then waits for its provider."""

    sluis: Installation
    model: str
    key: str = APP_KEY
    purpose: str = "service"
    first: threading.Event = field(default_factory=threading.Event)
    events: list[str] = field(default_factory=list)
    ended: float | None = None

    def __post_init__(self) -> None:
        self.sluis.until(self._answers, "what an earlier test stopped has started again")
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()
        assert self.first.wait(30), self.events

    def _answers(self) -> bool:
        answer = self.sluis.ask(hello(self.model), self.key, x_sluis_purpose=self.purpose)
        return answer.status_code == 200

    def _read(self) -> None:
        body = {
            "model": self.model,
            "stream": True,
            "messages": [{"role": "user", "content": "example: stall; a long story"}],
        }
        headers = {"authorization": f"Bearer {self.key}", "x-sluis-purpose": self.purpose}
        url = f"{self.sluis.url}/v1/chat/completions"
        with httpx.stream("POST", url, json=body, headers=headers, timeout=90) as answer:
            self.audit_id = answer.headers.get("x-sluis-audit-id", "")
            for line in answer.iter_lines():
                if line.startswith("data: "):
                    self.events.append(line)
                    self.first.set()
        self.ended = time.monotonic()

    def error(self) -> dict[str, Any]:
        """The error event at the end, once the stream has ended."""
        self._thread.join(30)
        assert self.ended is not None
        found = [line for line in self.events if '"error"' in line]
        assert found, self.events
        return dict(json.loads(found[-1].removeprefix("data: "))["error"])
