"""Entity tags of the control plane: an answer that is known is not sent again."""

import httpx
import pytest

from gateway.core.objects.keys import NewKey
from tests.support.control_app import control_app
from tests.support.persons import issued
from tests.support.retained import Retained

pytestmark = pytest.mark.integration


async def desk(kept: Retained, name: str, role: str) -> httpx.AsyncClient:
    key = await issued(kept.plane, NewKey(name=name, kind="admin", roles=[role], owner=name))
    return httpx.AsyncClient(
        transport=httpx.ASGITransport(control_app(kept.plane)),
        base_url="http://control/admin/v1",
        headers={"authorization": f"Bearer {key}"},
    )


async def test_a_known_answer_is_not_sent_again_until_it_changes(kept: Retained) -> None:
    async with await desk(kept, "ada", "platform_admin") as ada:
        first = await ada.get("/keys")
        tag = first.headers["etag"]
        assert first.headers["cache-control"] == "private, no-cache"
        again = await ada.get("/keys", headers={"if-none-match": f'"other", {tag}'})
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
        await issued(kept.plane, NewKey("bot"))
        changed = await ada.get("/keys", headers={"if-none-match": tag})
        assert changed.status_code == 200
        assert changed.headers["etag"] != tag
        assert [one["name"] for one in changed.json()["keys"]][-1] == "bot"


async def test_a_tag_gives_nothing_to_who_may_not_read(kept: Retained) -> None:
    async with await desk(kept, "ada", "platform_admin") as ada:
        tag = (await ada.get("/keys")).headers["etag"]
    async with await desk(kept, "otto", "policy_author") as otto:
        for known in (tag, "*"):
            refused = await otto.get("/keys", headers={"if-none-match": known})
            assert refused.status_code == 403
            assert "etag" not in refused.headers


async def test_only_reads_have_tags(kept: Retained) -> None:
    async with await desk(kept, "ada", "platform_admin") as ada:
        made = await ada.post("/keys", json={"name": "bot", "team": None})
        assert made.is_success
        assert "etag" not in made.headers
