"""Values that no database can store: the API refuses them, and is not reported down."""

from collections.abc import AsyncIterator

import httpx
import pytest

from tests.support.control_app import control_app
from tests.support.retained import Retained

pytestmark = pytest.mark.integration
HUGE = 10**30
LOOKED_FOR = [
    f"overview?since={HUGE}",
    f"overview?since=-{HUGE}",
    f"terms?offset={HUGE}",
    f"audit?before={HUGE}",
    f"audit?since={HUGE}",
    "audit?model=a%00b",
    "audit/a%00b",
    "audit/a%00b/receipt",
    "proposals/a%00b",
    "incidents/a%00b",
    "complaints/a%00b",
    "reports/a%00b",
    "terms/proposals/a%00b",
    "evaluations/suites/proposals/a%00b",
    "evaluations/suites/proposals/a%00b/files",
]
CHANGED: list[tuple[str, str]] = [
    ("keys/a%00b/revoke", ""),
    ("keys", '{"name": "a", "team": "\\ud800"}'),
    ("models/a%00b/1/approve", ""),
    ("models/a/1%00/quarantine", '{"reason": "it is strange"}'),
    ("models/a%00b/rollback", ""),
    ("models", f'{{"name": "m", "version": "1", "base": "{"x" * 100_000}"}}'),
    ("models", f'{{"name": "m", "version": "1", "base": "{"x" * 3_000}"}}'),
    ("proposals/a%00b/approve", ""),
    ("policies/proposals", r'{"files": {"a\u0000": "b\u0000"}, "note": "n"}'),
    ("apply", '{"text": "2026-13-45"}'),
    ("apply", r'{"text": "\ud800"}'),
    ("apply", '{"text": "version: !!int x"}'),
    ("audit/exports", f'{{"since": 0, "until": {HUGE}}}'),
    ("audit/exports", f'{{"since": -{HUGE}, "until": 1}}'),
]


@pytest.fixture
async def api(kept: Retained) -> AsyncIterator[httpx.AsyncClient]:
    app = control_app(kept.plane)
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    token = kept.secrets().operator_token
    async with httpx.AsyncClient(
        transport=transport,
        base_url="http://control/admin/v1",
        headers={"authorization": f"Bearer {token}", "content-type": "application/json"},
    ) as client:
        yield client


async def test_what_is_looked_for_by_a_strange_value(api: httpx.AsyncClient) -> None:
    said = {path: (await api.get(path)).status_code for path in LOOKED_FOR}
    assert set(said.values()) <= {200, 400, 404}, said


async def test_what_is_changed_by_a_strange_value(api: httpx.AsyncClient) -> None:
    said = {}
    for path, body in CHANGED:
        answer = await api.post(path, content=body)
        said[path, body[:60]] = answer.status_code
        assert answer.json()["error"]["message"]
    assert set(said.values()) <= {400, 404}, said
