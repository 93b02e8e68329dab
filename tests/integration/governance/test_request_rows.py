"""The rows of a search: one a request, with the name of its key, its latency and its rule."""

from typing import Any

import pytest

from gateway.evidence import CLOSE, INTENT, Entry
from gateway.evidence.entry import Value
from gateway.governance.catalogue.config_file import parse
from tests.integration.governance.test_usage import api
from tests.support.persons import applied
from tests.support.retained import CONFIG, Retained

pytestmark = pytest.mark.integration
KEYS = 'keys:\n  - {name: letters-bot, kind: app, secret: "env:BOT"}\n'


async def rows(kept: Retained, query: str) -> list[dict[str, Any]]:
    answer = await api(kept, f"/audit?{query}")
    assert answer.status_code == 200, answer.text
    return list(answer.json()["entries"])


async def test_a_request_is_one_row_that_is_found_by_the_name_of_its_key(kept: Retained) -> None:
    config = parse(CONFIG + KEYS, source="sluis.yaml")
    await applied(kept.plane, config)
    listed = (await api(kept, "/keys")).json()["keys"]
    (key,) = [one["id"] for one in listed if one["name"] == "letters-bot"]
    asked: dict[str, Value] = {"principal": key, "purpose": "service", "provider": "example-eu"}
    at = kept.clock.ms - 60_000
    async with kept.trail() as trail:
        await trail.record(Entry(INTENT, "a" * 32, at, asked, index=asked))
        done: dict[str, Value] = {"outcome": "ok", "latency_ms": 412}
        await trail.record(Entry(CLOSE, "a" * 32, at + 412, done, index={**asked, **done}))
        refused: dict[str, Value] = {
            **asked,
            "outcome": "access_denied",
            "refused_by": ["restricted.stays-inside"],
        }
        await trail.record(Entry("request:refusal:record", "b" * 32, at + 900, refused))

    found = await rows(kept, "what=requests&principal=letters-bot")
    assert [one["request"][0] for one in found] == ["b", "a"]
    assert {one["name"] for one in found} == {"letters-bot"}
    assert [one["latency_ms"] for one in found] == [None, 412]
    assert [one["rule"] for one in found] == ["restricted.stays-inside", None]
    assert len(await rows(kept, "principal=letters-bot")) == 3
    of_purpose = await rows(kept, "what=requests&purpose=service&provider=example-eu")
    assert [one["request"][0] for one in of_purpose] == ["b", "a"]
    assert not await rows(kept, "what=requests&purpose=hiring")
    control = await rows(kept, "what=requests&event=control:catalogue:apply")
    assert control  # a chosen event wins
