"""A gateway and a control plane that cannot work are not ready, say why, and are ready again."""

import os
import signal
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from pathlib import Path

import httpx
import pytest

from tests.support.installation import Installation
from tests.support.outages import Outages, on_postgres, outages, upstream

__all__ = ["on_postgres", "outages", "upstream"]
pytestmark = [pytest.mark.e2e, pytest.mark.slow, pytest.mark.nightly]
Fault = Callable[[Outages], AbstractContextManager[None]]


def ready(url: str) -> tuple[int, dict[str, object]]:
    answer = httpx.get(f"{url}/readyz", timeout=2)
    return answer.status_code, answer.json()


@pytest.mark.parametrize(
    "fault",
    [Outages.stopped, Outages.frozen, Outages.read_only],
    ids=["stopped", "frozen", "read-only"],
)
def test_without_a_database_that_takes_entries_neither_is_ready_until_it_is_back(
    on_postgres: Installation, outages: Outages, fault: Fault
) -> None:
    parts = {"trail": on_postgres.url, "database": on_postgres.control}
    for url in parts.values():
        on_postgres.until(lambda u=url: ready(u)[0] == 200, "it is ready", limit=10)
    with fault(outages):
        for url in parts.values():
            assert ready(url) == (200, {"status": "ready"})  # a blip takes none out
        for part, url in parts.items():
            on_postgres.until(lambda u=url: ready(u)[0] == 503, "it notices", limit=10)
            body = ready(url)[1]
            assert body["status"] == "waiting"
            assert isinstance(body["parts"], dict)
            assert list(body["parts"]) == [part]
            assert body["reason"] == body["parts"][part]
            assert "cannot be" in str(body["reason"])
    for url in parts.values():
        on_postgres.until(lambda u=url: ready(u)[0] == 200, "it is ready again", limit=10)
    assert on_postgres.ask("Hello").status_code == 200


def test_without_detectors_a_gateway_is_not_ready_until_they_run_again(
    on_postgres: Installation,
) -> None:
    def kill_detectors() -> bool:
        for one in _children(on_postgres.process("gateway").pid):
            if "worker_process" in Path(f"/proc/{one}/cmdline").read_text(encoding="utf-8"):
                os.kill(one, signal.SIGKILL)
        return ready(on_postgres.url)[0] == 503

    on_postgres.until(lambda: ready(on_postgres.url)[0] == 200, "it is ready", limit=20)
    kill_detectors()
    with ThreadPoolExecutor() as aside:  # an idle one is missed by the first text to be read
        asked = aside.submit(on_postgres.ask, "Mevrouw de Vries-Jansen woont in Zwolle.")
        on_postgres.until(kill_detectors, "it notices", limit=30)
        assert asked.result().status_code in {200, 503}
    assert list(ready(on_postgres.url)[1]["parts"]) == ["detectors"]  # type: ignore[call-overload]
    on_postgres.until(lambda: ready(on_postgres.url)[0] == 200, "it is ready again", limit=30)


def test_a_gateway_without_its_control_plane_refuses_once_its_snapshot_is_too_old(
    tmp_path: Path, config: str
) -> None:
    sluis = Installation(tmp_path / "sluis", settings={"SLUIS_SNAPSHOT_REFUSE_AFTER": "5"})
    sluis.apply(config)
    try:
        sluis.start("control", "gateway")
        assert sluis.ask("Hello").status_code == 200
        sluis.kill("control")
        sluis.until(lambda: ready(sluis.url)[0] == 503, "the snapshot is too old", limit=20)
        assert list(ready(sluis.url)[1]["parts"]) == ["snapshot"]  # type: ignore[call-overload]
        refused = sluis.ask("Hello")
        assert refused.status_code == 503
        assert refused.json()["error"]["code"] == "service_unavailable"
        assert int(refused.headers["retry-after"]) >= 1
        sluis.start("control")
        sluis.until(lambda: ready(sluis.url)[0] == 200, "it is ready again", limit=20)
        assert sluis.ask("Hello").status_code == 200
    finally:
        sluis.stop()


def _children(process: int) -> list[int]:
    listed = Path(f"/proc/{process}/task/{process}/children").read_text(encoding="ascii")
    return [int(one) for one in listed.split()]
