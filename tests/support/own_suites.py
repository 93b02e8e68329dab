"""Suites of the organisation's own, proposed and approved, for tests."""

from gateway.governance.actor import Actor
from gateway.governance.plane import ControlPlane
from tests.support.installation import ADMIN_KEY, OFFICER_KEY, Installation


async def proposed(plane: ControlPlane, about: str, items: str, author: Actor) -> str:
    """Propose a suite; gives the id of the proposal."""
    draft, _ = await plane.suite_proposals.draft(about, items, author)
    return await plane.proposals.create(draft, author, comment="")


def put_in_use(sluis: Installation, about: str, items: str) -> str:
    """Propose a suite with one key and approve it with another's; gives its digest."""
    body = {"description": about, "items": items}
    made = sluis.admin("POST", "/evaluations/suites", ADMIN_KEY, json=body)
    assert made.is_success, made.text
    path = f"/proposals/{made.json()['proposal']}/approve"
    approved = sluis.admin("POST", path, OFFICER_KEY, json={})
    assert approved.is_success, approved.text
    return str(made.json()["digest"])
