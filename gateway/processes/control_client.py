"""How a command reaches the control plane: inside this process, or over the network.

On the machine itself the same application answers in this process, to the local operator, so that
each command is one request and there is one implementation of what it does.
"""

import ipaddress
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx

from gateway.core.errors import InvalidRequest, Refusal, Unauthenticated, Unavailable
from gateway.evidence.disclosure_profile import DisclosureProfile
from gateway.governance.actor import LOCAL_OPERATOR
from gateway.governance.audit.exports import ExportRequest, PendingExport
from gateway.governance.http.app import create_app
from gateway.processes.control_plane import opened
from gateway.processes.settings import Settings, resolve_reference

Report = dict[str, Any]
# Hashing a model's files, or writing an export, takes its time before the first byte.
_PATIENCE = httpx.Timeout(1800, connect=10)
_ADMIN = "/admin/v1"
_COUNTS = ("entries", "selected", "logs")  # of an export
_NO_TOKEN = (
    "Set SLUIS_TOKEN to an admin key (`sluis keys create NAME --kind admin --role …` on the machine "
    "itself), or to a token of your sign-on."
)


async def ask(settings: Settings, method: str, path: str, body: Report | None = None) -> Any:
    """One request under ``/admin/v1``; gives the answer's JSON.

    Raises:
        Refusal: what the control plane refused, or why it could not be asked.
    """
    async with _connection(settings) as connection:
        answer = await connection.request(method, path, json=body)
        return _document(answer)


async def export(settings: Settings, body: Report, output: Path) -> Report:
    """Writes a package to ``output``, which appears only when it is complete; gives its facts.

    A full one that nobody approved yet is not written: then ``state`` is "pending", with the proposal.

    Raises:
        Refusal: what the control plane refused, or why it could not be asked.
        TrailDamaged: on the machine itself, when the trail does not hold together.
    """
    if settings.remote_url is None:  # the package is written in its place, never held in memory
        async with opened(settings) as plane:
            wanted = ExportRequest(**{**body, "profile": DisclosureProfile(body["profile"])})
            done = await plane.exports.make(output, LOCAL_OPERATOR, wanted)
            if isinstance(done, PendingExport):
                return done.describe(plane.permissions).model_dump()
        counts = {name: getattr(done, name) for name in _COUNTS}
        return {**counts, "root": done.root}
    told = await _fetched(settings, "POST", "/audit/exports", body, output, (*_COUNTS, "root"))
    if told.get("state"):
        return told
    return {**{name: int(told[name]) for name in _COUNTS}, "root": told["root"]}


async def download(
    settings: Settings, method: str, path: str, body: Report | None, output: Path
) -> Report:
    """Writes a report to ``output``; gives its digests.

    Raises:
        Refusal: what the control plane refused, or why it could not be asked.
    """
    told = await _fetched(settings, method, path, body, output, ("report", "sha256"))
    return {**told, "written": str(output)}


async def package(settings: Settings, path: str, body: Report, output: Path) -> Report:
    """Writes a package that a route streams to ``output``; gives the counts in its headers.

    Raises:
        Refusal: what the control plane refused, or why it could not be asked.
    """
    counts = ("values", "requests", "bodies")
    told = await _fetched(settings, "POST", path, body, output, counts)
    return {name: int(value) for name, value in told.items()}


async def _fetched(
    settings: Settings,
    method: str,
    path: str,
    body: Report | None,
    output: Path,
    wanted: tuple[str, ...],
) -> dict[str, Any]:
    """Streams an answer to ``output``, which appears when it is complete; gives ``wanted`` headers.

    What waits for another person is no file: then what the answer says is given instead.
    """
    draft = output.with_name(output.name + ".part")
    async with (
        _connection(settings) as connection,
        connection.stream(method, path, json=body) as answer,
    ):
        if answer.status_code == httpx.codes.ACCEPTED:
            await answer.aread()
            return dict(_document(answer))
        told = {name: answer.headers.get(f"x-sluis-{name}", "") for name in wanted}
        if answer.status_code != httpx.codes.OK or not all(told.values()):
            await answer.aread()
            _document(answer)
            raise _not_ours(answer)
        try:
            with draft.open("wb") as file:
                async for part in answer.aiter_bytes():
                    file.write(part)
            draft.replace(output)
        finally:
            draft.unlink(missing_ok=True)
        return told


@asynccontextmanager
async def _connection(settings: Settings) -> AsyncIterator[httpx.AsyncClient]:
    if settings.remote_url is None:
        async with opened(settings) as plane:
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
            timeout=_PATIENCE,
            trust_env=url.scheme == "https",  # a proxy must not get what is meant for loopback
        ) as connection:
            yield connection
    except httpx.TransportError as error:
        raise Unavailable(_trouble(url, error)) from error


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


def _document(answer: httpx.Response) -> Any:
    """The answer's JSON; a refusal becomes the exception it was."""
    try:
        document = answer.json()
    except ValueError:
        document = None
    if answer.is_success and document is not None:
        return document
    error = document.get("error") if isinstance(document, dict) else None
    if not isinstance(error, dict):
        raise _not_ours(answer)
    message = str(error.get("message"))
    if answer.status_code == httpx.codes.UNAUTHORIZED:
        message = f"{message} {_NO_TOKEN}"
    raise Refusal(message, code=str(error.get("code")), param=error.get("param"))


def _not_ours(answer: httpx.Response) -> Unavailable:
    return Unavailable(
        f"{answer.url} answered {answer.status_code}, and not as a control plane of Sluis "
        "does: check the address and the versions."
    )


def _trouble(url: httpx.URL, error: httpx.TransportError) -> str:
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
