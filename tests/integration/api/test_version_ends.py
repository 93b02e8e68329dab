"""Versions whose last day or approval ends while a gateway serves them, and the caller's turn."""

import msgspec
import pytest

from gateway.core.days import end_of_day
from gateway.core.http_headers import CALLER
from gateway.core.level import Zone
from gateway.core.snapshot import (
    EXTERNAL,
    Alias,
    Deployment,
    ExternalModel,
    ModelVersion,
    Provider,
)
from tests.support.gateways import Clock, GatedApi, Gateway

pytestmark = pytest.mark.integration
LAST_DAY = "2023-11-30"
QUESTION = {"model": "gpt-eu", "messages": [{"role": "user", "content": "Hallo"}]}


def serve(gateway: Gateway, state: str, **ends: object) -> None:
    """Have the deployment serve a version in this state."""
    stated = ExternalModel("eu", "gpt", "", "EU", "C-1")
    version = ModelVersion("gpt", "1", "sha256:1", state, "", "", kind=EXTERNAL, external=stated)
    gateway.take(
        gateway.snapshot,
        deployments=[Deployment("gpt-eu", "eu", "gpt", version="gpt@1")],
        aliases=[],
        models=[msgspec.structs.replace(version, **ends)],
    )


async def test_the_last_day_of_a_version_passes(gateway: Gateway, clock: Clock) -> None:
    serve(gateway, "deprecated", until=LAST_DAY)
    clock.now = end_of_day(LAST_DAY) - 1
    served = await gateway.post(QUESTION)
    assert served.status_code == 200, served.text
    assert served.headers["x-sluis-warning"] == "model_deprecated"
    assert served.headers["sunset"] == "Fri, 01 Dec 2023 00:00:00 GMT"
    clock.now += 1
    gone = await gateway.post(QUESTION)
    assert (gone.status_code, gone.json()["error"]["code"]) == (410, "model_retired")


async def test_an_answer_says_that_the_approval_has_ended(gateway: Gateway, clock: Clock) -> None:
    serve(gateway, "approved", approved_until=clock.now + 60)
    assert "x-sluis-warning" not in (await gateway.post(QUESTION)).headers
    clock.now += 60
    served = await gateway.post(QUESTION)
    assert served.status_code == 200, served.text
    assert served.headers["x-sluis-warning"] == "model_approval_ended"


async def test_a_worker_learns_callers_apart_and_another_provider_does_not(
    gateway: Gateway, provider: GatedApi
) -> None:
    await gateway.post(QUESTION)
    assert CALLER not in provider.headers[-1]
    gateway.take(
        gateway.snapshot,
        providers=[Provider("w", "worker", provider.url, Zone.INTERNAL)],
        deployments=[Deployment("own", "w", "m@1")],
        aliases=[Alias("inside", ["own"])],
        models=[ModelVersion("m", "1", "sha256:1", "approved", "base", "b")],
    )
    for key in ("app", "app", "other"):
        await gateway.post({**QUESTION, "model": "inside"}, key=key)
    callers = [one[CALLER] for one in provider.headers[-3:]]
    assert callers[0] == callers[1] != callers[2]
    assert not any(key in caller for key in ("app", "other") for caller in callers)
