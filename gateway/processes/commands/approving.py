"""Approving from the command line, with a sign-on in the browser where the approval is signed."""

import asyncio
import webbrowser
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import parse_qs, urlsplit

import click

from gateway.core.errors import InvalidRequest, Refusal
from gateway.processes.commands.common import run
from gateway.processes.commands.printing import Report
from gateway.processes.settings import Settings

PORT = 8765
_PATH = "/callback"
_NEEDED = "sign_on_needed"
_LONGEST_S, _READ_S = 900, 10
_LARGEST = 16_384  # bytes of a request of the browser
_DONE = b"<!doctype html><title>Sluis</title><p>You can close this page."
_ANSWER = b"HTTP/1.1 %s\r\ncontent-type: text/html; charset=utf-8\r\nconnection: close\r\n\r\n%s"

port_option = click.option(
    "--sign-on-port",
    type=click.IntRange(1, 65_535),
    default=PORT,
    show_default=True,
    help="Port on this machine to which the identity provider sends the browser back: "
    f"http://127.0.0.1:PORT{_PATH}.",
)


def approve(settings: Settings, path: str, body: Report, *, port: int = PORT) -> Any:
    """Approve what is at a path; signs on where the identity provider must sign that."""
    return run(_approved(settings, path, body, port))


async def _approved(settings: Settings, path: str, body: Report, port: int) -> Any:
    from gateway.processes import control_client

    try:
        return await control_client.ask(settings, "POST", f"{path}/approve", body)
    except Refusal as refusal:
        if refusal.code != _NEEDED:
            raise
    redirect = f"http://127.0.0.1:{port}{_PATH}"
    begun = await control_client.ask(
        settings, "POST", f"{path}/sign-on", {"redirect_uri": redirect}
    )
    async with _waiting_for_browser(port, begun["state"]) as back:
        click.echo(f"Sign on to approve this:\n{begun['authorization_url']}", err=True)
        webbrowser.open(begun["authorization_url"])
        try:
            code = await asyncio.wait_for(back, _LONGEST_S)
        except TimeoutError as error:
            raise InvalidRequest("No sign-on came within 15 minutes.") from error
    signed = {"code": code, "state": begun["state"], "redirect_uri": redirect}
    return await control_client.ask(
        settings, "POST", f"{path}/approve", {**body, "sign_on": signed}
    )


@asynccontextmanager
async def _waiting_for_browser(port: int, state: str) -> AsyncIterator["asyncio.Future[str]"]:
    """The code with which the browser comes back; another state than that is not listened to."""
    back: asyncio.Future[str] = asyncio.get_running_loop().create_future()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            line = (await asyncio.wait_for(reader.readuntil(b"\r\n"), _READ_S)).decode("latin-1")
        except (TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, OSError):
            writer.close()  # no browser: it said nothing, or too much
            return
        found = urlsplit(line.split(" ")[1]) if line.count(" ") == 2 else urlsplit("")
        given = {name: values[0] for name, values in parse_qs(found.query).items()}
        known = found.path == _PATH and given.get("state") == state
        if known and not back.done():
            if "code" in given:
                back.set_result(given["code"])
            else:
                why = given.get("error_description") or given.get("error", "no code")
                back.set_exception(InvalidRequest(f"The sign-on failed: {why[:200]}."))
        writer.write(_ANSWER % ((b"200 OK", _DONE) if known else (b"404 Not Found", b"")))
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", port, limit=_LARGEST)
    async with server:
        yield back
