"""The log of a process: where its lines go, which, and in which form."""

import datetime
import json
import logging
import os
import signal
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from types import TracebackType

from gateway.core.system.logs.fields import fields_of
from gateway.core.system.logs.repeats import Repeats

logger = logging.getLogger(__name__)
LEVELS = ("debug", "info", "warning", "error", "critical")
FORMATS = ("json", "text")
Line = dict[str, object]


def configure(process: str, *, level: str = "warning", form: str | None = None) -> None:
    """Write the log of this process to standard error from now on.

    ``level`` is for the lines of Sluis. Those of libraries begin at warning. ``form`` is one of
    ``FORMATS``; None is text for a terminal and JSON for all else. SIGUSR1 switches debug on and
    off.
    """
    form = form or ("text" if sys.stderr.isatty() else "json")
    lowest = logging.getLevelNamesMapping()[level.upper()]
    logging.raiseExceptions = False  # it would print the arguments of a line that fails
    logging.basicConfig(
        level=max(lowest, logging.WARNING),
        handlers=[LineHandler(process, _json if form == "json" else _text, clock=time.monotonic)],
        force=True,
    )
    logging.captureWarnings(capture=True)
    logging.getLogger("gateway").setLevel(lowest)
    if form == "json":
        sys.excepthook = _log_fault
    signal.signal(signal.SIGUSR1, lambda *_: _toggle_debug(lowest))


class LineHandler(logging.Handler):
    """Writes each record as one line to standard error; repeated ones once a minute."""

    def __init__(
        self, process: str, write: Callable[[Line], str], *, clock: Callable[[], float]
    ) -> None:
        """``write`` makes the line; ``clock`` is monotonic seconds."""
        super().__init__()
        self._process = process
        self._write = write
        self._repeats = Repeats(clock=clock)

    def emit(self, record: logging.LogRecord) -> None:
        """Write a record at once, since the processes of `sluis up` share one output."""
        fields = fields_of(record)
        repeated = self._repeats.admit(fields)
        if repeated is None:
            return
        line: Line = {
            "time": _rfc3339(record.created),
            "level": record.levelname.lower(),
            "event": fields.pop("event"),
            "process": self._process,
            "pid": os.getpid(),
            **fields,
        }
        if repeated:
            line["repeated"] = repeated
        with suppress(OSError):  # a lost output must not end a request
            os.write(2, f"{self._write(line)}\n".encode())


def _rfc3339(seconds: float) -> str:
    moment = datetime.datetime.fromtimestamp(seconds, datetime.UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _json(line: Line) -> str:
    return json.dumps(line, ensure_ascii=False)


def _text(line: Mapping[str, object]) -> str:
    head = ("time", "level", "event")
    shown = [str(line[name]) for name in head]
    rest = [f"{name}={value}" for name, value in line.items() if name not in {*head, "message"}]
    return " ".join([*shown, *filter(None, [str(line.get("message", ""))]), *rest])


def _toggle_debug(configured: int) -> None:
    own = logging.getLogger("gateway")
    own.setLevel(configured if own.level == logging.DEBUG else logging.DEBUG)
    logger.log(
        max(own.level, logging.WARNING),
        "process:log:level",
        extra={"set": logging.getLevelName(own.level).lower()},
    )


def _log_fault(
    kind: type[BaseException], fault: BaseException, trace: TracebackType | None
) -> None:
    """Log what ends the process; its message may quote a text."""
    if not issubclass(kind, KeyboardInterrupt):
        logger.critical("process:main:fault", exc_info=(kind, fault, trace))
