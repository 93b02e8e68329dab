"""Every route of the control plane that was there is there, and takes the requests that it took."""

import copy
import re
from typing import Any

import httpx
import pytest

from tests.compatibility.product import Product, frozen

pytestmark = pytest.mark.contract
_METHODS = ("get", "post", "put", "patch", "delete")


def reduced(document: dict[str, Any]) -> dict[str, Any]:
    """By path and method: query parameters, fields of the body, codes of success.

    Names of path parameters are left out: a client does not see them.
    """
    routes = {}
    for path, methods in document["paths"].items():
        for method, route in methods.items():
            if method in _METHODS:
                name = f"{method.upper()} {re.sub(r'{[^}]*}', '{}', path)}"
                routes[name] = _route(document, route)
    return routes


def _route(document: dict[str, Any], route: dict[str, Any]) -> dict[str, Any]:
    query = {
        one["name"]: {"required": one["required"]}
        for one in route.get("parameters", [])
        if one["in"] == "query"
    }
    told: dict[str, Any] = {
        "query": query,
        "success": sorted(code for code in route["responses"] if code.startswith("2")),
    }
    content = route.get("requestBody", {}).get("content", {})
    if "application/json" in content:
        told["body"] = _fields(document, content["application/json"]["schema"])
    return told


def _fields(document: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    """The fields of an object, those of objects within it too."""
    schema = _resolved(document, schema)
    fields = {}
    for name, one in schema.get("properties", {}).items():
        inner = _resolved(document, one)
        told: dict[str, Any] = {"required": name in schema.get("required", [])}
        if values := inner.get("enum"):
            told["values"] = values
        if within := _fields(document, inner.get("items", inner)):
            told["fields"] = within
        fields[name] = told
    return fields


def _resolved(document: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    reference = schema.get("$ref")
    if reference is None:
        return schema
    return dict(document["components"]["schemas"][reference.rpartition("/")[2]])


def changed(before: dict[str, Any], now: dict[str, Any]) -> list[str]:
    """What a client would notice."""
    faults = []
    for name, route in before.items():
        there = now.get(name)
        if there is None:
            faults.append(f"{name}: is gone")
            continue
        faults += _changed(route["query"], there["query"], f"{name}?")
        if not set(route["success"]) <= set(there["success"]):
            faults.append(f"{name}: success was {route['success']}, is {there['success']}")
        faults += _changed(route.get("body", {}), there.get("body", {}), f"{name} .")
    return faults


def _changed(before: dict[str, Any], now: dict[str, Any], where: str) -> list[str]:
    faults = [
        f"{where}{name}: is new and required"
        for name, field in now.items()
        if field["required"] and name not in before
    ]
    for name, field in before.items():
        there = now.get(name)
        if there is None:
            faults.append(f"{where}{name}: is gone")
            continue
        if there["required"] and not field["required"]:
            faults.append(f"{where}{name}: is required")
        if gone := set(field.get("values", ())) - set(there.get("values", field.get("values", ()))):
            faults.append(f"{where}{name}: takes no {sorted(gone)}")
        faults += _changed(field.get("fields", {}), there.get("fields", {}), f"{where}{name}.")
    return faults


@pytest.fixture
def now(product: Product) -> dict[str, Any]:
    document = httpx.get(f"{product.control}/openapi.json", timeout=30)
    return reduced(document.json())


def test_every_frozen_route_parameter_and_field_is_there(now: dict[str, Any]) -> None:
    faults = changed(frozen("admin-api.json"), now)
    assert not faults, "\n".join(faults)


def test_a_removal_is_noticed(now: dict[str, Any]) -> None:
    other = copy.deepcopy(now)
    del other["POST /admin/v1/keys/{}/revoke"]
    del other["GET /admin/v1/audit"]["query"]["before"]
    del other["POST /admin/v1/terms"]["body"]["add"]["fields"]["kind"]
    other["POST /admin/v1/keys"]["body"]["new"] = {"required": True}
    other["POST /admin/v1/keys"]["body"]["other"] = {"required": False}
    assert sorted(changed(now, other)) == [
        "GET /admin/v1/audit?before: is gone",
        "POST /admin/v1/keys .new: is new and required",
        "POST /admin/v1/keys/{}/revoke: is gone",
        "POST /admin/v1/terms .add.kind: is gone",
    ]
