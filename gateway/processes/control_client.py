"""Client of the control plane for commands: within this process, or over the network.

On the machine itself the same application runs in this process, for the local operator. Each
command is therefore one request, with one implementation.
"""

import ipaddress
import secrets
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx

from gateway.core.errors import InvalidRequest, Refusal, Unauthenticated, Unavailable
from gateway.core.manifest import ManifestError, manifest_of
from gateway.evidence.disclosure_profile import DisclosureProfile
from gateway.governance.actor import LOCAL_OPERATOR
from gateway.governance.app import create_app
from gateway.governance.audit.exports import ExportRequest, PendingExport
from gateway.governance.models.uploads import PIECE_BYTES, SCHEME
from gateway.processes.control_plane import open_plane
from gateway.processes.settings import Settings, resolve_reference

Report = dict[str, Any]
Ask = Callable[[str, str, Report | None], Awaitable[Any]]
# Hashing a model's files, or writing an export, delays the first byte.
_TIMEOUT = httpx.Timeout(1800, connect=10)
_ADMIN = "/admin/v1"
_COUNTS = ("entries", "selected", "logs")  # of an export
_NO_TOKEN = (
    "Set SLUIS_TOKEN to an admin key (`sluis keys create NAME --kind admin --role …` on the "
    "machine itself), or to a token of your sign-on."
)


async def ask(settings: Settings, method: str, path: str, body: Report | None = None) -> Any:
    """Send one request under ``/admin/v1``; returns the response's JSON.

    Raises:
        Refusal: the control plane refused it or could not be reached.
    """
    async with _connection(settings) as connection:
        response = await connection.request(method, path, json=body)
        return _document(response)


async def upload(settings: Settings, directory: Path, sent: Callable[[str, int, int], None]) -> str:
    """Send the files of a model; gives the place to register.

    ``sent`` is called after each piece with the name of the file, what was sent and its size.

    Raises:
        Refusal: the control plane refused it or could not be reached, or a file is none of a model.
    """
    try:
        files = manifest_of(directory).files
    except ManifestError as error:
        raise InvalidRequest(str(error)) from error
    name = f"u_{secrets.token_hex(16)}"
    async with _connection(settings) as connection:
        for one in files:
            with (directory / one.path).open("rb") as file:
                for offset in range(0, one.size or 1, PIECE_BYTES):
                    piece = file.read(PIECE_BYTES)
                    place = {"upload": name, "name": one.path, "offset": str(offset)}
                    answer = await connection.put("/models/uploads", params=place, content=piece)
                    _document(answer)
                    sent(one.path, offset + len(piece), one.size)
    return f"{SCHEME}{name}"


@asynccontextmanager
async def session(settings: Settings) -> AsyncIterator[Ask]:
    """What sends several requests, as ``ask`` does with one."""
    async with _connection(settings) as connection:

        async def send(method: str, path: str, body: Report | None) -> Any:
            return _document(await connection.request(method, path, json=body))

        yield send


async def export(settings: Settings, body: Report, output: Path) -> Report:
    """Write a package to ``output``, which appears only when it is complete; returns its facts.

    A full package that is not approved yet is not written: ``state`` is then "pending", with the
    proposal.

    Raises:
        Refusal: the control plane refused it or could not be reached.
        TrailDamaged: on the machine itself, when the trail is damaged.
    """
    if settings.remote_url is None:  # written in place, never held in memory
        async with open_plane(settings) as plane:
            request = ExportRequest(**{**body, "profile": DisclosureProfile(body["profile"])})
            done = await plane.exports.make(output, LOCAL_OPERATOR, request)
            if isinstance(done, PendingExport):
                return done.describe(plane.permissions).model_dump()
        counts = {name: getattr(done, name) for name in _COUNTS}
        return {**counts, "root": done.root}
    headers = await _fetch(settings, "POST", "/audit/exports", body, output, (*_COUNTS, "root"))
    if headers.get("state"):
        return headers
    return {**{name: int(headers[name]) for name in _COUNTS}, "root": headers["root"]}


async def download(
    settings: Settings, method: str, path: str, body: Report | None, output: Path
) -> Report:
    """Write a report to ``output``; returns its digests.

    Raises:
        Refusal: the control plane refused it or could not be reached.
    """
    headers = await _fetch(settings, method, path, body, output, ("report", "sha256"))
    return {**headers, "written": str(output)}


async def package(settings: Settings, path: str, body: Report, output: Path) -> Report:
    """Write a package that a route streams to ``output``; returns the counts in its headers.

    Raises:
        Refusal: the control plane refused it or could not be reached.
    """
    counts = ("values", "requests", "bodies")
    headers = await _fetch(settings, "POST", path, body, output, counts)
    return {name: int(value) for name, value in headers.items()}


