"""How long a gateway takes to be ready, and what it holds then and after 300 requests.

Run it on a quiet machine: ``python -m tests.performance.start 5``. Beside a start the processor
time of its process is shown, which other work changes less than the time that passes.
"""

import os
import sys
import tempfile
import threading
import time
from contextlib import closing
from http.client import HTTPConnection, HTTPException
from pathlib import Path

from tests.performance.sizing import cpu_of, memory_of
from tests.support.installation import Installation, config_for
from tests.support.openai_api import OpenAIApi

_REQUESTS = 300
_LOOK_S = 0.02


def ready_after(sluis: Installation) -> float:
    """Starts a gateway; returns the seconds until ``/readyz`` is 200, detectors included."""
    began = time.monotonic()
    sluis.begin("gateway")
    while not _is_ready(sluis.data_port):
        threading.Event().wait(_LOOK_S)
    return time.monotonic() - began


def _is_ready(port: int) -> bool:
    try:
        with closing(HTTPConnection("127.0.0.1", port, timeout=2)) as connection:
            connection.request("GET", "/readyz")
            return connection.getresponse().status == 200
    except (OSError, HTTPException):
        return False


def measure(sluis: Installation) -> None:
    """Prints the figures of one start."""
    seconds = ready_after(sluis)
    gateway = sluis.process("gateway")
    cpu, ready = cpu_of(gateway.pid), memory_of(gateway.pid)
    for _ in range(_REQUESTS):
        sluis.ask("Hallo daar").raise_for_status()
    after = memory_of(gateway.pid)
    load = os.getloadavg()[0]
    print(
        f"ready after {seconds:.2f} s, {cpu:.2f} s of processor time; {ready:.0f} MB, "
        f"{after:.0f} MB after {_REQUESTS} requests; load of the machine {load:.1f}",
        flush=True,
    )
    gateway.terminate()
    gateway.wait()


def main(starts: int) -> None:
    """Measures starts of one gateway, beside a control plane."""
    with tempfile.TemporaryDirectory() as folder, OpenAIApi() as api:
        sluis = Installation(Path(folder), forks=False)
        sluis.apply(config_for(eu=api.url, global_provider=api.url, internal_provider=api.url))
        sluis.start("control")
        try:
            for _ in range(starts):
                measure(sluis)
        finally:
            sluis.stop()


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 5)
