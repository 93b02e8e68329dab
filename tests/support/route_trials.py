"""One person tries a route of the control plane with every value of every field of its body.

The fields and their values follow from the OpenAPI document. What a call may not have done is what
``reach.py`` says that it did.
"""

import json
import random
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from fastapi import FastAPI

from gateway.core.snapshot import Snapshot
from gateway.governance.plane import ControlPlane
from tests.support.access_matrix import Answer, asked
from tests.support.lone_house import CAMPAIGN
from tests.support.reach import gained, reach_of

Schema = Mapping[str, Any]
PREFIX = "/admin/v1"
# What a text of any field may be: names of the house, levels, roles, persons, places, moments.
TEXTS = (
    *("x-sellers", "x-open", "x-memos", "a", "f", "x-chat", "two", "owner of two"),
    *("public", "restricted", "internal", "global", "minimal", "high"),
    *("policy_approver", "platform_admin", "team_lead", "owner of one", "one@example.nl"),
    *("https://elsewhere.example/v1", "env:OTHER", "0.0.0.0/0", "2099-12-31", "*", "approved"),
)
NUMBERS = (0, 1, 30, 364, 900_000, 3_000_000_000)
_DEEPEST = 4
_TRIED = 60 if CAMPAIGN else 1  # values of a field
# Objects that no scenario names, among which a widening has something to reach.
HOUSE = """\
version: 1
providers:
  - {name: x-eu, kind: openai, base_url: "https://eu.example/v1", zone: eu, api_key: "env:EU",
     contract: {region: EU, transfer_basis: none-needed, review: "2098-12-31"}}
  - {name: x-house, kind: vllm, base_url: "http://10.1.2.3/v1", zone: internal}
deployments:
  - {name: a, provider: x-eu, model: m}
  - {name: f, provider: x-house, model: m}
aliases: [{name: x-chat, candidates: [a]}]
teams: [{name: x-sellers, floor: internal, budget: {amount: 5}}]
use_cases: [{name: x-memos, owner: hr, legal_basis: contract, risk: minimal}]
keys:
  - {name: x-open, team: x-sellers, secret: "env:OPEN", models: [a], purposes: [x-memos],
     clearance: internal, budget: {amount: 5}}
"""


@dataclass(frozen=True, slots=True)
class Call:
    """A call that was accepted: a path with its values, and a body."""

    method: str
    path: str
    body: Any

    def is_of(self, method: str, template: str) -> bool:
        """Whether a route answers it."""
        places = re.sub(r"\\{\w+\\}", "[^/]+", re.escape(template))
        return (
            method == self.method and re.fullmatch(places, self.path.partition("?")[0]) is not None
        )


class LonePerson:
    """One person with every role, in an installation."""

    def __init__(self, plane: ControlPlane, app: FastAPI, secret: str, name: str) -> None:
        """``secret`` is that of the person's key, ``name`` its owner."""
        self._plane = plane
        self._app = app
        self._headers = {"authorization": f"Bearer {secret}"}
        self._name = name

    async def tries(self, call: Call, template: str, schemas: Schema) -> dict[int, int]:
        """Repeat a call with each value; gives the number of answers by status.

        ``schemas`` is the OpenAPI document.

        Raises:
            AssertionError: names the body by which something is newly in force.
        """
        choice, statuses = random.Random(template), dict[int, int]()
        before = await self._in_force()
        for body in Bodies(schemas).of(call, template, choice):
            answer = await self._send(call.method, call.path, body)
            statuses[answer.status] = statuses.get(answer.status, 0) + 1
            assert answer.status < 500, (template, body, answer.text)
            if answer.status == 202:
                await self._approves(answer)
            if answer.status < 300:
                now = await self._in_force()
                more = gained(reach_of(before), reach_of(now), by=self._name)
                assert not more, (template, body, more)
                before = now
        return statuses

    async def _approves(self, answer: Answer) -> None:
        proposal = json.loads(answer.text).get("proposal")
        if proposal:
            approved = await self._send("POST", f"/proposals/{proposal}/approve", {"comment": "x"})
            assert approved.status in {400, 403, 404, 409}, approved

    async def _send(self, method: str, path: str, body: Any) -> Answer:
        text = json.dumps(body or {}).encode()
        return await asked(self._app, (method, PREFIX + path), self._headers, text)

    async def _in_force(self) -> Snapshot:
        await self._plane.snapshots.publish()
        assert self._plane.snapshots.problem is None
        found = await self._plane.snapshots.published()
        assert found is not None
        return found


class Bodies:
    """Bodies that a route may be sent, from the document of the API."""

    def __init__(self, document: Schema) -> None:
        self._document = document

    def of(self, call: Call, template: str, choice: random.Random) -> Iterator[Any]:
        """The body as it was accepted, and with each field as something else."""
        yield call.body
        operation = self._document["paths"][PREFIX + template][call.method.lower()]
        content = operation.get("requestBody", {}).get("content", {})
        schema = self._resolved(content.get("application/json", {}).get("schema", {}))
        for field, declared in schema.get("properties", {}).items():
            values = list(self._samples(declared, _DEEPEST))
            few = choice.sample(values, min(_TRIED, len(values)))
            yield from ({**(call.body or {}), field: value} for value in few)

    def _samples(self, schema: Schema, depth: int) -> Iterator[Any]:
        """Values that a schema permits, and that a widening would use."""
        schema = self._resolved(schema)
        if "anyOf" in schema:
            for one in schema["anyOf"]:
                yield from self._samples(one, depth)
        elif "const" in schema or "enum" in schema:
            yield from schema.get("enum", [schema.get("const")])
        elif schema.get("type") == "boolean":
            yield from (True, False)
        elif schema.get("type") in {"integer", "number"}:
            yield from NUMBERS
        elif schema.get("type") == "string":
            yield from TEXTS
        elif schema.get("type") == "array":
            items = list(self._samples(schema.get("items", {}), depth - 1)) if depth else []
            yield from ([], items[:20], *([one] for one in items))
        elif schema.get("type") == "object":
            yield from self._objects(schema, depth)
        else:
            yield None

    def _objects(self, schema: Schema, depth: int) -> Iterator[Any]:
        fields = schema.get("properties", {}) if depth else {}
        needed = {
            name: next(self._samples(fields[name], depth - 1), None)
            for name in schema.get("required", ())
            if name in fields
        }
        yield needed
        for name, declared in fields.items():
            for value in self._samples(declared, depth - 1):
                yield {**needed, name: value}

    def _resolved(self, schema: Schema) -> Schema:
        reference = schema.get("$ref")
        if reference is None:
            return schema
        found: Schema = self._document["components"]["schemas"][reference.rpartition("/")[2]]
        return found
