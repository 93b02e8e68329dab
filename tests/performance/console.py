"""How long pages of the console take: ``python -m tests.performance.console 1000000``.

Puts so many entries of a year and the usage of half as many requests of 30 days into a new SQLite
file, and starts a control plane, a console and a browser. Each line has a page, and the median and
the longest of five times in seconds, from the click until the page is drawn to its end.
"""

import asyncio
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from functools import partial
from pathlib import Path

import httpx
from playwright.sync_api import Page, expect, sync_playwright

from gateway.core.system.secrets import create
from gateway.governance.plane import build
from gateway.governance.usage.definition import HOUR_MS
from gateway.processes.console import command
from tests.e2e.console.conftest import CHROMIUM, started
from tests.performance.usage import fill_usage
from tests.support.entries import fill, step_of
from tests.support.ports import free_port
from tests.support.streamlit_page import wait_for

_KEY = "performance-0000000000000000"
_CONFIG = """
version: 1
teams: [{name: support}]
keys:
  - {name: admin, kind: admin, secret: "env:SLUIS_PERFORMANCE_KEY",
     roles: [platform_admin, compliance_officer, policy_approver]}
"""
_PAGES = ("Usage", "Audit", "Overview", "Incidents", "Proposals", "Keys", "Home")
_TIMES = 5
# Asked at each frame: an expectation of Playwright asks again after up to half a second.
_DRAWN = """
name => [...document.querySelectorAll('h1')].some(one => one.innerText.trim() === name)
  && document.querySelector('[data-testid="stApp"]').dataset.testScriptState === 'notRunning'
"""


async def _fill(folder: Path, count: int) -> str:
    """Fill the trail; gives the token of the operator."""
    secrets = create(folder / "secrets")
    plane = build(
        database_url=f"sqlite:///{folder / 'governance.db'}", secrets=secrets, data_dir=folder
    )
    await plane.database.migrate()
    began = time.perf_counter()
    now_ms = int(time.time() * 1000)
    await fill(plane.database, count, now_ms - count * step_of(count))
    await fill_usage(plane.database, count // 2, now_ms // HOUR_MS - 30 * 24)
    print(f"{count} entries in {time.perf_counter() - began:.0f} s")
    await plane.close()
    return secrets.operator_token


def _timed(name: str, act: Callable[[], None], between: Callable[[], None] | None = None) -> None:
    """Print the times of an act; what is done between is not counted."""
    took = []
    for _ in range(_TIMES):
        if between is not None:
            between()
        began = time.perf_counter()
        act()
        took.append(time.perf_counter() - began)
    print(f"{name:24} median {statistics.median(took):5.2f} s  longest {max(took):5.2f} s")


def _measure(page: Page, console: str) -> None:
    def first_paint() -> None:
        page.goto(console)
        wait_for(page, _DRAWN, "Sign in to Sluis")

    _timed("first paint", first_paint)
    page.get_by_label("Personal key").fill(_KEY)
    began = time.perf_counter()
    page.get_by_role("button", name="Sign in with key").click()
    wait_for(page, _DRAWN, "Home")
    print(f"{'sign-in until Home':24} once   {time.perf_counter() - began:5.2f} s")
    for name in _PAGES:
        _timed(name, partial(_go, page, name), partial(_go, page, "Try it"))


def _go(page: Page, name: str) -> None:
    page.get_by_test_id("stSidebarNav").get_by_role("link", name=name).click()
    wait_for(page, _DRAWN, name)


def _run(folder: Path, count: int) -> None:
    operator = asyncio.run(_fill(folder, count))
    control_port, console_port = free_port(), free_port()
    control, console = f"http://127.0.0.1:{control_port}", f"http://127.0.0.1:{console_port}"
    own = {
        "SLUIS_DATA_DIR": str(folder),
        "SLUIS_CONTROL_PORT": str(control_port),
        "SLUIS_PERFORMANCE_KEY": _KEY,
    }
    argv, environment = command(
        port=console_port,
        host="127.0.0.1",
        url=console,
        control_url=control,
        sign_on=None,
        folder=folder / "console",
        idle_s=0,
    )
    with ExitStack() as stack:
        process = [sys.executable, "-m", "gateway", "control"]
        logs = (folder / "control.log", folder / "console.log")
        environ = {**os.environ, **own}
        stack.enter_context(
            started(process, f"{control}/healthz", log=logs[0], environment=environ)
        )
        asked = {"authorization": f"Bearer {operator}"}
        applied = httpx.post(
            f"{control}/admin/v1/apply", json={"text": _CONFIG}, headers=asked, timeout=60
        )
        applied.raise_for_status()
        stack.enter_context(
            started(argv, f"{console}/_stcore/health", log=logs[1], environment=environment)
        )
        playwright = stack.enter_context(sync_playwright())
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox"])
        with browser.new_context(locale="en-GB") as context:
            context.set_default_timeout(60_000)
            expect.set_options(timeout=60_000)
            _measure(context.new_page(), console)
        browser.close()


def main() -> None:
    """Runs it in a folder that is gone afterwards."""
    with tempfile.TemporaryDirectory() as name:
        _run(Path(name), int(sys.argv[1]))


if __name__ == "__main__":
    main()
