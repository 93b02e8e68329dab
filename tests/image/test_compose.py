"""compose.yaml as it is, with the image of ``make image``: started, used, restarted and taken down.

A part of ``make campaign``. Docker Compose runs it on Podman. PostgreSQL and Valkey are those of
Debian; Keycloak and the collector are stand-ins (tests/image/stand_ins).
"""

import json
import time
from collections.abc import Callable, Iterator

import httpx
import pytest
from playwright.sync_api import Page, expect

from tests.e2e.console.conftest import browser, page
from tests.e2e.console.test_sign_on import sign_on
from tests.support import compose_stack as stacks
from tests.support import image as images
from tests.support.compose_stack import Stack

OBSTACLE = stacks.obstacle()
pytestmark = [
    pytest.mark.e2e,
    pytest.mark.slow,
    pytest.mark.timeout(1800),
    pytest.mark.skipif(OBSTACLE is not None, reason=str(OBSTACLE)),
]
__all__ = ["browser", "page"]
GATEWAY, CONTROL = "http://127.0.0.1:8080", "http://127.0.0.1:8081"
DEMO, CONSOLE = "http://127.0.0.1:8083", "http://127.0.0.1:8501"
ANSWERING = (
    f"{GATEWAY}/readyz",
    f"{CONTROL}/readyz",
    f"{DEMO}/received",
    f"{CONSOLE}/_stcore/health",
    "http://127.0.0.1:8180/realms/sluis/.well-known/openid-configuration",
)
JOBS = {"secrets", "migrate", "apply"}
OWN = ("gateway", "control", "console", "demo-provider")
BSN = "111222333"
_WAIT_S = 120


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    with stacks.installed(tmp_path_factory.mktemp("stack"), images.archive()) as installed:
        installed.compose("up", "--detach")
        until(lambda: answering() == [], "everything answers")
        yield installed


def until(holds: Callable[[], bool], what: str) -> None:
    ends = time.monotonic() + _WAIT_S
    while not holds():
        assert time.monotonic() < ends, f"not in time: {what}"
        time.sleep(0.5)


def answering() -> list[str]:
    """The addresses that do not answer."""
    return [url for url in ANSWERING if not _answers(url)]


def ask(stack: Stack) -> httpx.Response:
    said = [{"role": "user", "content": f"Mijn bsn is {BSN}."}]
    return httpx.post(
        f"{GATEWAY}/v1/chat/completions",
        headers={"authorization": f"Bearer {stack.secret('app-key')}"},
        json={"model": "assistant", "messages": said},
        timeout=60,
    )


def recorded(stack: Stack, receipt: str) -> int:
    """How many entries of a request the control plane shows."""
    found = httpx.get(
        f"{CONTROL}/admin/v1/audit/{receipt}",
        headers={"authorization": f"Bearer {stack.secret('approver-key')}"},
        timeout=60,
    )
    return len(found.json()["entries"]) if found.is_success else 0


def test_every_service_is_healthy_and_every_job_has_succeeded(stack: Stack) -> None:
    def states() -> dict[str, str]:
        return {
            name: one["State"].get("Health", {}).get("Status") or one["State"]["Status"]
            for name, one in stack.containers().items()
        }

    wanted = {name: "exited" if name in JOBS else "healthy" for name in states()}
    wanted["collector"] = "running"  # it has no shell
    until(lambda: states() == wanted, "every service is healthy")
    assert {stack.containers()[name]["State"]["ExitCode"] for name in JOBS} == {0}


def test_a_request_is_redacted_and_on_record(stack: Stack) -> None:
    answer = ask(stack)
    assert answer.status_code == 200, answer.text
    assert answer.headers["x-sluis-redacted"] == "1"
    assert BSN in answer.json()["choices"][0]["message"]["content"]
    assert BSN not in httpx.get(f"{DEMO}/received").text
    receipt = answer.headers["x-sluis-audit-id"]
    until(lambda: recorded(stack, receipt) == 2, "both entries are stored")


