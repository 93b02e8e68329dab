"""Hours of mixed load: memory, file descriptors and threads of every process stay as they are.

SLUIS_SOAK_MINUTES is the length, two hours without it. The first quarter warms up, as fast as
it can: a gateway caches what it found in 20,000 texts, and some answers are new texts. After it
SLUIS_SOAK_PAUSE_S is what each of four clients waits between two requests.
"""

import json
import os
import threading
import time
from collections import defaultdict
from pathlib import Path
from statistics import median
from typing import Any

import pytest
from starlette.requests import Request

from tests.support.installation import Installation, config_for
from tests.support.mixed_load import PAUSE_S, MixedLoad, until
from tests.support.openai_api import OpenAIApi
from tests.support.trend import trend_of

MINUTES = float(os.environ.get("SLUIS_SOAK_MINUTES", "120"))
PAUSE = float(os.environ.get("SLUIS_SOAK_PAUSE_S", PAUSE_S))
pytestmark = [
    pytest.mark.e2e,
    pytest.mark.skipif(not os.environ.get("SLUIS_CAMPAIGN"), reason="hours: make campaign"),
    pytest.mark.timeout(MINUTES * 60 + 600),
]
WARM_UP = 0.25  # of the whole length
MOST_GROWTH = 1.0  # percent an hour
SURE_AFTER = 60  # minutes, from which on the estimate itself must be below it
EVERY_S = 2.0
CHANGE_EVERY_S = 20.0
_PAGE = os.sysconf("SC_PAGE_SIZE")


class Forgetful(OpenAIApi):
    """A provider that keeps nothing: it lives in the process that measures for hours."""

    async def _recorded(self, request: Request) -> dict[str, Any]:
        body = await super()._recorded(request)
        for kept in (self.bodies, self.headers, self.peers):
            kept.clear()
        return body


class Meter:
    """Memory in MiB, descriptors and threads of processes and their children, by name."""

    def __init__(self, roots: dict[str, int]) -> None:
        self._roots = roots
        self.memory: dict[str, list[tuple[float, float]]] = defaultdict(list)
        self.counts: dict[str, list[tuple[int, int]]] = defaultdict(list)

    def look(self) -> None:
        for name, pid in self._processes():
            resident = int(_proc(pid, "statm").split()[1]) * _PAGE
            self.memory[name].append((time.monotonic(), resident / 2**20))
            descriptors = len(list(Path(f"/proc/{pid}/fd").iterdir()))
            self.counts[name].append((descriptors, len(list(Path(f"/proc/{pid}/task").iterdir()))))

    def _processes(self) -> list[tuple[str, int]]:
        found = list(self._roots.items())
        for name, root in self._roots.items():
            children = _proc(root, f"task/{root}/children").split()
            found += [(f"{name}/{_program(pid)}/{n}", int(pid)) for n, pid in enumerate(children)]
        return found


def _proc(pid: int | str, file: str) -> str:
    return Path(f"/proc/{pid}/{file}").read_text(encoding="utf-8")


def _program(pid: str) -> str:
    arguments = _proc(pid, "cmdline").split("\0")
    return next((one for one in arguments if one.startswith("gateway.")), arguments[0])


def change_keys(sluis: Installation) -> None:
    """A key comes and goes, which publishes two snapshots; its name was there before."""
    made = sluis.admin("POST", "/keys", json={"name": "passing", "team": "support"})
    assert made.status_code == 201, made.text
    gone = sluis.admin("POST", f"/keys/{made.json()['id']}/revoke")
    assert gone.status_code == 200, gone.text


def test_no_process_grows(tmp_path: Path) -> None:
    with Forgetful() as api:
        sluis = Installation(tmp_path, forks=False)
        sluis.apply(config_for(eu=api.url, global_provider=api.url, internal_provider=api.url))
        sluis.start("control", "gateway")
        meter = Meter({one: sluis.process(one).pid for one in ("gateway", "control")})
        ends = time.monotonic() + MINUTES * 60
        changes = threading.Thread(
            target=until, args=(ends, CHANGE_EVERY_S, lambda: change_keys(sluis))
        )
        load = MixedLoad([sluis], clients=4, pause_s=0)
        changes.start()
        try:
            until(ends - (1 - WARM_UP) * MINUTES * 60, EVERY_S, meter.look)
            load.pace(PAUSE)
            until(ends, EVERY_S, meter.look)
        finally:
            load.stop()
            changes.join()
            sluis.stop()
    report = judged(meter)
    figures = {"answered": len(load.seen.answered), "statuses": dict(load.seen.statuses), **report}
    print(json.dumps(figures, indent=1, default=str))  # the figures of docs/campaign.md
    assert not load.seen.wrong, load.seen.wrong[:5]
    assert set(load.seen.statuses) <= {200, 403, 404}
    logs = "".join(file.read_text() for file in tmp_path.glob("*.log"))
    assert "Traceback" not in logs
    assert "voorbeeld.nl" not in logs
    assert not [name for name, line in report.items() if "GROWS" in line], report


def judged(meter: Meter) -> dict[str, str]:
    """By process: its trend after the warm-up, its counts, and GROWS where it does."""
    found = {}
    for name, samples in meter.memory.items():
        warm = samples[int(len(samples) * WARM_UP) :]
        if len(warm) < len(meter.memory["gateway"]) // 2:
            found[name] = "GROWS: it began late, so another one of its kind had ended"
            continue
        trend = trend_of(warm)
        growth = trend.estimate if MINUTES >= SURE_AFTER else trend.least
        counts = meter.counts[name][-len(warm) :]
        grown = [
            label
            for label, values in zip(
                ("descriptors", "threads"), zip(*counts, strict=True), strict=True
            )
            if median(values[-len(values) // 4 :]) > median(values[: len(values) // 4]) + 1
        ]
        grown += ["memory"] if growth > MOST_GROWTH else []
        descriptors, threads = (median(values) for values in zip(*counts, strict=True))
        line = f"MiB {trend}; {descriptors} descriptors, {threads} threads"
        found[name] = f"GROWS {grown}: {line}" if grown else line
    return found
