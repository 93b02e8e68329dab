"""Full exports: approved by a second person, for one period, one author and three days."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from gateway.core.errors import Denied, InvalidRequest
from gateway.core.objects.keys import NewKey
from gateway.evidence.disclosure_profile import DisclosureProfile
from gateway.evidence.export import ExportResult
from gateway.governance.audit.exports import VALID_S, ExportRequest, PendingExport
from tests.integration.governance.test_exports import (
    ASKING,
    FULL,
    OFFICER,
    WHY,
    approved,
    exported,
    telling,
)
from tests.support.control_app import control_app
from tests.support.persons import issued
from tests.support.retained import DAY, NOW, Retained

pytestmark = pytest.mark.integration


async def test_nobody_releases_their_own_but_in_embedded_mode_which_says_so(
    kept: Retained, tmp_path: Path
) -> None:
    await telling(kept)
    if kept.url:
        with pytest.raises(Denied, match="another person"):
            await approved(kept, by=ASKING)
        assert isinstance(
            await kept.plane.exports.make(tmp_path / "f.zip", ASKING, FULL), PendingExport
        )
        return
    officer = replace(ASKING, roles=frozenset({"auditor", "compliance_officer"}))
    await approved(kept, by=officer)
    await exported(kept, tmp_path / "f.zip", profile=DisclosureProfile.FULL)
    (given,) = await kept.told("control:audit:export")
    (approval,) = await kept.told("control:proposal:approve")
    assert given["one_person"] is approval["one_person"] is True


async def test_an_approval_is_for_one_period_one_person_and_three_days(
    kept: Retained, tmp_path: Path
) -> None:
    proposal = await approved(kept)
    path = tmp_path / "f.zip"
    for actor, since, until in (
        (ASKING, 1, NOW + DAY),
        (ASKING, 0, NOW + DAY + 1),
        (OFFICER, 0, NOW + DAY),
    ):
        wanted = ExportRequest(since, until, ("jsonl",), DisclosureProfile.FULL, WHY)
        other = await kept.plane.exports.make(path, actor, wanted)
        assert isinstance(other, PendingExport)
        assert other.proposal != proposal
    kept.clock.ms += (VALID_S - 1) * 1000
    for _ in range(2):
        assert isinstance(await kept.plane.exports.make(path, ASKING, FULL), ExportResult)
    path.unlink()
    kept.clock.ms += 1000
    late = await kept.plane.exports.make(path, ASKING, FULL)
    assert isinstance(late, PendingExport)
    await kept.plane.proposals.decide(late.proposal, OFFICER, approve=False, comment="not again")
    again = await kept.plane.exports.make(path, ASKING, FULL)
    assert isinstance(again, PendingExport)
    assert again.proposal not in {proposal, late.proposal}
    assert not path.exists()
    assert len(await kept.told("control:audit:export")) == 2


async def test_whoever_asks_twice_has_asked_once_and_says_why(
    kept: Retained, tmp_path: Path
) -> None:
    path = tmp_path / "f.zip"
    with pytest.raises(InvalidRequest, match="Say why") as refused:
        await kept.plane.exports.make(
            path, ASKING, ExportRequest(0, NOW, ("jsonl",), DisclosureProfile.FULL, "because")
        )
    assert refused.value.param == "reason"
    first, second = [await kept.plane.exports.make(path, ASKING, FULL) for _ in range(2)]
    assert first == second
    for wrong in (
        ExportRequest(1, 0, ("jsonl",), DisclosureProfile.FULL, WHY),
        ExportRequest(0, 1, ("clay",), DisclosureProfile.FULL, WHY),
    ):
        with pytest.raises(InvalidRequest):
            await kept.plane.exports.make(path, ASKING, wrong)
    assert len(await kept.plane.proposals.list()) == 1
    with pytest.raises(Denied, match="another person"):
        await kept.plane.trail.export(
            path, OFFICER, since=0, until=NOW, formats=["jsonl"], profile=DisclosureProfile.FULL
        )
    assert not path.exists()


async def test_over_http_it_waits_for_the_right_role(kept: Retained) -> None:
    keys = {
        role: await issued(kept.plane, NewKey(name=role, kind="admin", roles=[role]))
        for role in ("auditor", "platform_admin", "policy_approver", "data_protection_officer")
    }
    app = control_app(kept.plane)
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url="http://control/admin/v1"
    ) as client:

        async def ask(role: str, path: str, **body: Any) -> httpx.Response:
            bearer = {"authorization": f"Bearer {keys[role]}"}
            return await client.post(path, json=body, headers=bearer)

        about = {"since": 0, "until": NOW + DAY, "profile": "full", "reason": WHY}
        assert (await ask("platform_admin", "/audit/exports", **about)).status_code == 403
        waiting = await ask("auditor", "/audit/exports", **about)
        told = waiting.json()
        assert (waiting.status_code, told["state"]) == (202, "pending")
        assert told["roles"] == ["compliance_officer", "data_protection_officer"]
        assert told["proposal"] in told["message"]
        path = f"/proposals/{told['proposal']}/approve"
        for role in ("platform_admin", "policy_approver", "auditor"):
            assert (await ask(role, path)).status_code == 403
        assert (await ask("data_protection_officer", path)).status_code == 200
        given = await ask("auditor", "/audit/exports", **about)
        assert (given.status_code, given.headers["content-type"]) == (200, "application/zip")
        unknown = await ask("auditor", "/audit/exports", **{**about, "profile": "everything"})
        assert unknown.status_code == 400
