"""How providers fail on the wire, in each dialect: whole answers and streams.

A fault makes the reply to a request from the frames of a good answer. A whole answer is one frame.
"""

import json
from collections.abc import Callable, Mapping

from tests.support.wire_answers import WIRES
from tests.support.wire_provider import Arrived, Reply, streamed

SAID = "Één antwoord van enige lengte, in het Nederlands."
DETAIL = "secret detail sk-upstream"
_MAIN = {"/v1/messages": "text", "/responses": "output_text"}
_ERROR = {"type": "server_error", "code": "server_error", "message": DETAIL, "param": None}
_MESSAGES_ERROR = {"type": "error", "error": {"type": "overloaded_error", "message": DETAIL}}
_RESPONSES_ERROR = {**_ERROR, "type": "error", "sequence_number": 2}
Fault = Callable[[Arrived], Reply]


def frames(arrived: Arrived) -> list[bytes]:
    """A good answer to a request."""
    whole, stream = WIRES[arrived.path]
    body = arrived.json()
    made = whole(SAID, _MAIN.get(arrived.path, "content"), body)
    return list(stream(made)) if body.get("stream") else [_written(made)]


def good(arrived: Arrived) -> Reply:
    """A good answer."""
    return _reply(arrived, frames(arrived))


def status(code: int, retry_after: str = "", content_type: str = "application/json") -> Fault:
    """An error status, with a body that may not be shown."""
    body = _written({"error": {**_ERROR}})
    headers = {"retry-after": retry_after} if retry_after else {}
    return lambda _: Reply([body], status=code, headers=headers, content_type=content_type)


def ended(quarters: int, ending: str) -> Fault:
    """An answer of which so many quarters come; 4 is all but the last frame of a stream."""

    def fault(arrived: Arrived) -> Reply:
        whole = frames(arrived)
        if len(whole) == 1:
            return _reply(arrived, [whole[0][: len(whole[0]) * quarters // 4]], ending)
        return _reply(arrived, _first(whole, quarters), ending)

    return fault


def error_event(quarters: int) -> Fault:
    """An error after so many quarters of a stream; of a whole answer in its place."""

    def fault(arrived: Arrived) -> Reply:
        body, event = _in_band(arrived.path)
        if not arrived.json().get("stream"):
            return Reply([body])
        whole = frames(arrived)
        return streamed([*_first(whole, quarters), event])

    return fault


def not_an_answer(body: bytes, content_type: str) -> Fault:
    """200 with something else."""
    return lambda _: Reply([body], content_type=content_type)


def _first(whole: list[bytes], quarters: int) -> list[bytes]:
    """The beginning of a stream, never with its last frame."""
    return whole[: min(len(whole) * quarters // 4, len(whole) - 1)]


def _reply(arrived: Arrived, pieces: list[bytes], ending: str = "whole") -> Reply:
    if arrived.json().get("stream"):
        return streamed(pieces, ending)
    return Reply(pieces, ending=ending)


def _in_band(path: str) -> tuple[bytes, bytes]:
    """An error as the body of an answer, and as an event of a stream."""
    if path == "/v1/messages":
        error = _written(_MESSAGES_ERROR)
        return error, b"event: error\ndata: " + error + b"\n\n"
    if path == "/responses":
        error = _written(_RESPONSES_ERROR)
        return _written({"error": _ERROR}), b"event: error\ndata: " + error + b"\n\n"
    error = _written({"error": _ERROR})
    return error, b"data: " + error + b"\n\n"


def _written(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode()


# Error statuses, and what a caller gets: the status, and the seconds after which to try again.
REFUSED: Mapping[str, tuple[Fault, int, int | None]] = {
    **{f"status-{code}": (status(code), 400, None) for code in (400, 413, 422)},
    **{f"status-{code}": (status(code), 503, None) for code in (401, 403, 404)},
    **{f"status-{code}": (status(code), 503, 5) for code in (408, 409)},
    "status-429": (status(429), 429, 5),
    **{f"status-{code}": (status(code), 503, 5) for code in (500, 502, 503, 504, 529)},
    "429-after-7": (status(429, "7"), 429, 7),
    "429-after-a-date": (status(429, "Wed, 21 Oct 2026 07:28:00 GMT"), 429, 5),
    "503-after-3": (status(503, "3"), 503, 3),
    "html-502": (status(502, content_type="text/html"), 503, 5),
}
# Failures after status 200, by the quarters of the answer that came before.
BROKEN: Mapping[str, Callable[[int], Fault]] = {
    "cut": lambda quarters: ended(quarters, "cut"),
    "short": lambda quarters: ended(quarters, "whole"),
    "silent": lambda quarters: ended(quarters, "silent"),
    "error": error_event,
}
OUTCOMES = {
    "cut": {"upstream_disconnected"},
    "short": {"upstream_disconnected", "upstream_error"},
    "error": {"upstream_error"},
}