def test_processes_have_a_user_of_their_own_and_write_in_their_folders_only(stack: Stack) -> None:
    for name in OWN:
        assert stack.podman("exec", f"sluis-{name}-1", "id", "-u").strip() == "10001"
        tried = (
            "for path in / /opt/sluis /etc /usr; do touch $path/x 2> /dev/null && echo $path; done"
        )
        assert stack.podman("exec", f"sluis-{name}-1", "sh", "-c", f"{tried}; true") == ""
        status = stack.podman("exec", f"sluis-{name}-1", "cat", "/proc/1/status")
        assert "CapEff:\t0000000000000000" in status
        assert "NoNewPrivs:\t1" in status


def test_no_secret_is_in_the_description_of_a_container(stack: Stack) -> None:
    shown = json.dumps(stack.containers())
    secrets = [path.read_text("utf-8") for path in (stack.folder / "deploy/secrets").iterdir()]
    assert [secret for secret in secrets if secret in shown] == []


def test_the_doctor_misses_a_witness_and_nothing_else(stack: Stack) -> None:
    script = "sluis doctor --json; true"  # it ends with 1 where something is missed
    checks = json.loads(stack.command("sh", "-c", script))["checks"]
    missed = [one["check"] for one in checks if not one["ok"]]
    assert missed == ["a witness for the trail"]
    assert "trail holds together" in {one["check"] for one in checks}


def test_it_is_accepted_and_the_report_verifies(stack: Stack) -> None:
    report, key = "/var/lib/sluis/acceptance.json", "/etc/sluis/secrets/signing.pub"
    said = stack.command(
        "sluis", "acceptance", "--gateway", "http://gateway:8080", "--output", report,
        SLUIS_ACCEPTANCE_KEY=stack.secret("app-key"),
    )  # fmt: skip
    assert "Faults: 0." in said
    stack.command("sluis", "reports", "verify", report, "--key", key)
    stack.compose("cp", f"control:{report}", ".")
    assert (stack.folder / "acceptance.json").stat().st_size > 0


def test_the_collector_gets_metrics_and_events(stack: Stack) -> None:
    def came() -> str:
        return stack.compose("logs", "--no-log-prefix", "collector")

    ask(stack)
    paths = ("/v1/metrics", "/v1/logs", "/v1/traces")
    until(lambda: all(path in came() for path in paths), "all three kinds have come")


@pytest.mark.parametrize(("login", "menu"), [("ada", "Keys"), ("bram", "Audit")])
def test_a_person_signs_in_to_the_console_and_out(page: Page, login: str, menu: str) -> None:
    sign_on(page, CONSOLE, login)
    expect(page.get_by_test_id("stSidebarNav").get_by_role("link", name=menu)).to_be_visible()
    page.get_by_role("button", name="Sign out").click()
    page.get_by_role("button", name="Yes, sign me out").click()
    expect(page.get_by_role("heading", name="Sign in to Sluis")).to_be_visible()


@pytest.mark.parametrize("owner", ["gateway", "identity"])
def test_a_restart_leaves_all_reachable(stack: Stack, owner: str) -> None:
    stack.compose("restart", owner)
    until(lambda: answering() == [], "everything answers again")
    assert ask(stack).status_code == 200


def test_a_changed_configuration_is_applied(stack: Stack) -> None:
    file = stack.folder / "deploy/sluis.yaml"
    text = file.read_text("utf-8")
    file.write_text(text.replace("requests_per_minute: 600", "requests_per_minute: 599"), "utf-8")
    assert "599" in stack.compose("run", "--rm", "-T", "apply")
    until(lambda: ask(stack).headers["x-ratelimit-limit-requests"] == "599", "the limit is lower")


def test_what_is_kept_outlives_the_containers(stack: Stack) -> None:
    receipt = ask(stack).headers["x-sluis-audit-id"]
    until(lambda: recorded(stack, receipt) == 2, "both entries are stored")
    stack.compose("down")
    assert len(answering()) == len(ANSWERING)
    stack.compose("up", "--detach")
    until(lambda: answering() == [], "everything answers again")
    assert recorded(stack, receipt) == 2
    assert ask(stack).status_code == 200


def _answers(url: str) -> bool:
    try:
        return httpx.get(url, timeout=5, trust_env=False).status_code == 200
    except httpx.HTTPError:
        return False
