"""An incident is contained in one action: all of it or nothing, and gateways acknowledge it."""

from typing import Any

import pytest

from gateway.core.objects.keys import NewKey
from tests.integration.governance.test_stops import Desk
from tests.support.persons import issued_key
from tests.support.retained import NOW, Retained
from tests.support.tiny_model import make_tiny

pytestmark = pytest.mark.integration
REQUEST = "a" * 32
OFFICER = "compliance_officer"


@pytest.fixture
async def desk(kept: Retained) -> Desk:
    """With a request in the trail, a registered model, and a published snapshot."""
    make_tiny(kept.folder / "tiny")
    await kept.plane.snapshots.publish()
    made = Desk(kept)
    body = {"name": "tiny", "version": "1", "base": str(kept.folder / "tiny")}
    assert (await made.ask("model_owner", "POST", "/models", body)).is_success
    await kept.plane.snapshots.publish()
    async with kept.trail() as trail:
        await kept.asked(trail, REQUEST, age=1)
    return made


async def opened(desk: Desk) -> str:
    body = {"kind": "other", "description": "wrong", "aware": NOW, "requests": [REQUEST]}
    return str((await desk.ask(OFFICER, "POST", "/incidents", body)).json()["id"])


async def contain(desk: Desk, incident: str, who: str = OFFICER, **wanted: Any) -> Any:
    body = {"reason": "wrong advice", "wait": False, **wanted}
    return await desk.ask(who, "POST", f"/incidents/{incident}/contain", body)


async def test_everything_is_stopped_at_once_and_linked_to_the_incident(desk: Desk) -> None:
    key, _ = await issued_key(desk.kept.plane, NewKey(name="bot"))
    incident = await opened(desk)
    wanted: dict[str, Any] = {"use_cases": ["hiring"], "deployments": ["gpt-eu"], "keys": ["bot"]}
    answer = await contain(desk, incident, **wanted, versions=["tiny@1"])
    assert answer.status_code == 200, answer.text
    done = {(one["kind"], one["name"]) for one in answer.json()["stops"]}
    assert done == {
        ("use_case", "hiring"),
        ("deployment", "gpt-eu"),
        ("key", key.id),
        ("version", "tiny@1"),
    }
    published = (await desk.snapshot())[0]
    assert (published.stops.use_cases, published.stops.keys) == (["hiring"], [key.id])
    (model,) = await desk.kept.plane.models.list()
    assert model.state == "quarantined"
    (entry,) = await desk.kept.told("control:incident:contain")
    assert (entry["incident"], entry["count"]) == (incident, 1)
    assert sorted(entry["stops"]) == ["deployment:gpt-eu", "use_case:hiring", "version:tiny@1"]
    assert len(await desk.kept.told("control:stop:set")) == 3
    assert len(await desk.kept.told("control:model:quarantine")) == 1
    again = await contain(desk, incident, **wanted, versions=["tiny@1"])
    assert len(again.json()["stops"]) == 4
    assert len(await desk.kept.told("control:stop:set")) == 3


@pytest.mark.parametrize(
    "wrong",
    [{"aliases": ["none"]}, {"versions": ["tiny@9"]}, {"versions": ["tiny"]}, {"keys": ["x"]}],
    ids=["alias", "version", "no-version", "key"],
)
async def test_what_does_not_exist_stops_nothing(desk: Desk, wrong: dict[str, Any]) -> None:
    incident = await opened(desk)
    answer = await contain(desk, incident, use_cases=["hiring"], **wrong)
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "not_found")
    assert (await desk.snapshot())[0].stops.use_cases == []
    assert not await desk.kept.told("control:incident:contain")


async def test_gateways_acknowledge_stops_and_quarantines(desk: Desk) -> None:
    async with desk.kept.trail("gateway-1:8080") as trail:
        await desk.swap(trail)
        incident = await opened(desk)
        answer = await contain(desk, incident, use_cases=["hiring"], versions=["tiny@1"])
        assert states(answer.json()) == {"use_case": "waiting", "version": "waiting"}
        await desk.swap(trail)
        path = f"/incidents/{incident}/containment"
        shown = (await desk.ask("auditor", "GET", path)).json()
        assert states(shown) == {"use_case": "acknowledged", "version": "acknowledged"}
        assert shown["silent"] == []


async def test_a_gateway_that_does_not_follow_is_named(desk: Desk) -> None:
    async with desk.kept.trail("gateway-1:8080") as trail:
        await desk.swap(trail)
        incident = await opened(desk)
        await contain(desk, incident, versions=["tiny@1"])
        desk.kept.clock.ms += 5001
        path = f"/incidents/{incident}/containment"
        shown = (await desk.ask("auditor", "GET", path)).json()
        assert (states(shown), shown["silent"]) == ({"version": "silent"}, ["gateway-1:8080"])


def states(shown: dict[str, Any]) -> dict[str, str]:
    return {one["kind"]: one["gateways"][0]["state"] for one in shown["stops"]}


