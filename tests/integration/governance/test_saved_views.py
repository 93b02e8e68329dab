"""Each person keeps searches of the trail under names, and sees only their own."""

import pytest

from tests.integration.governance.test_stops import Desk
from tests.support.retained import Retained

pytestmark = pytest.mark.integration
VIEW = {"name": "Refused by support", "filters": {"team": "support", "outcome": "access_denied"}}


@pytest.fixture
async def desk(kept: Retained) -> Desk:
    await kept.plane.snapshots.publish()
    return Desk(kept)


async def names(desk: Desk, who: str) -> list[str]:
    found = (await desk.ask(who, "GET", "/saved-views")).json()["views"]
    return [one["name"] for one in found]


async def test_a_view_is_of_the_person_who_saved_it(desk: Desk) -> None:
    made = await desk.ask("auditor", "POST", "/saved-views", VIEW)
    assert made.status_code == 201, made.text
    (view,) = (await desk.ask("auditor", "GET", "/saved-views")).json()["views"]
    assert (view["name"], view["filters"]) == (VIEW["name"], VIEW["filters"])
    path = f"/saved-views/{view['id']}"
    assert await names(desk, "auditor#2") == []
    assert (await desk.ask("auditor#2", "DELETE", path)).status_code == 404
    assert await names(desk, "auditor") == [VIEW["name"]]
    assert (await desk.ask("auditor", "DELETE", path)).status_code == 200
    assert await names(desk, "auditor") == []
    assert (await desk.ask("developer", "GET", "/saved-views")).status_code == 403


async def test_a_view_of_the_same_name_is_replaced(desk: Desk) -> None:
    await desk.ask("auditor", "POST", "/saved-views", VIEW)
    other = {**VIEW, "filters": {"what": "all", "from": "2026-11-01"}}
    await desk.ask("auditor", "POST", "/saved-views", other)
    (view,) = (await desk.ask("auditor", "GET", "/saved-views")).json()["views"]
    assert view["filters"] == other["filters"]


async def test_a_name_is_kept_as_it_was_written(desk: Desk) -> None:
    name = "<b>vet</b> \u202eacht **ster**"
    await desk.ask("auditor", "POST", "/saved-views", {**VIEW, "name": f" {name} "})
    assert await names(desk, "auditor") == [name]


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": ""},
        {"name": "x" * 81},
        {"name": "a\nb"},
        {"filters": {"text": "Kwijtelaar"}},  # words that are searched for may name a person
        {"filters": {"nothing": "x"}},
        {"filters": {"team": "x" * 257}},
    ],
)
async def test_what_cannot_be_kept_is_refused(desk: Desk, wrong: dict[str, object]) -> None:
    refused = await desk.ask("auditor", "POST", "/saved-views", {**VIEW, **wrong})
    assert refused.status_code == 400, refused.text
    assert await names(desk, "auditor") == []


async def test_a_person_keeps_a_limited_number(desk: Desk) -> None:
    for number in range(50):
        view = {**VIEW, "name": f"view {number}"}
        assert (await desk.ask("auditor", "POST", "/saved-views", view)).status_code == 201
    refused = await desk.ask("auditor", "POST", "/saved-views", {**VIEW, "name": "one more"})
    assert refused.status_code == 400
    again = await desk.ask("auditor", "POST", "/saved-views", {**VIEW, "name": "view 7"})
    assert again.status_code == 201
