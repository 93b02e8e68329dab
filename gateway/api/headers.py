"""What an answer, or a refusal, says about itself in its headers."""

from gateway.request.context import AuditRecord

_FROM_FACTS = (
    ("x-sluis-sensitivity", "level"),
    ("x-sluis-zone", "zone"),
    ("x-sluis-deployment", "deployment"),
    ("x-sluis-redacted", "redacted"),
    ("x-sluis-rerouted", "rerouted"),
    ("x-sluis-unread", "unread_reason"),
    ("x-sluis-warning", "warning"),
)
_MAX_LIST = 512


def headers_of(record: AuditRecord, *, on_record: bool) -> dict[str, str]:
    """All that is known by now; ``on_record`` is False when the trail could not be written."""
    headers = {
        "x-request-id": f"req_{record.audit_id}",
        "request-id": record.audit_id,  # the only one that Anthropic's clients read
        **record.limits,
    }
    if on_record:
        headers["x-sluis-audit-id"] = record.audit_id
    facts = record.fields
    for header, name in _FROM_FACTS:
        value = facts.get(name)
        if value is not None:
            headers[header] = str(value)
    if record.bundle:
        headers["x-sluis-bundle"] = record.bundle
    if "replay_of" in facts:
        headers["x-sluis-replayed"] = "true"
    dropped = facts.get("dropped")
    if isinstance(dropped, list) and dropped:
        headers["x-sluis-dropped"] = ",".join(dropped)[:_MAX_LIST]
    return headers
