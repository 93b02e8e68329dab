"""Hostile and broken input: the documented error, nothing forwarded, the refusal on record."""

import json
import socket
from typing import Any

import httpx
import pytest

from tests.support.installation import APP_KEY, Installation
from tests.support.openai_api import OpenAIApi

pytestmark = pytest.mark.e2e
OK = [{"role": "user", "content": "x"}]
BROKEN = {
    "no json": (b"{", 400, None),
    "not an object": (b"[]", 400, None),
    "duplicate keys": (b'{"model":"outside","messages":[],"messages":[]}', 400, None),
    "invalid utf-8": (b'{"model":"\xff"}', 400, None),
    "half a character": (
        b'{"model":"outside","messages":[{"role":"user","content":"\\ud800"}]}',
        400,
        None,
    ),
    "nested deep": (b"[" * 100_000, 400, None),
    "not a number": (b'{"model":"outside","messages":[],"temperature":NaN}', 400, None),
    "huge number": (b'{"model":"outside","seed":' + b"9" * 10_000 + b"}", 400, None),
    "more than 64 bits": (b'{"model":"outside","seed":123456789012345678901234}', 400, None),
    "infinite": (b'{"model":"outside","temperature":1e400}', 400, None),
    "no model": (json.dumps({"messages": OK}).encode(), 400, "model"),
    "no messages": (b'{"model":"outside"}', 400, "messages"),
    "wrong type": (json.dumps({"model": "outside", "messages": "x"}).encode(), 400, "messages"),
    "wrong role": (
        json.dumps({"model": "outside", "messages": [{"role": "root", "content": "x"}]}).encode(),
        400,
        "messages[0].role",
    ),
    "temperature": (
        json.dumps({"model": "outside", "messages": OK, "temperature": "hot"}).encode(),
        400,
        "temperature",
    ),
    "too many choices": (
        json.dumps({"model": "outside", "messages": OK, "n": 99}).encode(),
        400,
        "n",
    ),
    "unknown model": (json.dumps({"model": "none", "messages": OK}).encode(), 404, "model"),
    "too large": (b" " * (5 * 1024 * 1024), 413, None),
}
FORBIDDEN = (
    "api_base",
    "base_url",
    "api_key",
    "extra_headers",
    "extra_body",
    "custom_llm_provider",
    "mock_response",
    "callbacks",
)


@pytest.mark.parametrize("name", BROKEN)
def test_broken_bodies(sluis: Installation, eu: OpenAIApi, name: str) -> None:
    body, status, param = BROKEN[name]
    before = len(eu.bodies)
    answer = sluis.ask(body)
    error = answer.json()["error"]
    assert (answer.status_code, error["param"]) == (status, param)
    assert isinstance(error["message"], str)
    assert isinstance(error["code"], str)
    recorded = sluis.entries(answer.headers["x-sluis-audit-id"])
    assert [entry["event"] for entry in recorded] == ["request:refusal:record"]
    assert recorded[0]["outcome"] == error["code"]
    assert len(eu.bodies) == before


@pytest.mark.parametrize("field", FORBIDDEN)
def test_no_field_picks_an_endpoint_or_a_credential(
    sluis: Installation, eu: OpenAIApi, field: str
) -> None:
    before = len(eu.bodies)
    answer = sluis.ask({"model": "outside", "messages": OK, field: "http://evil.example"})
    assert answer.status_code == 400
    assert answer.json()["error"]["param"] == field
    assert len(eu.bodies) == before


def test_unknown_fields_are_scanned_when_text_and_dropped_otherwise(
    sluis: Installation, eu: OpenAIApi
) -> None:
    body = {
        "model": "outside",
        "messages": OK,
        "user": "u-1",
        "store": True,
        "note": "bsn 111222333",
        "gadget": {"a": 1},
        "metadata": {"k": "v"},
    }
    answer = sluis.ask(body)
    sent = eu.last()
    assert "111222333" not in json.dumps(sent)
    assert sent["store"] is False
    assert not {"gadget", "metadata", "user"} & set(sent)
    dropped = set(answer.headers["x-sluis-dropped"].split(","))
    assert dropped == {"user", "store", "gadget", "metadata"}


