"""The OpenAPI document of the data plane says what the data plane does, and what it answers."""

import json
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import httpx
import jsonschema_rs
import pytest
import schemathesis

from gateway.api.app import DataPlane
from gateway.api.headers import headers_of
from gateway.core.errors import InvalidRequest, QuotaExceeded, Refusal
from gateway.core.http_errors import DATA_PLANE, NOT_ALLOWED, STATUS, waiting_of
from gateway.dialects.anthropic_messages import AnthropicMessages
from gateway.dialects.openai_chat import OpenAIChat
from gateway.limits import Room
from gateway.request.context import AuditRecord
from gateway.request.pipeline import Pipeline
from gateway.request.transparency import transparency_headers
from gateway.telemetry import Telemetry, Timeline
from tests.support.access_matrix import DATA_PUBLIC, DATA_ROUTES

pytestmark = pytest.mark.unit
ROOT = Path(__file__).resolve().parents[3]
DOCUMENT = json.loads((ROOT / "gateway/api/openapi.json").read_text(encoding="utf-8"))
ERRORS = (ROOT / "docs/api-errors.md").read_text(encoding="utf-8")
_CODE = re.compile(r"""\bcode ?= ?"([a-z_]+)\"""")
_ANSWERING = ("api", "core", "dialects", "egress", "governance", "limits", "request", "routing")


class Recorder:
    """Stands where refusals go on record."""

    def __init__(self) -> None:
        self.codes: list[str] = []
        self.telemetry = Telemetry(None, clock=time.monotonic)

    async def refused(self, _: AuditRecord, error: BaseException) -> None:
        assert isinstance(error, Refusal)
        self.codes.append(error.code)


@pytest.fixture
def plane() -> DataPlane:
    pipeline = cast("Pipeline", Recorder())
    return DataPlane(pipeline, clock=time.monotonic, not_ready=dict, metrics=lambda: "")


async def asked(plane: DataPlane, method: str, path: str) -> httpx.Response:
    transport = httpx.ASGITransport(app=plane)
    async with httpx.AsyncClient(transport=transport, base_url="http://gateway") as client:
        return await client.request(method, path)


def operations() -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, methods in DOCUMENT["paths"].items():
        for method, operation in methods.items():
            yield method.upper(), path, operation


def responses(operation: dict[str, Any]) -> dict[str, Any]:
    shared = DOCUMENT["components"]["responses"]
    return {
        status: shared[one["$ref"].rpartition("/")[2]]
        for status, one in operation["responses"].items()
    }


def codes_in(schema: Any) -> set[str]:
    """The codes that the schema of an error allows."""
    if isinstance(schema, list):
        return {code for one in schema for code in codes_in(one)}
    if not isinstance(schema, dict):
        return set()
    if "code" in schema:
        return set(schema["code"].get("enum", ()))
    return codes_in(list(schema.values()))


def test_it_is_a_valid_document() -> None:
    schemathesis.openapi.from_dict(DOCUMENT).validate()


def test_its_routes_are_those_of_the_data_plane() -> None:
    found = {(method, path.partition("{")[0]) for method, path, _ in operations()}
    assert found == DATA_ROUTES | DATA_PUBLIC.keys()


def test_each_route_but_the_public_ones_asks_for_a_credential() -> None:
    for method, path, operation in operations():
        public = (method, path) in DATA_PUBLIC
        assert public == (operation["security"] in ([], [{}, {"bearer": []}])), path


def test_every_code_is_there_under_its_status() -> None:
    found = {
        (code, int(status))
        for _, _, operation in operations()
        for status, response in responses(operation).items()
        for content in response["content"].values()
        for code in codes_in(content["schema"])
    }
    of_connections = {
        ("head_too_large", 431),
        ("http_version_not_supported", 505),
        ("invalid_http", 400),
        ("invalid_host", 400),
    }
    assert found - of_connections == set(DATA_PLANE.items()) - {(NOT_ALLOWED, 405)}


def test_every_code_in_the_source_has_a_status() -> None:
    """Without one it would be answered as a fault of ours, with 500."""
    files = (file for part in _ANSWERING for file in (ROOT / "gateway" / part).rglob("*.py"))
    used = {
        code: str(file.relative_to(ROOT))
        for file in files
        for code in _CODE.findall(file.read_text(encoding="utf-8"))
    }
    assert len(used) > 20
    assert {code: file for code, file in used.items() if code not in {*STATUS, "refused"}} == {}


def test_every_code_is_explained_under_its_status() -> None:
    rows = re.findall(r"^\| (\d{3}) \| (`.+?`) \|", ERRORS, re.MULTILINE)
    explained = {code: int(status) for status, codes in rows for code in re.findall(r"\w+", codes)}
    assert {code: explained.get(code) for code in STATUS} == STATUS


@pytest.mark.parametrize("surface", ["chat_completions", "messages"])
def test_every_header_of_an_answer_is_there(surface: str) -> None:
    fields: Any = {
        "surface": surface,
        "level": "internal",
        "zone": "eu",
        "deployment": "d",
        "redacted": 1,
        "kept": 1,
        "rerouted": "clearance",
        "unread_reason": "late",
        "warning": "w",
        "dropped": ["user"],
        "replay_of": "a",
        "transparency": ["notice", "marking", "disclosure"],
    }
    timeline = Timeline(lambda: 0.0)
    timeline.operation = "chat"
    record = AuditRecord("a" * 32, timeline, fields=fields, bundle="b")
    record.limits = {"requests": Room(60, 59, 1), "tokens": Room(1000, 250, 45)}
    path = {"chat_completions": "/v1/chat/completions", "messages": "/v1/messages"}[surface]
    documented = responses(DOCUMENT["paths"][path]["post"])
    always = headers_of(record, on_record=True).keys()
    assert documented["200"]["headers"].keys() == always | transparency_headers(record).keys()
    waiting = waiting_of(QuotaExceeded("x", retry_after=1)).keys()
    assert documented["429"]["headers"].keys() == always | waiting


@pytest.mark.parametrize(
    ("dialect", "path"),
    [(OpenAIChat(), "/v1/chat/completions"), (AnthropicMessages(), "/v1/messages")],
)
def test_an_error_has_the_documented_shape(dialect: Any, path: str) -> None:
    body = dialect.error_body(InvalidRequest("x", param="messages"))
    (content,) = responses(DOCUMENT["paths"][path]["post"])["400"]["content"].values()
    schema = {**content["schema"], "components": DOCUMENT["components"]}
    jsonschema_rs.validate(schema, body)
    body["error"]["code"] = "unheard_of"
    assert not jsonschema_rs.is_valid(schema, body)


async def test_it_is_served_to_everybody(plane: DataPlane) -> None:
    answer = await asked(plane, "GET", "/openapi.json")
    assert answer.headers["content-type"] == "application/json"
    assert answer.json() == DOCUMENT


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("GET", "/v1/chat/completions", "POST"),
        ("DELETE", "/v1/models", "GET"),
        ("POST", "/v1/models/assistant", "GET"),
        ("POST", "/healthz", "GET"),
        ("HEAD", "/metrics", "GET"),
    ],
)
async def test_a_wrong_method_says_which_are_right(
    plane: DataPlane, method: str, path: str, allowed: str
) -> None:
    answer = await asked(plane, method, path)
    assert (answer.status_code, answer.headers["allow"]) == (405, allowed)
