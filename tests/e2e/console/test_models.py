"""Versions of models in the console: evaluated, approved by two, in production, and back."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from gateway.processes.console import command
from tests.e2e.console.conftest import started
from tests.e2e.console.test_personal_key import go, sign_in
from tests.e2e.test_model_evaluations import ITEMS, THIRD_KEY, Bench, SlowApi
from tests.support.evaluation_suites import description, items_text
from tests.support.installation import ADMIN_KEY, OFFICER_KEY, Installation
from tests.support.ports import free_port
from tests.support.streamlit_page import press, settled, write

pytestmark = [pytest.mark.e2e, pytest.mark.slow, pytest.mark.nightly, pytest.mark.timeout(300)]


@dataclass(frozen=True)
class Desk:
    """An installation with an engine, and the address of its console."""

    bench: Bench
    console: str


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with SlowApi(listed=["chat-v1", "chat-v2"]) as house:
        bench = Bench(Installation(tmp_path / "models"), house)
        port = free_port()
        address = f"http://127.0.0.1:{port}"
        argv, environment = command(
            port=port,
            host="127.0.0.1",
            url=address,
            control_url=bench.sluis.control,
            sign_on=None,
            folder=tmp_path / "console",
            idle_s=0,
        )
        try:
            bench.set_up()
            log = tmp_path / "console.log"
            with started(argv, f"{address}/_stcore/health", log=log, environment=environment):
                yield Desk(bench, address)
        finally:
            bench.sluis.stop()


def change_person(page: Page, desk: Desk, key: str) -> None:
    settled(page)
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_label("Personal key")).to_be_visible()
    sign_in(page, desk.console, key)


def open_version(page: Page, which: str) -> None:
    go(page, "Models")
    press(page.get_by_role("button", name=which))
    expect(page.get_by_role("heading", name=which, exact=True)).to_be_visible()
    settled(page)


def confirm(page: Page, button: str, done: str, reason: str = "") -> None:
    press(page.get_by_role("button", name=button, exact=True).first)
    dialog = page.get_by_role("dialog")
    if reason:
        write(dialog.get_by_role("textbox"), reason)
    press(dialog.get_by_role("button", name="Confirm"))
    expect(page.get_by_text(done)).to_be_visible()
    settled(page)


def approve_as(page: Page, desk: Desk, key: str, which: str) -> None:
    """A person approves what waits on the Proposals page, with the evidence beside it."""
    change_person(page, desk, key)
    expect(page.get_by_text(f"Version {which} (by admin, 0 days ago)")).to_be_visible()
    menu = page.get_by_test_id("stSidebarNav")
    expect(menu.get_by_role("link", name=re.compile(r"^Proposals \(\d\)$"))).to_be_visible()
    go(page, "Proposals")
    expect(page.get_by_text(f"{which} asks for approval.")).to_be_visible()
    expect(page.get_by_text("lack nothing that policy asks for (high risk)")).to_be_visible()
    expect(page.get_by_test_id("stDataFrame").first).to_be_visible()
    confirm(page, "Sign off", f"Your approval of {which} is on record.")


def put_into_production(bench: Bench, version: str) -> None:
    """By the API: evaluated, approved by two, promoted."""
    status, _ = bench.evaluate(version)
    assert status == 0
    for key in (OFFICER_KEY, THIRD_KEY):
        assert bench.approve(version, key).status_code == 200
    bench.made("POST", f"/models/chat/{version}/promote")


def serves(desk: Desk) -> Any:
    return desk.bench.ask("own").headers.get("x-sluis-model-version")


def test_a_version_goes_to_production_by_three_persons(page: Page, desk: Desk) -> None:
    sign_in(page, desk.console, ADMIN_KEY)
    go(page, "Models")
    expect(page.get_by_role("heading", name="Source: example/chat")).to_be_visible()
    open_version(page, "chat@1")
    expect(page.get_by_text("An approval is refused while they lack:")).to_be_visible()
    expect(page.get_by_text("letters: no run")).to_be_visible()
    expect(page.get_by_role("button", name="Promote to production")).to_have_count(0)
    expect(page.get_by_role("button", name="Approve")).to_have_count(0)  # who owns it, may not
    desk.bench.house.answering.clear()
    press(page.get_by_role("button", name="Start the evaluation"))
    expect(page.get_by_text(re.compile(r"letters: \d+ of 60 answered"))).to_be_visible()
    desk.bench.house.answering.set()
    expect(page.get_by_text("lack nothing that policy asks for (high risk)")).to_be_visible()
    expect(page.get_by_test_id("stDataFrame").locator("table").first).to_contain_text(
        "1.000 (0.940 – 1.000)"
    )
    page.get_by_role("tab", name="Model card").click()
    expect(page.get_by_text("the risk class of the intended use is high risk")).to_be_visible()

    approve_as(page, desk, OFFICER_KEY, "chat@1")
    expect(page.get_by_text("Approvals: 1 of 2")).to_be_visible()
    expect(page.get_by_text(re.compile("^officer on "))).to_be_visible()
    approve_as(page, desk, THIRD_KEY, "chat@1")
    expect(page.get_by_text("chat@1 asks for approval.")).to_have_count(0)

    change_person(page, desk, ADMIN_KEY)
    open_version(page, "chat@1")
    confirm(page, "Promote to production", "chat@1 is in production.")
    desk.bench.sluis.until(lambda: serves(desk) == "chat@1", "the version serves")


def test_a_version_is_rolled_back_and_withdrawn(page: Page, desk: Desk) -> None:
    for version in "12":
        put_into_production(desk.bench, version)
    sign_in(page, desk.console, ADMIN_KEY)
    open_version(page, "chat@2")
    table = page.get_by_test_id("stDataFrame").locator("table").first
    expect(table).to_contain_text("+0.000 (at least +0.000)")  # beside the one in production
    confirm(page, "Roll production back to the version before", "production is back on")
    desk.bench.sluis.until(lambda: serves(desk) == "chat@1", "the version before serves")
    page.get_by_role("tab", name="History").click()
    expect(page.get_by_text("production was rolled back to version 1")).to_be_visible()
    confirm(page, "Quarantine", "chat@2 is quarantined.", "wrong advice")
    press(page.get_by_role("button", name="All models"))
    badge = page.get_by_test_id("stMain").get_by_text("quarantined", exact=True)
    expect(badge).to_be_visible()


def test_a_shortcoming_is_let_pass_by_another_person_in_dutch(browser: Any, desk: Desk) -> None:
    with browser.new_context(locale="nl-NL", viewport={"width": 1400, "height": 1000}) as context:
        context.set_default_timeout(30_000)
        page = context.new_page()
        page.goto(desk.console)
        write(page.get_by_label("Persoonlijke sleutel"), ADMIN_KEY)
        press(page.get_by_role("button", name="Aanmelden met sleutel"))
        settled(page)
        page.get_by_role("link", name="Modellen").click()
        press(page.get_by_role("button", name="chat@1"))
        expect(page.get_by_text("Een goedkeuring wordt geweigerd")).to_be_visible()
        expect(page.get_by_text("letters: niet uitgevoerd")).to_be_visible()
        press(page.get_by_role("button", name="Voorstellen dit door te laten"))
        dialog = page.get_by_role("dialog")
        write(dialog.get_by_role("textbox"), "de leverancier herstelt dit")
        press(dialog.get_by_role("button", name="Bevestigen"))
        expect(page.get_by_text("Iemand anders moet het nu goedkeuren.")).to_be_visible()
        (waiting,) = [
            one
            for one in desk.bench.made("GET", "/proposals")["proposals"]
            if one["kind"] == "evaluation_override" and one["state"] == "pending"
        ]
        desk.bench.made("POST", f"/proposals/{waiting['id']}/approve", key=OFFICER_KEY)
        press(page.get_by_role("button", name="Alle modellen"))
        press(page.get_by_role("button", name="chat@1"))
        expect(page.get_by_text("Reden: de leverancier herstelt dit")).to_be_visible()
        expect(
            page.get_by_text("Iemand anders heeft doorgelaten wat aan de evaluaties")
        ).to_be_visible()


def next_letters(desk: Desk) -> None:
    """Version 2 of the suite is proposed: its first item is changed, and one is new."""
    fields = [desk.bench.item(at) for at in range(ITEMS + 1)]
    fields[0] = {**fields[0], "expected": "boos"}
    about = description("classification", name="letters", labels=["blij", "boos"])
    about = about.replace("version: 1", "version: 2")
    desk.bench.made("POST", "/evaluations/suites", description=about, items=items_text(*fields))


def version_in_use(desk: Desk) -> int:
    suites = desk.bench.made("GET", "/evaluations/suites")["suites"]
    return int(next(one["version"] for one in suites if one["name"] == "letters"))


def test_a_suite_is_read_by_its_proposer_and_approved_by_another_in_dutch(
    page: Page, browser: Any, desk: Desk
) -> None:
    next_letters(desk)
    sign_in(page, desk.console, ADMIN_KEY)
    go(page, "Proposals")
    expect(page.get_by_role("heading", name="Own suite of evaluations: letters@2")).to_be_visible()
    changes = "Version 2 replaces version 1. Items: 1 added, 0 removed, 1 changed."
    expect(page.get_by_text(changes)).to_be_visible()
    expect(page.get_by_role("button", name="Approve", exact=True)).to_have_count(0)
    with browser.new_context(locale="nl-NL", viewport={"width": 1400, "height": 1000}) as context:
        context.set_default_timeout(30_000)
        page = context.new_page()
        page.goto(desk.console)
        write(page.get_by_label("Persoonlijke sleutel"), OFFICER_KEY)
        press(page.get_by_role("button", name="Aanmelden met sleutel"))
        settled(page)
        menu = page.get_by_test_id("stSidebarNav")
        menu.get_by_role("link", name=re.compile("^Voorstellen")).click()
        title = "Eigen suite van evaluaties: letters@2"
        expect(page.get_by_role("heading", name=title)).to_be_visible()
        changes = "Versie 2 vervangt versie 1. Vragen: 1 toegevoegd, 0 verwijderd, 1 gewijzigd."
        expect(page.get_by_text(changes)).to_be_visible()
        table = page.get_by_test_id("stDataFrame").locator("table").first
        expect(table).to_contain_text("classificatie")
        expect(page.get_by_test_id("stCode").first).to_contain_text("i-60")
        settled(page)
        page.get_by_text("De hele suite", exact=True).click()
        expect(page.get_by_role("button", name="items.jsonl downloaden")).to_be_visible()
        assert version_in_use(desk) == 1
        press(page.get_by_role("button", name="Goedkeuren", exact=True))
        dialog = page.get_by_role("dialog")
        write(dialog.get_by_role("textbox"), "gelezen")
        press(dialog.get_by_role("button", name="Bevestigen"))
        expect(page.get_by_text("Goedgekeurd en in werking.")).to_be_visible()
    assert version_in_use(desk) == 2
