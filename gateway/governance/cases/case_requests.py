"""The requests that an incident or a complaint is about, by their audit ids."""

import re
from collections.abc import Sequence

from gateway.governance.audit.service import AuditService
from gateway.governance.journal import LOG
from gateway.governance.retention.request_group import parts

_AUDIT_ID = re.compile(r"[0-9a-f]{32}")
_NOBODY = "-"  # no audit id: looked for like one, so that a malformed receipt takes as long
_AT_ONCE = 200


def audit_id(given: str) -> str:
    """The audit id in what somebody gives: an ``x-sluis-audit-id``, or an ``x-request-id``."""
    bare = given.strip().lower().removeprefix("req_")
    return bare if _AUDIT_ID.fullmatch(bare) else _NOBODY


async def known(trail: AuditService, requests: Sequence[str]) -> set[str]:
    """Those of these audit ids that have entries of a request, whose values are still kept."""
    found: set[str] = set()
    for some in parts(requests, _AT_ONCE):
        values = {f"r{place}": request for place, request in enumerate(some)}
        names = ", ".join(f":{name}" for name in values)
        query = (
            f"SELECT DISTINCT request FROM audit_detail WHERE request IN ({names}) "
            f"AND log <> '{LOG}'"
        )
        found |= {row["request"] for row in await trail.rows(query, values)}
    return found
