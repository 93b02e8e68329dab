"""The shipped finetune and a second one by the console: evaluated, approved, served, and back."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from gateway.processes.console import command
from tests.e2e.console.conftest import started
from tests.e2e.console.desk import Desk, signed_in
from tests.e2e.test_finetune_life import SHIPPED, THIRD_KEY, Life, base, second_finetune
from tests.e2e.test_handover import load_on
from tests.support.installation import ADMIN_KEY, OFFICER_KEY, Installation
from tests.support.ports import free_port

__all__ = ["base"]
pytestmark = [pytest.mark.e2e, pytest.mark.slow, pytest.mark.nightly, pytest.mark.timeout(900)]
_EVALUATED_S = 400  # sixteen letters, read twice by a small model on a busy processor


@dataclass
class Office:
    """An installation with a worker, its console, and a browser."""

    life: Life
    console: str
    browser: Browser

    @contextmanager
    def at(self, key: str, language: str) -> Iterator[Desk]:
        with signed_in(self.browser, self.console, key, language) as desk:
            yield desk

    def put_forward(self, version: str, adapter: Path, language: str) -> None:
        """From files to approved by two people, in the browser."""
        self.life.register(version, adapter)
        with self.at(ADMIN_KEY, language) as desk:
            opened(desk, version)
            desk.press("evaluations.start")
            self.life.sluis.until(lambda: self.evaluated(version), "it passed", limit=_EVALUATED_S)
            desk.reads("evaluations.enough")
        for key in (OFFICER_KEY, THIRD_KEY):
            with self.at(key, language) as desk:
                desk.go("proposals")
                desk.click(desk.page.locator(f".st-key-sign_off-letters-{version} button"))
                desk.confirm()
                desk.reads("models.sign_off_done", which=f"letters@{version}")

    def evaluated(self, version: str) -> bool:
        found = self.life.asked("GET", "/models")["models"]
        return ("evaluated", version) in {(one["state"], one["version"]) for one in found}

    def serves(self) -> str:
        said = [{"role": "user", "content": "Hallo"}]
        answer = self.life.sluis.ask({"model": "inside", "messages": said, "max_tokens": 2})
        return str(answer.headers.get("x-sluis-model-version", ""))


@pytest.fixture
def office(tmp_path: Path, base: Path, browser: Browser) -> Iterator[Office]:
    life, port = Life(Installation(tmp_path / "life"), base), free_port()
    address = f"http://127.0.0.1:{port}"
    argv, environment = command(
        port=port,
        host="127.0.0.1",
        url=address,
        control_url=life.sluis.control,
        sign_on=None,
        folder=tmp_path / "console",
        idle_s=0,
    )
    log = tmp_path / "console.log"
    try:
        life.set_up()
        with started(argv, f"{address}/_stcore/health", log=log, environment=environment):
            yield Office(life, address, browser)
    finally:
        life.sluis.stop()


def opened(desk: Desk, version: str) -> None:
    desk.go("models")
    desk.click(desk.page.get_by_role("button", name=f"letters@{version}"))


def test_two_finetunes_go_to_production_and_back_by_the_console(
    office: Office, tmp_path: Path
) -> None:
    sluis = office.life.sluis
    sluis.begin("worker")
    sluis.start("gateway")
    office.put_forward("1", SHIPPED, "nl")
    with office.at(ADMIN_KEY, "nl") as desk:
        opened(desk, "1")
        desk.press("models.promote")
        desk.confirm()
        desk.reads("models.promote_done", which="letters@1")
    sluis.until(lambda: office.serves() == "letters@1", "the first serves", limit=120)
    office.put_forward("2", second_finetune(tmp_path / "second"), "en")
    with (
        load_on(sluis, model="letters", stream_tokens=20) as load,
        office.at(ADMIN_KEY, "en") as desk,
    ):
        opened(desk, "2")
        desk.press("models.promote")
        desk.confirm()
        desk.reads("models.promote_done", which="letters@2")
        sluis.until(lambda: load.serves("2"), "requests go to the second", limit=120)
        roll_back = desk.text("models.roll_back", tag="production")
        desk.click(desk.page.get_by_role("button", name=roll_back).first)
        desk.confirm()
        desk.reads("models.roll_back_done")
        sluis.until(lambda: load.serves("1"), "requests go back to the first", limit=120)
    assert set(load.statuses) == {200}