def test_a_field_name_that_may_be_content_does_not_leave(
    sluis: Installation, eu: OpenAIApi
) -> None:
    names = ["jan@example.nl", "bsn 111222333", "a\r\nset-cookie: x", "\0"]
    answer = sluis.ask({"model": "outside", "messages": OK, **dict.fromkeys(names, "x")})
    assert answer.status_code == 200
    assert answer.headers["x-sluis-sensitivity"] == "confidential"
    assert answer.headers["x-sluis-dropped"] == "*"
    assert not set(names) & set(eu.last())


def test_an_answer_as_a_client_keeps_it_can_be_sent_back(
    sluis: Installation, eu: OpenAIApi
) -> None:
    kept: dict[str, Any] = {
        "role": "assistant",
        "content": "Dag",
        "refusal": None,
        "annotations": [],
        "audio": None,
        "function_call": None,
        "tool_calls": None,
    }
    asked = {"model": "outside", "messages": [*OK, kept, *OK], "response_format": None}
    assert sluis.ask(asked).status_code == 200
    assert "function_call" not in eu.last()["messages"][1]


def test_credentials_of_the_provider_never_come_from_the_client(
    sluis: Installation, eu: OpenAIApi
) -> None:
    sluis.ask({"model": "outside", "messages": OK}, x_api_key="sk-mine", openai_organization="x")
    assert eu.headers[-1]["authorization"] == "Bearer sk-upstream-canary-0000000000"
    assert "x-api-key" not in eu.headers[-1]
    assert "openai-organization" not in eu.headers[-1]


def test_forged_hosts_change_nothing(sluis: Installation) -> None:
    answer = httpx.post(
        f"{sluis.url}/v1/chat/completions",
        json={"model": "outside", "messages": OK},
        headers={
            "host": "admin.example",
            "x-forwarded-for": "127.0.0.1",
            "x-original-url": "/healthz",
            "authorization": "Bearer nothing",
        },
    )
    assert answer.status_code == 401


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/v1/chat/completions", 405), ("POST", "/v1/nothing", 404), ("GET", "/", 404)],
)
def test_paths_that_do_not_exist(sluis: Installation, method: str, path: str, status: int) -> None:
    answer = httpx.request(method, sluis.url + path)
    assert answer.status_code == status
    assert set(answer.json()["error"]) == {"message", "type", "param", "code"}


def test_two_lengths_are_refused(sluis: Installation) -> None:
    with socket.create_connection(("127.0.0.1", sluis.data_port), timeout=10) as raw:
        raw.sendall(
            b"POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\ncontent-length: 4\r\n"
            b"transfer-encoding: chunked\r\nauthorization: Bearer " + APP_KEY.encode() + b"\r\n\r\n"
            b"0\r\n\r\n"
        )
        assert raw.recv(100).startswith(b"HTTP/1.1 400")


def _chat(**fields: Any) -> bytes:
    return json.dumps({"model": "outside", "messages": OK, **fields}).encode()


def _schema(depth: int) -> dict[str, Any]:
    schema: dict[str, Any] = {"type": "string"}
    for _ in range(depth):
        schema = {"type": "object", "properties": {"a": schema}}
    return schema


def _tool(schema: Any) -> dict[str, Any]:
    return {"type": "function", "function": {"name": "f", "parameters": schema}}


def _call(arguments: str) -> dict[str, Any]:
    function = {"name": "f", "arguments": arguments}
    return {
        "role": "assistant",
        "tool_calls": [{"id": "a", "type": "function", "function": function}],
    }


COMPLEX: dict[str, tuple[bytes, str | None]] = {
    "stop": (_chat(stop=["stop"] * 5), "stop"),
    "tiny stops": (_chat(stop=[f"{number:04}" for number in range(60_000)]), "stop"),
    "messages": (_chat(messages=OK * 4097), "messages"),
    "tools": (_chat(tools=[_tool({})] * 513), "tools"),
    "parts": (
        _chat(messages=[{"role": "user", "content": [{"type": "text", "text": "x"}] * 1025}]),
        "messages.content",
    ),
    "texts": (
        _chat(tools=[_tool({"enum": [f"v{number}" for number in range(9000)]})]),
        None,
    ),
    "values": (_chat(tools=[_tool({"enum": [1] * 100_000})]), None),
    "deep schema": (_chat(tools=[_tool(_schema(450))]), None),
}


