"""How pods stop: asleep, leaving, draining, and all of it within the grace period."""

from collections.abc import Callable

import pytest

from gateway.processes.settings import read
from tests.support.chart import Document, Rendered, environment, of_kind, processes

pytestmark = pytest.mark.integration

Render = Callable[..., list[Document]]
Refused = Callable[..., str]


def seconds(pod: Document) -> dict[str, int]:
    """What a pod does before it is killed, as its process reads it."""
    values = {name: one["value"] for name, one in environment(pod).items() if "value" in one}
    settings = read({name: values[name] for name in values if name.endswith("_S")})
    container = pod["spec"]["containers"][0]
    drains = "SLUIS_DRAIN_S" in values
    return {
        "sleep": container["lifecycle"]["preStop"]["sleep"]["seconds"],
        "leave": int(settings.leave_s),
        "drain": settings.drain_s if drains else 0,
    }


def test_what_a_pod_does_before_it_is_killed_fits(rendered: Rendered) -> None:
    for documents in rendered.values():
        for deployment in of_kind(documents, "Deployment"):
            pod = deployment["spec"]["template"]
            spent = sum(seconds(pod).values())
            assert pod["spec"]["terminationGracePeriodSeconds"] >= spent + 5


def test_values_reach_the_processes(render: Render) -> None:
    values = {
        "gateway": {
            "preStopSleepSeconds": 20,
            "leaveSeconds": 15,
            "drainSeconds": 600,
            "terminationGracePeriodSeconds": 640,
        },
        "control": {"drainSeconds": 10},
        "worker": {"drainSeconds": 30},
    }
    found = {
        name: seconds(pod)
        for name, pod, _ in processes(render(values, profile="worker-hpa"))
        if name in {"gateway", "control", "worker"}
    }
    assert found == {
        "gateway": {"sleep": 20, "leave": 15, "drain": 600},
        "control": {"sleep": 5, "leave": 0, "drain": 10},
        "worker": {"sleep": 5, "leave": 0, "drain": 30},
    }


@pytest.mark.parametrize(
    ("values", "needed"),
    [
        ({"gateway": {"drainSeconds": 46}}, 61),
        ({"gateway": {"leaveSeconds": 11}}, 61),
        ({"gateway": {"preStopSleepSeconds": 11}}, 61),
        ({"control": {"drainSeconds": 21}}, 31),
        ({"worker": {"drainSeconds": 51}}, 61),
        ({"console": {"preStopSleepSeconds": 26}}, 31),
    ],
)
def test_a_grace_period_that_is_too_short_is_refused(
    refused: Refused, values: Document, needed: int
) -> None:
    message = refused(values, profile="worker-hpa")
    (section,) = values
    assert f"are {needed} seconds: raise {section}.terminationGracePeriodSeconds" in message


def test_the_seconds_are_values_and_no_extra_variables(refused: Refused) -> None:
    extra = [{"name": "SLUIS_LEAVE_S", "value": "9"}]
    message = refused({"gateway": {"extraEnv": extra}})
    assert "gateway.extraEnv: SLUIS_LEAVE_S is set by the chart already" in message
