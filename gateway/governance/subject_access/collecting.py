"""Finds what is stored of a person in one store, and decrypts it."""

import re
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.evidence.entry import values_of
from gateway.evidence.payload import PayloadLost, open_payload
from gateway.evidence.values import ValueCipher
from gateway.governance.audit.request_group import parts, rows

_BATCH = 100  # requests whose bodies are in memory together
_VALUES = (
    "SELECT v.scope, v.id, v.type, v.ciphertext, k.wrapped, k.created, v.expires, e.request "
    "FROM value_key k JOIN vault_value v ON v.log = k.log AND v.seq = k.seq AND v.id = k.id "
    "JOIN audit_entry e ON e.log = k.log AND e.seq = k.seq "
    "WHERE k.identifier IN :people ORDER BY k.created, k.log, k.seq, k.id"
)
_ENTRIES = (
    "SELECT e.request, e.time, e.event, e.log, e.seq FROM ("
    "SELECT log, seq FROM mention WHERE identifier IN :people UNION "
    "SELECT log, seq FROM value_key WHERE identifier IN :people) p "
    "JOIN audit_entry e ON e.log = p.log AND e.seq = p.seq ORDER BY e.time, e.log, e.seq"
)
_STORED = (
    "SELECT d.log, d.request, d.time, d.event, d.disclosure, d.subject, d.payload, d.wrapped_key, "
    "k.wrapped FROM audit_detail d "
    "LEFT JOIN subject_key k ON k.log = d.log AND k.subject = d.subject "
    "WHERE d.request IN :requests ORDER BY d.request, d.time, d.seq"
)
_PLACEHOLDER = re.compile(r"\[([A-Z_]+)_([a-z0-9]{6,16})\]")
_SHOWN = ("purpose", "model", "deployment", "provider", "zone", "level", "outcome")


@dataclass(frozen=True, slots=True, repr=False)
class ValueOfPerson:
    """A value that identifies the person, as it was written. Times are epoch milliseconds."""

    id: str
    type: str
    value: str
    created: int
    ends: int
    request: str

    def shown(self) -> dict[str, Any]:
        """The value as the package shows it."""
        return {
            "type": self.type,
            "value": self.value,
            "stored": self.created,
            "until": self.ends,
            "audit_id": self.request,
        }


@dataclass(slots=True, repr=False)
class MentioningRequest:
    """A request that mentions the person, with its bodies, where others stay redacted."""

    audit_id: str
    time: int
    events: list[str]
    known: dict[str, Any] = field(default_factory=dict)
    bodies: list[dict[str, Any]] = field(default_factory=list)

    def shown(self) -> dict[str, Any]:
        """The request as the package shows it, without the bodies."""
        return {
            "audit_id": self.audit_id,
            "time": self.time,
            "events": self.events,
            **self.known,
            "bodies": len(self.bodies),
        }


async def values_in(
    connection: AsyncConnection, people: list[str], box: ValueCipher
) -> list[ValueOfPerson]:
    """The person's values, oldest first, without those whose key is destroyed."""
    found = []
    for row in await rows(connection, _VALUES, people=people):
        sealed = (row["id"], row["type"], bytes(row["ciphertext"]), bytes(row["wrapped"]))
        for id_, (type_, value) in box.open_all([sealed], scope=row["scope"]).items():
            found.append(
                ValueOfPerson(id_, type_, value, row["created"], row["expires"], row["request"])
            )
    return found


async def mentions_in(
    connection: AsyncConnection, people: list[str], own: Mapping[str, ValueOfPerson], *, kek: bytes
) -> AsyncIterator[MentioningRequest]:
    """Requests that mention the person, oldest first; ``own`` are the person's values by id."""
    found: dict[str, MentioningRequest] = {}
    for row in await rows(connection, _ENTRIES, people=people):
        one = found.setdefault(row["request"], MentioningRequest(row["request"], row["time"], []))
        one.events.append(row["event"])
    for batch in parts(list(found), _BATCH):
        for row in await rows(connection, _STORED, requests=batch):
            one = found[row["request"]]
            _add_fields(one, values_of(bytes(row["disclosure"])))
            if row["payload"] is not None:
                one.bodies.append(_body(row, own, kek))
        for request in batch:
            yield found.pop(request)


def _add_fields(one: MentioningRequest, fields: Mapping[str, Any]) -> None:
    """Add shown fields. The name of a colleague is left out: it is another person's data."""
    for name in _SHOWN:
        if fields.get(name):
            one.known[name] = fields[name]
    if fields.get("principal_kind") == "app":
        one.known["application"] = fields.get("principal")


def _body(row: Any, own: Mapping[str, ValueOfPerson], kek: bytes) -> dict[str, Any]:
    entry = {"event": row["event"], "time": row["time"]}
    try:
        opened = open_payload(
            kek=kek,
            log=row["log"],
            subject=row["subject"],
            request=row["request"],
            wrapped_subject_key=bytes(row["wrapped"] or b""),
            wrapped_key=bytes(row["wrapped_key"]),
            ciphertext=bytes(row["payload"]),
        )
    except PayloadLost:
        return {**entry, "body": None}
    return {**entry, "body": _filled(orjson.loads(opened.body), own)}


def _filled(value: Any, own: Mapping[str, ValueOfPerson]) -> Any:
    """Fill in the placeholders of the person. Those of others stay."""
    if isinstance(value, str):
        return _PLACEHOLDER.sub(lambda found: _replacement(found, own), value)
    if isinstance(value, list):
        return [_filled(one, own) for one in value]
    if isinstance(value, dict):
        return {name: _filled(one, own) for name, one in value.items()}
    return value


def _replacement(found: re.Match[str], own: Mapping[str, ValueOfPerson]) -> str:
    known = own.get(found[2])
    return known.value if known and found[1].startswith(known.type) else found[0]
