"""The form of a security event: the Elastic Common Schema, with our own fields under ``sluis``.

It holds names from the catalogue, counts, codes and ids, never a text of a user, a reason or a
comment. Under the works-council setting ids of persons are pseudonyms, as in the trail.
"""

import datetime
import uuid
from collections.abc import Iterator, Mapping
from typing import Any

from gateway.evidence.disclosure_profile import OPERATIONAL
from gateway.evidence.entry import values_of
from gateway.governance.security_events.classes import EventClass, alarm, classes

ECS = "8.17.0"
Document = dict[str, Any]
# Ids of persons, keys and applications, which a SIEM relates.
_IDS = frozenset({
    "approver",
    "asserted_user",
    "author",
    "key",
    "network",
    "of_person",
    "on_behalf_of",
    "person",
    "principal",
    "proposed_by",
    "registered_by",
    "requested_by",
    "roles",
    "roles_of_key",
    "team",
})
_SENT = OPERATIONAL | _IDS


def of_entry(row: Mapping[str, Any]) -> Document:
    """The event of an entry; one whose values are deleted has its name, number and time."""
    stored = row["disclosure"]
    values = values_of(bytes(stored)) if stored is not None else {}
    kind = classes()[row["event"]]
    document = _document(f"{row['log']}:{row['seq']}", row["event"], row["time"], kind)
    document["service"]["node"] = {"name": row["log"]}
    if "principal" in values:
        document["user"] = {"id": values["principal"]}
    if "outcome" in values:
        document["event"]["reason"] = values["outcome"]
    if row["request"]:
        document["http"] = {"request": {"id": row["request"]}}
    document["sluis"] = {name: values[name] for name in sorted(_SENT & values.keys())}
    return document


def of_line(fields: Mapping[str, Any], time: float) -> Document:
    """The event of an alarm in the log of this process; ``time`` is epoch seconds."""
    identity, event = uuid.uuid4().hex, str(fields["event"])
    document = _document(identity, event, int(time * 1000), alarm())
    return {**document, "sluis": {key: value for key, value in fields.items() if key != "event"}}


def flat(document: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """The values of a document by their dotted names."""
    for name, value in document.items():
        if isinstance(value, Mapping):
            yield from flat(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", value


def _document(identity: str, event: str, time_ms: int, kind: EventClass) -> Document:
    moment = datetime.datetime.fromtimestamp(time_ms / 1000, datetime.UTC)
    return {
        "@timestamp": moment.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "ecs": {"version": ECS},
        "event": {
            "id": identity,
            "action": event,
            "category": list(kind.category),
            "dataset": f"sluis.{kind.name}",
            "kind": "alert" if kind == alarm() else "event",
            "outcome": "failure" if kind.failed else "success",
            "provider": "sluis",
            "type": list(kind.type),
        },
        "log": {"level": kind.severity},
        "service": {"type": "sluis"},
    }