@pytest.mark.parametrize("name", COMPLEX)
def test_too_many_elements_are_refused_at_once(
    sluis: Installation, eu: OpenAIApi, name: str
) -> None:
    body, param = COMPLEX[name]
    before, log = len(eu.bodies), (sluis.folder / "gateway.log").read_text()
    answer = sluis.ask(body)
    error = answer.json()["error"]
    assert (answer.status_code, error["code"]) == (400, "request_too_complex")
    assert error["param"] == param
    assert len(eu.bodies) == before
    written = (sluis.folder / "gateway.log").read_text()[len(log) :]
    assert len(written.splitlines()) <= 1
    recorded = sluis.entries(answer.headers["x-sluis-audit-id"])
    assert [entry["event"] for entry in recorded] == ["request:refusal:record"]


def test_deep_json_in_arguments_is_a_clear_decision(sluis: Installation) -> None:
    answer = sluis.ask(_chat(messages=[_call("[" * 900 + "]" * 900)]))
    assert answer.status_code in (200, 400)


def raw_answer(sluis: Installation, sent: bytes) -> bytes:
    """All that comes back on one connection, which the request asks to close."""
    with socket.create_connection(("127.0.0.1", sluis.data_port), timeout=20) as raw:
        raw.sendall(sent)
        return b"".join(iter(lambda: raw.recv(65_536), b""))


def raw_request(*headers: str, body: bytes = b"") -> bytes:
    lines = ["POST /v1/chat/completions HTTP/1.1", "host: x", "connection: close", *headers, "", ""]
    return "\r\n".join(lines).encode() + body


GOOD = f"authorization: Bearer {APP_KEY}"
ASKED = json.dumps({"model": "outside", "messages": OK}).encode()
LENGTH = f"content-length: {len(ASKED)}"


@pytest.mark.parametrize(
    ("name", "headers"),
    [
        ("authorization", ("authorization: junk", GOOD)),
        ("authorization", (GOOD, GOOD)),
        ("x-api-key", (f"x-api-key: {APP_KEY}", "X-Api-Key: other")),
        (
            "x-sluis-sensitivity",
            (GOOD, "x-sluis-sensitivity: restricted", "x-sluis-sensitivity: public"),
        ),
        ("x-sluis-user", (GOOD, "x-sluis-user: a", "X-SLUIS-USER: b")),
        ("x-sluis-later", (GOOD, "x-sluis-later: a", "x-sluis-later: b")),
    ],
)
def test_a_header_that_decides_comes_once(
    sluis: Installation, eu: OpenAIApi, name: str, headers: tuple[str, ...]
) -> None:
    before = len(eu.bodies)
    said = raw_answer(sluis, raw_request(*headers, LENGTH, body=ASKED))
    assert said.startswith(b"HTTP/1.1 400 ")
    error = json.loads(said.partition(b"\r\n\r\n")[2])["error"]
    assert (error["code"], error["param"]) == ("duplicate_header", name)
    assert len(eu.bodies) == before


def test_a_trailer_is_no_credential(sluis: Installation) -> None:
    chunks = b"%x\r\n%b\r\n0\r\n%b\r\n\r\n" % (len(ASKED), ASKED, GOOD.encode())
    said = raw_answer(sluis, raw_request("transfer-encoding: chunked", body=chunks))
    assert said.startswith(b"HTTP/1.1 401 ")


@pytest.mark.parametrize("headers", [(), (GOOD,)], ids=["without a key", "with a key"])
def test_too_large_a_body_is_answered_readably(
    sluis: Installation, headers: tuple[str, ...]
) -> None:
    """A client that sends everything before it reads sees the answer, no reset."""
    body = b"x" * 20_000_000
    said = raw_answer(sluis, raw_request(*headers, f"content-length: {len(body)}", body=body))
    code = "request_too_large" if headers else "invalid_api_key"
    assert json.loads(said.partition(b"\r\n\r\n")[2])["error"]["code"] == code
