"""Bounds and rules of a request's head and trailers, and the answers to what breaks them."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus

import orjson

MAX_HEAD = 65_536  # bytes of the target and the header lines; of the trailers likewise
MAX_LINES = 100  # header lines, as in Apache's LimitRequestFields; of the trailers likewise
_VERSIONS = ("1.0", "1.1")
# RFC 3986 section 3.2.2, with a port; a user name before the host is refused.
_HOST = re.compile(rb"(?:\[[0-9A-Za-z:.%]+\]|[A-Za-z0-9._~!$&'()*+,;=%-]*)(?::[0-9]*)?")


@dataclass(frozen=True, slots=True)
class HttpProblem:
    """Why a connection is refused, with the whole answer; it closes the connection."""

    code: str
    answer: bytes


def _problem(status: HTTPStatus, code: str, message: str) -> HttpProblem:
    error = {"message": message, "type": "invalid_request_error", "param": None, "code": code}
    body = orjson.dumps({"error": error})
    head = (
        f"HTTP/1.1 {status.value} {status.phrase}\r\ncontent-type: application/json\r\n"
        f"content-length: {len(body)}\r\nconnection: close\r\n\r\n"
    )
    return HttpProblem(code, head.encode() + body)


INVALID_HTTP = _problem(HTTPStatus.BAD_REQUEST, "invalid_http", "This is not a valid HTTP request.")
HEAD_TOO_LARGE = _problem(
    HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE,
    "head_too_large",
    f"The headers of a request, and its trailers, may each have {MAX_HEAD} bytes and {MAX_LINES} "
    "lines. Send fewer or shorter headers.",
)
TOO_MANY_HEADS = _problem(
    HTTPStatus.SERVICE_UNAVAILABLE,
    "service_unavailable",
    "Too many requests with large headers arrive at once. Send shorter headers, or try again.",
)
INVALID_HOST = _problem(
    HTTPStatus.BAD_REQUEST,
    "invalid_host",
    "A request needs exactly one valid Host header (RFC 9112, section 3.2).",
)
UNKNOWN_VERSION = _problem(
    HTTPStatus.HTTP_VERSION_NOT_SUPPORTED,
    "http_version_not_supported",
    "Only HTTP/1.0 and HTTP/1.1 are served here.",
)


def problem_of(version: str, headers: Sequence[tuple[bytes, bytes]]) -> HttpProblem | None:
    """The problem of a complete head, None when it is as RFC 9112 wants it."""
    if version not in _VERSIONS:
        return UNKNOWN_VERSION
    hosts = [value for name, value in headers if name == b"host"]
    if len(hosts) != 1:
        return INVALID_HOST if hosts or version == "1.1" else None
    return None if _HOST.fullmatch(hosts[0].strip()) else INVALID_HOST
