"""Bodies of the control plane: credential first, a limit per route, one header of a kind."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from gateway.core.objects.keys import NewKey
from gateway.core.system.secrets import create
from gateway.governance.app import create_app
from gateway.governance.plane import ControlPlane, build
from tests.support.persons import issued
from tests.support.schema import migrate

pytestmark = pytest.mark.integration
PIECE = b"x" * 65_536


@pytest.fixture
async def plane(tmp_path: Path) -> AsyncIterator[ControlPlane]:
    secrets = create(tmp_path / "secrets")
    made = build(
        database_url=f"sqlite+aiosqlite:///{tmp_path}/governance.db",
        secrets=secrets,
        data_dir=tmp_path,
    )
    await migrate(made.database)
    await made.baseline.establish()
    yield made
    await made.close()


class Call:
    """One request as ASGI; counts the pieces of a body without end that are taken."""

    def __init__(self, plane: ControlPlane, piece: bytes = PIECE) -> None:
        self._app = create_app(plane, resolve=lambda _: None)
        self._piece = piece
        self.taken = 0
        self.status = 0
        self.body = b""

    async def __call__(self, path: str, *headers: tuple[bytes, bytes]) -> "Call":
        scope: dict[str, Any] = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": "POST",
            "scheme": "http",
            "path": path,
            "raw_path": path.encode(),
            "root_path": "",
            "query_string": b"",
            "headers": [(b"content-type", b"application/json"), *headers],
            "client": ("127.0.0.1", 1),
            "server": ("127.0.0.1", 2),
        }
        await self._app(scope, self._receive, self._send)
        return self

    async def _receive(self) -> dict[str, Any]:
        self.taken += 1
        return {"type": "http.request", "body": self._piece, "more_body": self._piece is PIECE}

    async def _send(self, message: Any) -> None:
        self.status = message.get("status", self.status)
        self.body += message.get("body", b"")


@pytest.fixture
async def bearer(plane: ControlPlane) -> tuple[bytes, bytes]:
    new = NewKey(name="ops", kind="admin", roles=["platform_admin"])
    secret = await issued(plane, new)
    return b"authorization", f"Bearer {secret}".encode()


@pytest.mark.parametrize("path", ["/admin/v1/apply", "/admin/v1/keys", "/admin/v1/nowhere"])
async def test_the_credential_comes_before_the_body(plane: ControlPlane, path: str) -> None:
    for headers in ([], [(b"authorization", b"Bearer sk-wrong-0000000000000")]):
        call = await Call(plane)(path, *headers)
        assert (call.status, call.taken) == (401, 0)


async def test_broken_json_without_a_credential_is_not_parsed(plane: ControlPlane) -> None:
    assert (await Call(plane, b"{")("/admin/v1/apply")).status == 401


async def test_a_body_is_read_up_to_the_limit_of_its_route(
    plane: ControlPlane, bearer: tuple[bytes, bytes]
) -> None:
    for path, limit in (("/admin/v1/keys", 1 << 20), ("/admin/v1/apply", 8 << 20)):
        call = await Call(plane)(path, bearer)
        assert call.status == 413
        assert b"request_too_large" in call.body
        assert call.taken == limit // len(PIECE) + 1


async def test_a_declared_length_above_the_limit_is_not_read(
    plane: ControlPlane, bearer: tuple[bytes, bytes]
) -> None:
    call = await Call(plane)("/admin/v1/keys", bearer, (b"content-length", b"99999999"))
    assert (call.status, call.taken) == (413, 0)


async def test_a_credential_comes_once(plane: ControlPlane, bearer: tuple[bytes, bytes]) -> None:
    call = await Call(plane)("/admin/v1/keys", (b"authorization", b"Bearer x"), bearer)
    assert (call.status, call.taken) == (400, 0)
    assert b"duplicate_header" in call.body


async def test_a_good_body_reaches_its_route(
    plane: ControlPlane, bearer: tuple[bytes, bytes]
) -> None:
    call = await Call(plane, b'{"text": "version: 1"}')("/admin/v1/apply", bearer)
    assert call.status == 200, call.body


async def test_an_unknown_body_of_a_probe_is_left_alone(plane: ControlPlane) -> None:
    assert (await Call(plane)("/healthz")).status == 405