async def test_what_its_requests_used_is_offered(desk: Desk) -> None:
    incident = await opened(desk)
    used = (await desk.ask("auditor", "GET", f"/incidents/{incident}/used")).json()
    assert used == {
        "use_cases": ["service"],
        "aliases": [],
        "deployments": ["gpt-eu"],
        "keys": {},
        "versions": [],
    }


async def test_a_lifted_stop_is_shown_as_lifted(desk: Desk) -> None:
    await desk.key(OFFICER, 2)
    incident = await opened(desk)
    await contain(desk, incident, use_cases=["hiring"])
    start = {"reason": "it is mended"}
    asked = await desk.ask(OFFICER, "POST", "/use-cases/hiring/start", start)
    path = f"/proposals/{asked.json()['proposal']}/approve"
    assert (await desk.ask(f"{OFFICER}#2", "POST", path, {})).is_success
    shown = (await desk.ask(OFFICER, "GET", f"/incidents/{incident}/containment")).json()
    assert (shown["stops"], shown["lifted"]) == ([], ["use_case:hiring"])


async def test_only_officers_contain_and_only_what_is_open(desk: Desk) -> None:
    incident = await opened(desk)
    for role in ("auditor", "data_protection_officer", "platform_admin"):
        assert (await contain(desk, incident, role, use_cases=["hiring"])).status_code == 403
    assert (await contain(desk, incident)).status_code == 400  # nothing is named
    assert (await contain(desk, "incident_0", use_cases=["hiring"])).status_code == 404
    close = {"outcome": "explained"}
    assert (await desk.ask(OFFICER, "POST", f"/incidents/{incident}/close", close)).is_success
    answer = await contain(desk, incident, use_cases=["hiring"])
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "already_closed")


async def test_tasks_follow_from_an_incident_also_after_its_end(desk: Desk) -> None:
    incident = await opened(desk)
    await desk.ask(OFFICER, "POST", f"/incidents/{incident}/close", {"outcome": "explained"})
    path = f"/incidents/{incident}/follow-ups"
    made = await desk.ask(OFFICER, "POST", path, {"text": "train Jan Kwijtelaar", "due": NOW})
    assert (made.status_code, made.json()["number"]) == (201, 1)
    await desk.ask(OFFICER, "POST", path, {"text": "add a rule"})
    assert (await desk.ask(OFFICER, "POST", f"{path}/2/done")).json()["done_by"]
    again = await desk.ask(OFFICER, "POST", f"{path}/2/done")
    assert (again.status_code, again.json()["error"]["code"]) == (404, "not_found")
    shown = (await desk.ask("auditor", "GET", f"/incidents/{incident}")).json()
    assert [(one["number"], one["done"] is None) for one in shown["follow_ups"]] == [
        (1, True),
        (2, False),
    ]
    reveal = {"reason": "yearly review"}
    texts = (await desk.ask(OFFICER, "POST", f"/incidents/{incident}/reveal", reveal)).json()
    assert texts["texts"]["followup.1"] == "train Jan Kwijtelaar"
    (first, _) = await desk.kept.told("control:incident:follow")
    assert (first["number"], first["deadline"]) == (1, NOW)


@pytest.mark.parametrize(("language", "said"), [("nl", "stopgezet"), ("en", "stopped")])
async def test_a_report_is_drafted_from_what_is_on_record(
    desk: Desk, language: str, said: str
) -> None:
    hostile = "Jan <b>Kwijtelaar</b> # $title"
    body = {"kind": "data_breach", "description": hostile, "aware": NOW, "requests": [REQUEST]}
    incident = (await desk.ask(OFFICER, "POST", "/incidents", body)).json()["id"]
    path = f"/incidents/{incident}"
    judged = {"rules": ["gdpr-33"], "reasons": "namen van 40 cliënten", "severity": "high"}
    await desk.ask(OFFICER, "POST", f"{path}/judge", judged)
    await contain(desk, incident, use_cases=["hiring"])
    await desk.ask(OFFICER, "POST", f"{path}/follow-ups", {"text": "add a rule"})
    draft = {"rule": "gdpr-33", "language": language, "reason": "report to them"}
    answer = await desk.ask(OFFICER, "POST", f"{path}/draft", draft)
    assert answer.status_code == 200, answer.text
    text = answer.json()["markdown"]
    for part in ("Gemeente Voorbeeld", incident, "33(1)", "namen van 40 cliënten", "add a rule"):
        assert part in text, part
    assert said in text
    assert "Jan \\<b\\>Kwijtelaar\\</b\\> \\# $title" in text
    (entry,) = await desk.kept.told("control:incident:reveal")
    assert entry["reason"] == "report to them"
    wrong = {**draft, "rule": "gdpr-34"}
    assert (await desk.ask(OFFICER, "POST", f"{path}/draft", wrong)).status_code == 400
    assert (await desk.ask("auditor", "POST", f"{path}/draft", draft)).status_code == 403
