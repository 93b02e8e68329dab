"""Bundles put in force by two people in the shared installation, and taken back afterwards."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from tests.support.installation import OFFICER_KEY, Installation


def propose(sluis: Installation, files: Mapping[str, str]) -> str:
    """The number of a proposal of these files."""
    return _made(sluis, "proposals", {"files": dict(files)})


def approve(sluis: Installation, proposal: str) -> None:
    """Approve as the second person, and wait until all gateways run the bundle."""
    done = sluis.admin("POST", f"/proposals/{proposal}/approve", OFFICER_KEY, json={})
    assert done.status_code == 200, done.text
    status = "/policies/status"
    sluis.until(lambda: sluis.admin("GET", status).json()["converged"], "gateways run the bundle")


@contextmanager
def bundle_kept(sluis: Installation) -> Iterator[dict[str, str]]:
    """The files in force; what is in force at the end is rolled back to them."""
    before = sluis.admin("GET", "/policies").json()
    try:
        yield before["files"]
    finally:
        if sluis.admin("GET", "/policies").json()["digest"] != before["digest"]:
            approve(sluis, _made(sluis, "rollback", {"to": before["digest"]}))


def _made(sluis: Installation, path: str, body: dict[str, Any]) -> str:
    made = sluis.admin("POST", f"/policies/{path}", json=body)
    assert made.status_code == 201, made.text
    return str(made.json()["id"])