async def _fetch(
    settings: Settings,
    method: str,
    path: str,
    body: Report | None,
    output: Path,
    names: tuple[str, ...],
) -> dict[str, Any]:
    """Stream a response to ``output``, which appears when it is complete.

    Returns the headers in ``names``; for a change that waits for approval, the JSON instead.
    """
    draft = output.with_name(output.name + ".part")
    async with (
        _connection(settings) as connection,
        connection.stream(method, path, json=body) as response,
    ):
        if response.status_code == httpx.codes.ACCEPTED:
            await response.aread()
            return dict(_document(response))
        headers = {name: response.headers.get(f"x-sluis-{name}", "") for name in names}
        if response.status_code != httpx.codes.OK or not all(headers.values()):
            await response.aread()
            _document(response)
            raise _unexpected(response)
        try:
            with draft.open("wb") as file:
                async for part in response.aiter_bytes():
                    file.write(part)
            draft.replace(output)
        finally:
            draft.unlink(missing_ok=True)
        return headers


@asynccontextmanager
async def _connection(settings: Settings) -> AsyncIterator[httpx.AsyncClient]:
    if settings.remote_url is None:
        async with open_plane(settings) as plane:
            transport = httpx.ASGITransport(create_app(plane, resolve=resolve_reference))
            bearer = {"authorization": f"Bearer {plane.secrets.operator_token}"}
            base = f"http://local{_ADMIN}"
            async with httpx.AsyncClient(
                transport=transport, base_url=base, headers=bearer
            ) as connection:
                yield connection
        return
    url = _address(settings.remote_url)
    bearer = {"authorization": f"Bearer {_token(settings)}"}
    try:
        async with httpx.AsyncClient(
            base_url=f"{url}{_ADMIN}",
            headers=bearer,
            timeout=_TIMEOUT,
            trust_env=url.scheme == "https",  # a proxy must not get requests to loopback
        ) as connection:
            yield connection
    except httpx.TransportError as error:
        raise Unavailable(_connection_error(url, error)) from error


def _address(text: str) -> httpx.URL:
    try:
        url = httpx.URL(text.rstrip("/"))
    except httpx.InvalidURL as error:
        raise InvalidRequest(f"--url: {error}.") from error
    if url.scheme not in {"http", "https"} or not url.host or url.query or url.fragment:
        raise InvalidRequest("--url: give an address such as https://control.example.nl.")
    if url.userinfo:
        raise InvalidRequest("--url: no credentials in the address; set SLUIS_TOKEN.")
    if url.scheme == "http" and not _loopback(url.host):
        raise InvalidRequest(
            f"--url: http would send the token to {url.host} in the clear; use https. "
            "Only loopback takes http."
        )
    return url


def _loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _token(settings: Settings) -> str:
    token = (settings.token or "").strip()
    if not token:
        raise Unauthenticated(_NO_TOKEN)
    if not token.isascii() or not token.isprintable() or " " in token:
        raise Unauthenticated(f"SLUIS_TOKEN holds characters that no token has. {_NO_TOKEN}")
    return token


def _document(response: httpx.Response) -> Any:
    """The response's JSON; raises a refusal as the exception that it was."""
    try:
        document = response.json()
    except ValueError:
        document = None
    if response.is_success and document is not None:
        return document
    error = document.get("error") if isinstance(document, dict) else None
    if not isinstance(error, dict):
        raise _unexpected(response)
    message = str(error.get("message"))
    if response.status_code == httpx.codes.UNAUTHORIZED:
        message = f"{message} {_NO_TOKEN}"
    raise Refusal(message, code=str(error.get("code")), param=error.get("param"))


def _unexpected(response: httpx.Response) -> Unavailable:
    return Unavailable(
        f"{response.url} answered {response.status_code}, and not as a control plane of Sluis "
        "does: check the address and the versions."
    )


def _connection_error(url: httpx.URL, error: httpx.TransportError) -> str:
    cause: BaseException | None = error
    while cause is not None and not isinstance(cause, ssl.SSLError):
        cause = cause.__cause__ or cause.__context__
    if isinstance(cause, ssl.SSLCertVerificationError):
        return (
            f"The certificate of {url.host} is not trusted: {cause.verify_message}. If it is of "
            "your own authority, set SSL_CERT_FILE to that authority's certificate."
        )
    if cause is not None:
        return f"No TLS connection with {url.host}: does it speak https on this port? ({cause})"
    if isinstance(error, httpx.ConnectError | httpx.ConnectTimeout):
        return f"{url} cannot be reached: check the address, and that `sluis control` runs there."
    return f"The connection with {url} broke off ({type(error).__name__}); try again."
