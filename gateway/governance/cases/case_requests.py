"""The requests that an incident or a complaint is about, by their audit ids."""

import re
from collections.abc import Sequence

from gateway.governance.audit.request_group import parts
from gateway.governance.audit.service import AuditService
from gateway.governance.journal import LOG

_AUDIT_ID = re.compile(r"[0-9a-f]{32}")
_NO_AUDIT_ID = "-"  # queried like an audit id, so that a malformed receipt takes as long
_BATCH = 200
_KNOWN = f"SELECT DISTINCT request FROM audit_detail WHERE request IN :requests AND log <> '{LOG}'"


def audit_id(given: str) -> str:
    """The audit id of an ``x-sluis-audit-id`` or an ``x-request-id``."""
    bare = given.strip().lower().removeprefix("req_")
    return bare if _AUDIT_ID.fullmatch(bare) else _NO_AUDIT_ID


async def known_requests(trail: AuditService, requests: Sequence[str]) -> set[str]:
    """The audit ids that have entries of a request whose values are still kept."""
    found: set[str] = set()
    for batch in parts(requests, _BATCH):
        rows = await trail.rows(_KNOWN, {"requests": batch})
        found |= {row["request"] for row in rows}
    return found
