"""Mail over SMTP (RFC 5321), with STARTTLS (RFC 3207) or TLS from the start (RFC 8314)."""

import smtplib
import socket
import ssl
from email.message import EmailMessage
from email.utils import format_datetime, parseaddr
from typing import Any

from gateway.governance.notices.address import NoticeFailed, checked_address
from gateway.governance.notices.channels import SmtpNode, read_secret
from gateway.governance.notices.message import Notice

_LIMIT_S = 15.0  # of each step


def send_mail(server: SmtpNode, notice: Notice) -> None:
    """Send a notice to all recipients. Blocks.

    Raises:
        NoticeFailed: when the server refused it or a recipient, or has no TLS.
        OSError: when it cannot be reached.
    """
    password = _password(server)
    address = checked_address(server.host, server.port, private=server.private_address)
    try:
        with _connected(server, address) as connection:
            if server.username and password:
                connection.login(server.username, password)
            if connection.send_message(_mail(server, notice), server.from_, server.to):
                raise NoticeFailed("the server refused a recipient")
    except smtplib.SMTPResponseException as error:
        raise NoticeFailed(f"the server answered {error.smtp_code}") from error
    except smtplib.SMTPException as error:
        raise NoticeFailed(type(error).__name__) from error


def _password(server: SmtpNode) -> str:
    if server.password_file is None:
        return ""
    try:
        return read_secret(server.password_file)
    except ValueError as error:
        raise NoticeFailed("the password cannot be read") from error


def _connected(server: SmtpNode, address: str) -> smtplib.SMTP:
    tls = ssl.create_default_context(cafile=str(server.ca) if server.ca else None)
    if server.tls == "implicit":
        return _Tls(server, address, tls)
    connection = _Plain(server, address)
    if server.tls == "starttls":
        try:
            connection.starttls(context=tls)
        except BaseException:
            connection.close()
            raise
    return connection


class _Plain(smtplib.SMTP):
    """Connects to the checked address; TLS and greetings use the name."""

    def __init__(self, server: SmtpNode, address: str) -> None:
        self._address = address
        super().__init__(server.host, server.port, timeout=_LIMIT_S)

    def _get_socket(self, host: str, port: int, timeout: float) -> Any:
        return socket.create_connection((self._address, port), timeout)


class _Tls(_Plain):
    """The same with TLS from the first byte."""

    def __init__(self, server: SmtpNode, address: str, tls: ssl.SSLContext) -> None:
        self._tls = tls
        super().__init__(server, address)

    def _get_socket(self, host: str, port: int, timeout: float) -> Any:
        return self._tls.wrap_socket(super()._get_socket(host, port, timeout), server_hostname=host)


def _mail(server: SmtpNode, notice: Notice) -> EmailMessage:
    mail = EmailMessage()
    mail["From"] = server.from_
    mail["To"] = ", ".join(server.to)
    mail["Subject"] = notice.subject
    mail["Date"] = format_datetime(notice.made)
    domain = parseaddr(server.from_)[1].rpartition("@")[2]
    mail["Message-ID"] = f"<{notice.id}@{domain}>"
    mail["Auto-Submitted"] = "auto-generated"  # RFC 3834
    mail["Content-Language"] = notice.language
    mail.set_content(notice.text)
    return mail
