"""A stand-in for a mail server: it speaks SMTP (RFC 5321) on loopback and keeps what it takes."""

import asyncio
import base64
import email
import email.policy
import ssl
from dataclasses import dataclass
from email.message import EmailMessage
from typing import Self


@dataclass(frozen=True)
class Mail:
    """One message: its envelope, its text, and whether the connection was under TLS."""

    sender: str
    recipients: list[str]
    message: EmailMessage
    tls: bool


class SmtpServer:
    """Takes mail; ``refuses`` makes it answer 451, ``password`` asks for a login."""

    def __init__(
        self,
        tls: ssl.SSLContext | None = None,
        *,
        implicit: bool = False,
        password: tuple[str, str] | None = None,
    ) -> None:
        self._tls = tls
        self._implicit = implicit
        self._password = password
        self.refuses = False
        self.mails: list[Mail] = []
        self._server: asyncio.Server | None = None

    async def __aenter__(self) -> Self:
        context = self._tls if self._implicit else None
        self._server = await asyncio.start_server(self._taken, "127.0.0.1", 0, ssl=context)
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._server is not None
        self._server.close()

    @property
    def port(self) -> int:
        """The port on loopback."""
        assert self._server is not None
        return int(self._server.sockets[0].getsockname()[1])

    async def _taken(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await _Session(self, reader, writer, secure=self._implicit).run()
        except (ConnectionError, ssl.SSLError, asyncio.IncompleteReadError):
            pass  # the client has left
        finally:
            writer.close()


class _Session:
    """One connection."""

    def __init__(
        self,
        server: SmtpServer,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        *,
        secure: bool,
    ) -> None:
        self._of, self._reader, self._writer, self._secure = server, reader, writer, secure
        self._known = server._password is None
        self._sender, self._recipients = "", list[str]()

    async def run(self) -> None:
        self._say("220 mail.example.nl ESMTP")
        while True:
            line = (await self._reader.readuntil(b"\r\n")).decode().strip()
            verb, _, rest = line.partition(" ")
            match verb.upper():
                case "QUIT":
                    self._say("221 bye")
                    return
                case "EHLO":
                    self._say("250-mail.example.nl", *self._extensions(), "250 SIZE 1000000")
                case "STARTTLS" if self._of._tls and not self._secure:
                    self._say("220 go ahead")
                    await self._writer.start_tls(self._of._tls)
                    self._secure = True
                case "AUTH":
                    self._login(rest)
                case "MAIL" if self._known:
                    self._sender, self._recipients = _path(rest), []
                    self._say("451 try later" if self._of.refuses else "250 ok")
                case "RCPT" if self._sender:
                    self._recipients.append(_path(rest))
                    self._say("250 ok")
                case "DATA" if self._recipients:
                    self._say("354 end with .")
                    self._keep(await self._reader.readuntil(b"\r\n.\r\n"))
                    self._say("250 kept")
                case "RSET":
                    self._sender, self._recipients = "", []
                    self._say("250 ok")
                case _:
                    self._say("503 not now")

    def _extensions(self) -> list[str]:
        offered = ["250-STARTTLS"] if self._of._tls and not self._secure else []
        return [*offered, "250-AUTH PLAIN"] if self._secure and not self._known else offered

    def _login(self, rest: str) -> None:
        _, name, secret = base64.b64decode(rest.removeprefix("PLAIN ")).decode().split("\0")
        self._known = (name, secret) == self._of._password
        self._say("235 welcome" if self._known else "535 no")

    def _keep(self, data: bytes) -> None:
        raw = data[:-5].replace(b"\r\n..", b"\r\n.") + b"\r\n"
        message = email.message_from_bytes(raw, policy=email.policy.default)
        assert isinstance(message, EmailMessage)
        self._of.mails.append(Mail(self._sender, self._recipients, message, self._secure))

    def _say(self, *lines: str) -> None:
        self._writer.write("".join(f"{line}\r\n" for line in lines).encode())


def _path(rest: str) -> str:
    return rest.partition("<")[2].partition(">")[0]
