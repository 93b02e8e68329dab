"""The client against a real HTTP server that refuses, stalls and sends invalid responses."""

import json
import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar

import httpx
import pytest

from admin.client import Client, ControlError, Download, PendingProposal, transport
from admin.components import _SELF_EXPLAINING
from admin.i18n import LANGUAGES, texts

BEARER = "sluis_0badcafe_only-for-this-test"


class _Control(BaseHTTPRequestHandler):
    answers: ClassVar[dict[str, tuple[int, dict[str, str], bytes]]] = {}
    requests: ClassVar[list[tuple[str, str, str, Any]]] = []

    def _answer(self) -> None:
        size = int(self.headers.get("content-length") or 0)
        body = json.loads(self.rfile.read(size)) if size else None
        self.requests.append((self.command, self.path, self.headers["authorization"], body))
        status, headers, data = self.answers[self.path.partition("?")[0]]
        self.send_response(status)
        for name, value in {**headers, "content-length": str(len(data))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data)

    do_GET = do_POST = _answer  # noqa: N815 - names of the standard library

    def log_message(self, *_: Any) -> None:
        """Silence."""


@pytest.fixture
def control() -> Iterator[type[_Control]]:
    _Control.answers, _Control.requests = {}, []
    with ThreadingHTTPServer(("127.0.0.1", 0), _Control) as server:
        thread = threading.Thread(target=server.serve_forever, args=[0.02])
        thread.start()
        _Control.url = f"http://127.0.0.1:{server.server_port}"  # type: ignore[attr-defined]
        yield _Control
        server.shutdown()
        thread.join()


@pytest.fixture
def client(control: Any) -> Iterator[Client]:
    with transport(control.url, verify=False) as http:
        yield Client(http, BEARER)


def answer(status: int, body: object, **headers: str) -> tuple[int, dict[str, str], bytes]:
    return status, headers, json.dumps(body).encode()


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (401, "invalid_api_key"),
        (403, "access_denied"),
        (404, "not_found"),
        (400, "invalid_request"),
        (409, "trail_damaged"),
        (503, "service_unavailable"),
    ],
)
def test_a_refusal_keeps_code_and_sentence_and_has_a_text_in_both_languages(
    control: Any, client: Client, status: int, code: str
) -> None:
    body = {"error": {"message": "Because.", "type": "x", "param": None, "code": code}}
    control.answers["/admin/v1/me"] = answer(status, body)
    with pytest.raises(ControlError) as refused:
        client.current_user()
    assert (refused.value.code, refused.value.detail, refused.value.status) == (
        code,
        "Because.",
        status,
    )
    assert all(f"error.{code}" in texts(language) for language in LANGUAGES)


@pytest.mark.parametrize("body", [b"<html>502</html>", b"[]", b"{}", b'{"error": "no"}', b""])
def test_a_foreign_response_is_unexpected(control: Any, client: Client, body: bytes) -> None:
    control.answers["/admin/v1/me"] = (502, {}, body)
    with pytest.raises(ControlError) as refused:
        client.current_user()
    assert (refused.value.code, refused.value.detail) == ("unexpected", "")


def test_a_redirect_is_not_followed_with_the_credential(control: Any, client: Client) -> None:
    control.answers["/admin/v1/me"] = (302, {"location": "http://127.0.0.1:9/elsewhere"}, b"")
    with pytest.raises(ControlError) as refused:
        client.current_user()
    assert refused.value.code == "unexpected"


def test_a_closed_port_is_unreachable_and_silence_is_a_timeout() -> None:
    with (
        httpx.Client(base_url="http://127.0.0.1:9/admin/v1", trust_env=False) as http,
        pytest.raises(ControlError, match="unreachable"),
    ):
        Client(http, BEARER).current_user()
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"http://127.0.0.1:{silent.getsockname()[1]}"
        with (
            httpx.Client(base_url=address, trust_env=False) as http,
            pytest.raises(ControlError, match="timeout"),
        ):
            Client(http, BEARER, timeout=httpx.Timeout(0.2)).current_user()
    assert {"unreachable", "timeout", "unexpected"} < set(_SELF_EXPLAINING)


def test_the_credential_is_sent_in_the_header_and_names_are_quoted_in_the_path(
    control: Any, client: Client
) -> None:
    control.answers["/admin/v1/keys/..%2Fme%3Fx/revoke"] = answer(200, {"revoked": "k_1"})
    client.revoke_key("../me?x")
    assert control.requests[0][:3] == (
        "POST",
        "/admin/v1/keys/..%2Fme%3Fx/revoke",
        f"Bearer {BEARER}",
    )


def test_the_current_user_has_permissions(control: Any, client: Client) -> None:
    control.answers["/admin/v1/me"] = answer(
        200, {"id": "k_1", "name": "Ada", "roles": ["auditor"], "permissions": ["audit:read"]}
    )
    user = client.current_user()
    assert user.may("audit:read")
    assert not user.may("audit:reveal")


def test_search_sends_only_the_given_filters(control: Any, client: Client) -> None:
    control.answers["/admin/v1/audit"] = answer(200, {"entries": [], "before": None})
    client.search({"zone": "eu"}, limit=50, since=5)
    assert control.requests[0][1] == "/admin/v1/audit?zone=eu&limit=50&since=5"


def test_an_export_is_a_file_with_its_name_and_count(control: Any, client: Client) -> None:
    headers = {"content-disposition": 'attachment; filename="a.zip"', "x-sluis-entries": "7"}
    control.answers["/admin/v1/audit/exports"] = (200, headers, b"PK")
    download = client.export({"since": 1, "until": 2, "formats": ["jsonl"]})
    assert download == Download("a.zip", b"PK", 7)
    assert control.requests[0][3] == {"since": 1, "until": 2, "formats": ["jsonl"]}


def test_a_full_export_waits_for_approval(control: Any, client: Client) -> None:
    body = {"state": "pending", "proposal": "p1", "roles": ["compliance_officer"], "message": "m"}
    control.answers["/admin/v1/audit/exports"] = answer(202, body)
    pending = client.export({"since": 1, "until": 2, "profile": "full", "reason": "complaint 12"})
    assert pending == PendingProposal("p1", ("compliance_officer",))
