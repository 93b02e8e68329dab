"""Each call of the console's client is one of the control plane's OpenAPI document.

Every method of the client is called with made-up arguments. A stand-in for the control plane checks
path, method, query and body against the document, and answers with an example of its schema, so
that a field which the client reads and the document lacks is found too.
"""

import inspect
import json
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import httpx
import pytest

from admin.client import Client
from gateway.core.system.secrets import create
from gateway.governance.plane import build
from tests.support.control_app import control_app

pytestmark = pytest.mark.integration
_PREFIX = "/admin/v1"
# Arguments that are a part of a path or of a choice, by the name of the parameter.
_GIVEN: Mapping[str, Any] = {
    "how": "identify",
    "places": "own-teams",
    "what": "aliases",
    "state": "open",
    "kind": "deny",
    "direction": "sent",
    "outcome": "nothing",
    "language": "en",
    "form": "json",
}
_BY_TYPE: Mapping[str, Any] = {"str": "one", "int": 1, "float": 1.0, "bool": True}
_HEADERS = {"x-sluis-entries": "1", "content-disposition": 'attachment; filename="one"'}
_NOT_CALLS = {"may"}
Schema = dict[str, Any]


def methods() -> list[str]:
    found = inspect.getmembers(Client, inspect.isfunction)
    return [name for name, _ in found if not name.startswith("_") and name not in _NOT_CALLS]


@pytest.fixture(scope="module")
def document(tmp_path_factory: pytest.TempPathFactory) -> Schema:
    folder: Path = tmp_path_factory.mktemp("plane")
    plane = build(
        database_url=f"sqlite:///{folder / 'governance.db'}",
        secrets=create(folder / "secrets"),
        data_dir=folder,
    )
    return control_app(plane).openapi()


class Contract:
    """A transport that knows the document."""

    def __init__(self, document: Schema) -> None:
        self._document = document
        self.faults: list[str] = []
        self.calls = 0

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.calls += 1
        path, method = request.url.path, request.method.lower()
        operation = self._operation(path, method)
        if operation is None:
            self.faults.append(f"{method} {path} is not in the document")
            return httpx.Response(404, json={"error": {"code": "not_found"}})
        self._check_query(request, operation)
        self._check_body(request, operation)
        return self._answer(operation)

    def _operation(self, path: str, method: str) -> Schema | None:
        """The one with the fewest parameters in its path, as a router finds it."""
        found = []
        for template, operations in self._document["paths"].items():
            pattern = re.sub(r"\{[^}]+\}", "[^/]+", template)
            if method in operations and re.fullmatch(pattern, path):
                found.append((template.count("{"), operations[method]))
        return min(found, key=lambda one: one[0])[1] if found else None

    def _check_query(self, request: httpx.Request, operation: Schema) -> None:
        named = {one["name"] for one in operation.get("parameters", ()) if one["in"] == "query"}
        takes_more = request.url.path.endswith(("/audit", "/usage"))  # filters by name
        for name in request.url.params:
            if name not in named and not takes_more:
                self.faults.append(f"{request.url.path}: no query {name}")

    def _check_body(self, request: httpx.Request, operation: Schema) -> None:
        sent = json.loads(request.content) if request.content else {}
        by_page = sent.pop("given", None)  # the page adds the rest of this body
        content = operation.get("requestBody", {}).get("content", {})
        schema = self._resolved(content.get("application/json", {}).get("schema", {}))
        known = schema.get("properties", {})
        needed = () if by_page else schema.get("required", ())
        wrong = [*(set(sent) - set(known)), *(set(needed) - set(sent))] if sent else []
        if wrong:
            self.faults.append(f"{request.url.path}: body and document differ in {wrong}")

    def _answer(self, operation: Schema) -> httpx.Response:
        status = min(code for code in operation["responses"] if code.startswith("2"))
        content = operation["responses"][status].get("content", {})
        schema = content.get("application/json", {}).get("schema")
        if schema is None:
            return httpx.Response(int(status), content=b"{}", headers=_HEADERS)
        example = self._example(schema)
        return httpx.Response(int(status), json=example, headers=_HEADERS)

    def _resolved(self, schema: Schema) -> Schema:
        while "$ref" in schema:
            name = schema["$ref"].rpartition("/")[2]
            schema = self._document["components"]["schemas"][name]
        choices = schema.get("anyOf") or schema.get("oneOf") or ()
        chosen = [one for one in choices if one.get("type") != "null"]
        return self._resolved(chosen[0]) if chosen else schema

    def _example(self, given: Schema) -> Any:
        schema = self._resolved(given)
        if "enum" in schema or "const" in schema:
            return schema.get("const", (schema.get("enum") or [None])[0])
        kind = schema.get("type")
        if kind == "object" or "properties" in schema:
            return {name: self._example(one) for name, one in schema.get("properties", {}).items()}
        if kind == "array":
            return [self._example(schema["items"])] if "items" in schema else []
        return {"integer": 1, "number": 1.0, "boolean": True}.get(str(kind), "one")


def arguments(call: Callable[..., Any]) -> dict[str, Any]:
    """Made-up arguments, by the type that the client names."""
    made: dict[str, Any] = {}
    for name, parameter in inspect.signature(call).parameters.items():
        kind = str(parameter.annotation).replace("<class '", "").replace("'>", "")
        if parameter.kind is parameter.VAR_KEYWORD:
            continue
        if name in _GIVEN:
            made[name] = _GIVEN[name]
        elif "Mapping" in kind or "dict" in kind:
            made[name] = {"given": "by the page"}
        elif parameter.default is inspect.Parameter.empty:
            made[name] = _BY_TYPE.get(kind.partition(" ")[0], [])
    return made


def reads(client: Client, name: str) -> Iterator[str]:
    call = getattr(client, name)
    try:
        call(**arguments(call))
    except (KeyError, TypeError, IndexError) as error:
        yield f"{name} reads what the document lacks: {error!r}"


@pytest.mark.parametrize("name", methods())
def test_a_call_of_the_console_is_in_the_document(document: Schema, name: str) -> None:
    contract = Contract(document)
    http = httpx.Client(
        transport=httpx.MockTransport(contract), base_url=f"http://control{_PREFIX}"
    )
    with http:
        found = list(reads(Client(http, "one"), name))
    assert not [*contract.faults, *found]
    assert contract.calls
