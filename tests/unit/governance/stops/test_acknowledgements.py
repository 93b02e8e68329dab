"""Which gateways there are, and which of them have followed a stop."""

from typing import Any

import orjson

from gateway.governance.stops.acknowledgements import Gateways, gateways

START, STOP = 1_000_000, 2_000_000
NUMBERS = {"before": 1, "with": 2, "later": 3}


class Entries:
    """The entries that the three queries find."""

    def __init__(self) -> None:
        self.open: list[dict[str, Any]] = []
        self.all_opened: list[dict[str, Any]] = []
        self.swaps: list[dict[str, Any]] = []

    def opened(self, log: str, *, closed: bool = False, time: int = START, **fields: str) -> None:
        row = {"log": log, "time": time, "disclosure": _disclosure({"log": log, **fields})}
        self.all_opened.append(row)
        if not closed:
            self.open.append(row)

    def swapped(self, log: str, snapshot: str, time: int) -> None:
        disclosure = _disclosure({"snapshot": snapshot})
        self.swaps.append({"log": log, "time": time, "disclosure": disclosure})

    async def ask(self, query: str, values: dict[str, Any]) -> list[dict[str, Any]]:
        if "NOT EXISTS" in query:
            return self.open
        rows = self.swaps if "gateway:snapshot:swap" in query else self.all_opened
        return [row for row in rows if row["time"] >= values["since"]]


def _disclosure(fields: dict[str, str]) -> bytes:
    return orjson.dumps(["salt", fields])


async def states(entries: Entries, *, after_ms: int = 5_001) -> dict[str, tuple[str, int | None]]:
    found = await gateways(entries.ask, STOP)
    shown = found.states(2, NUMBERS, since_ms=STOP, now_ms=STOP + after_ms)
    return {one.gateway: (one.state, one.acknowledged) for one in shown}


async def test_the_first_snapshot_with_the_stop_is_the_acknowledgement() -> None:
    entries = Entries()
    entries.opened("gateway/1", gateway="pod-1:8080")
    for number, snapshot in enumerate(("before", "with", "later")):
        entries.swapped("gateway/1", snapshot, STOP + number)
    assert await states(entries) == {"pod-1:8080": ("acknowledged", STOP + 1)}


async def test_a_gateway_is_silent_after_five_seconds() -> None:
    entries = Entries()
    entries.opened("gateway/1", gateway="pod-1:8080")
    entries.swapped("gateway/1", "before", STOP)
    assert await states(entries, after_ms=5_000) == {"pod-1:8080": ("waiting", None)}
    assert await states(entries) == {"pod-1:8080": ("silent", None)}


async def test_one_that_starts_later_has_five_seconds_of_its_own() -> None:
    entries = Entries()
    entries.opened("gateway/1", time=STOP + 60_000)
    assert await states(entries, after_ms=65_000) == {"gateway/1": ("waiting", None)}
    assert await states(entries, after_ms=65_001) == {"gateway/1": ("silent", None)}


async def test_a_log_that_another_continues_is_the_same_gateway() -> None:
    entries = Entries()
    entries.opened("gateway/1", gateway="pod-1:8080")
    entries.opened("gateway/2", gateway="pod-1:8080", after="gateway/1")
    entries.opened("gateway/3", gateway="pod-1:8080", after="gateway/2")
    entries.swapped("gateway/1", "with", STOP + 7)
    assert await states(entries) == {"pod-1:8080": ("acknowledged", STOP + 7)}


async def test_a_failed_log_is_gone_with_the_process_that_continued_it() -> None:
    entries = Entries()
    entries.opened("gateway/1")
    entries.opened("gateway/2", after="gateway/1", closed=True)
    assert await states(entries) == {}


def test_before_the_stop_is_published_no_gateway_has_followed() -> None:
    seen = Gateways((), ())
    assert seen.states(None, {}, since_ms=STOP, now_ms=STOP) == []
