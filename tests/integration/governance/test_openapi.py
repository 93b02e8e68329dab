"""The OpenAPI document of the control plane, and requests that no route takes."""

from collections.abc import AsyncIterator

import httpx
import jsonschema_rs
import pytest
import schemathesis

from gateway.core.http_errors import STATUS
from tests.support.access_matrix import NEEDS, PUBLIC, routes_of
from tests.support.control_app import control_app
from tests.support.retained import Retained

pytestmark = pytest.mark.integration


@pytest.fixture
async def api(kept: Retained) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app=control_app(kept.plane), raise_app_exceptions=False)
    headers = {"authorization": f"Bearer {kept.secrets().operator_token}"}
    async with httpx.AsyncClient(
        transport=transport, base_url="http://control", headers=headers
    ) as client:
        yield client


async def test_it_is_valid_and_names_the_refusals(api: httpx.AsyncClient) -> None:
    document = (await api.get("/openapi.json")).json()
    schemathesis.openapi.from_dict(document).validate()
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            assert "422" not in operation["responses"]
            assert {"400", "401", "403", "404", "409", "503"} <= operation["responses"].keys()
            needs = (method.upper(), path) in NEEDS
            assert operation["security"] == ([{"bearer": []}] if needs else []), path


async def test_a_refusal_has_the_documented_shape(api: httpx.AsyncClient) -> None:
    document = (await api.get("/openapi.json")).json()
    for path, status in (("/admin/v1/keys", 400), ("/admin/v1/keys/none/rotate", 404)):
        answer = await api.post(path, json={} if status == 400 else {"overlap_hours": 1})
        assert answer.status_code == status
        response = document["components"]["responses"][f"Refused{status}"]
        schema = response["content"]["application/json"]["schema"]
        jsonschema_rs.validate({**schema, "components": document["components"]}, answer.json())
        assert STATUS[answer.json()["error"]["code"]] == status


async def test_a_missing_body_is_named(api: httpx.AsyncClient) -> None:
    error = (await api.post("/admin/v1/keys")).json()["error"]
    assert (error["param"], error["message"]) == ("body", "body: Field required")


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("OPTIONS", "/admin/v1/keys", "GET, POST"),
        ("DELETE", "/admin/v1/use-cases/none/stop", "POST"),
        ("POST", "/admin/v1/use-cases/none", "DELETE, GET, PUT"),
        ("PUT", "/healthz", "GET"),
    ],
)
async def test_a_wrong_method_says_which_are_right(
    api: httpx.AsyncClient, method: str, path: str, allowed: str
) -> None:
    answer = await api.request(method, path)
    assert (answer.status_code, answer.headers["allow"]) == (405, allowed)
    assert answer.json()["error"]["code"] == "method_not_allowed"


async def test_an_unknown_path_has_the_shape_of_a_refusal(api: httpx.AsyncClient) -> None:
    answer = await api.get("/admin/v1/nowhere")
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "not_found")


async def test_every_route_is_described(api: httpx.AsyncClient, kept: Retained) -> None:
    document = (await api.get("/openapi.json")).json()
    described = {
        (method.upper(), path) for path, methods in document["paths"].items() for method in methods
    }
    routes = {one for one in routes_of(control_app(kept.plane)) if not one[1].startswith("/scim")}
    hidden = {("GET", "/openapi.json"), ("HEAD", "/openapi.json")}
    assert routes - hidden == described
    assert described <= NEEDS.keys() | PUBLIC.keys()
