"""The fields of a log line: names that are known, with values that are short and plain."""

import logging
import re
import sys
from math import isfinite
from types import FrameType

from gateway.core.system.logs.fault import fault_fields

Scalar = str | int | float | bool
LIBRARY = "process:library:line"
# Every detail that a line may have beside its time, level, event and process.
FIELDS = (
    "audit_id",
    "reason",
    "provider",
    "status",
    "part",
    "code",
    "error",
    "at",
    "log",
    "after",
    "entries",
    "count",
    "texts",
    "texts_unread",
    "characters",
    "characters_unread",
    "digest",
    "model",
    "use_case",
    "review",
    "state",
    "key",
    "key_id",
    "days",
    "kind",
    "object",
    "gateways",
    "witness",
    "proposal",
    "wanted",
    "found",
    "path",
    "month",
    "remaining_s",
    "set",
)
_OWN = "gateway"
_EVENT = re.compile(r"([a-z_]+:[a-z_]+:[a-z_-]+)(?: |$)")
_UNPRINTABLE = re.compile(r"[^\S ]|[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_LONGEST = 300  # characters


def fields_of(record: logging.LogRecord) -> dict[str, Scalar]:
    """The event of a record, its known details, and its words where they are the code's own."""
    words = _constant_words(record)
    own = record.name.partition(".")[0] == _OWN
    event = _EVENT.match(str(record.msg)) if own else None
    fields: dict[str, Scalar] = {"event": event[1] if event else LIBRARY}
    if not event:
        fields["logger"] = _plain(record.name)
    if record.exc_info:
        fields |= fault_fields(record.exc_info[1])
    given = record.__dict__
    fields |= {name: _plain(given[name]) for name in FIELDS if _is_value(given.get(name))}
    message = words[event.end() :] if event else words
    if message.strip():
        fields["message"] = _plain(message.strip())
    return fields


def _is_value(value: object) -> bool:
    return isinstance(value, str | bool | int) or (isinstance(value, float) and isfinite(value))


def _plain(value: Scalar) -> Scalar:
    """A text without control characters, cut to its longest; numbers as they are."""
    if not isinstance(value, str):
        return value
    text = _UNPRINTABLE.sub(" ", value[: _LONGEST + 1])
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


def _constant_words(record: logging.LogRecord) -> str:
    """The message before its arguments, when it is a constant of the code that logs; else none.

    A message that was put together may hold content, whoever put it together.
    """
    frame = _frame_of(record)
    known = frame is not None and record.msg in frame.f_code.co_consts
    return str(record.msg) if known and isinstance(record.msg, str) else ""


def _frame_of(record: logging.LogRecord) -> FrameType | None:
    """The frame that logs: a handler runs within the call of the logger."""
    frame: FrameType | None = sys._getframe(1)  # noqa: SLF001 - as logging itself does
    while frame is not None:
        code = frame.f_code
        if (code.co_filename, code.co_name) == (record.pathname, record.funcName):
            return frame
        frame = frame.f_back
    return None
