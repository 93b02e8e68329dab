"""Lists in pages: together they are the whole list, whatever is made meanwhile."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from gateway.core.objects.keys import NewKey
from gateway.governance.actor import LOCAL_OPERATOR
from gateway.governance.catalogue.config_file import parse
from gateway.governance.keys import store
from tests.support.control_app import control_app
from tests.support.persons import applied, issued
from tests.support.retained import CONFIG, Retained

pytestmark = pytest.mark.integration
TEAMS = "teams: [{name: makers}, {name: menders}, {name: sellers}]\n"
KEYS = [
    NewKey("bot-a", team="makers", owner="ann@example.nl", purposes=["service"]),
    NewKey("bot-b", team="makers", purposes=["hiring"]),
    NewKey("desk", team="sellers", owner="bob@example.nl"),
    NewKey("bot-c", team="sellers"),
]
LISTS = {"/keys": ("keys", "id"), "/teams": ("teams", "name"), "/use-cases": ("use_cases", "name")}


@pytest.fixture
async def ada(kept: Retained) -> AsyncIterator[httpx.AsyncClient]:
    """A client of an administrator, where some keys, teams and use cases are."""
    await applied(kept.plane, parse(CONFIG + TEAMS, source="sluis.yaml"))
    secret = await issued(
        kept.plane, NewKey("ada", kind="admin", roles=["platform_admin"], owner="ada")
    )
    async with kept.plane.database.write() as connection:
        for new in KEYS:
            key, _ = kept.plane.keys.draft(new, LOCAL_OPERATOR)
            await store.put(connection, key, source=store.ISSUED, now=kept.clock())
    await kept.plane.snapshots.publish()
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(control_app(kept.plane)),
        base_url="http://control/admin/v1",
        headers={"authorization": f"Bearer {secret}"},
    ) as client:
        yield client


async def asked(client: httpx.AsyncClient, path: str, **query: Any) -> dict[str, Any]:
    answer = await client.get(path, params=query)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


@pytest.mark.parametrize("path", LISTS)
@pytest.mark.parametrize("limit", [1, 2, 1000])
async def test_pages_together_are_the_list(ada: httpx.AsyncClient, path: str, limit: int) -> None:
    section, place = LISTS[path]
    whole = (await asked(ada, path))[section]
    paged: list[Any] = []
    query: dict[str, Any] = {"limit": limit}
    while True:
        page = await asked(ada, path, **query)
        assert 0 < len(page[section]) <= limit
        paged += page[section]
        if page["next"] is None:
            break
        assert page["next"] == paged[-1][place]
        query["after"] = page["next"]
    assert paged == whole
    assert len(whole) > 1


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ({"team": "makers"}, ["bot-a", "bot-b"]),
        ({"team": "sellers", "name_prefix": "bot"}, ["bot-c"]),
        ({"owner": "bob@example.nl"}, ["desk"]),
        ({"owner": "sellers"}, []),
        ({"purpose": "service", "name_prefix": "bot"}, ["bot-a", "bot-c"]),
        ({"name_prefix": "BOT"}, []),
        ({"name_prefix": "%"}, []),
    ],
)
async def test_keys_are_found_by_what_they_are_of(
    ada: httpx.AsyncClient, query: dict[str, str], names: list[str]
) -> None:
    for limit in ({}, {"limit": 2}):
        found = await asked(ada, "/keys", **query, **limit)
        assert sorted(one["name"] for one in found["keys"]) == names
        assert found["next"] is None


@pytest.mark.parametrize("path", LISTS)
async def test_a_cursor_of_no_page_is_refused(ada: httpx.AsyncClient, path: str) -> None:
    answer = await ada.get(path, params={"limit": 1, "after": "nobody"})
    assert (answer.status_code, answer.json()["error"]["param"]) == (400, "after")


async def test_hidden_persons_are_not_found_by_their_keys(
    ada: httpx.AsyncClient, kept: Retained
) -> None:
    hidden = parse(CONFIG + TEAMS + "privacy: {persons: pseudonymous}\n", source="sluis.yaml")
    await applied(kept.plane, hidden)
    for query in ({"owner": "ann@example.nl"}, {"name_prefix": "bot"}):
        assert (await ada.get("/keys", params=query)).status_code == 403
    assert (await ada.get("/keys", params={"limit": 2})).status_code == 200
