"""Lines of a log: one JSON object each, known fields only, and no content of any kind."""

import json
import logging
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from gateway.core.system.logs.setup import LineHandler

pytestmark = pytest.mark.unit
CANARY = "Jan de Vries"
Lines = Callable[[], list[dict[str, Any]]]


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def lines(clock: Clock, capfd: pytest.CaptureFixture[str]) -> Iterator[Lines]:
    """What the loggers of this test have written since the last call."""
    handler = LineHandler("gateway", json.dumps, clock=clock)
    loggers = [logging.getLogger(name) for name in ("gateway.test", "library.test")]
    for one in loggers:
        one.addHandler(handler)
        one.setLevel(logging.DEBUG)
        one.propagate = False  # another test may have set up the log of the process
    yield lambda: [json.loads(line) for line in capfd.readouterr().err.splitlines()]
    for one in loggers:
        one.removeHandler(handler)
        one.propagate = True


OWN = logging.getLogger("gateway.test")
LIBRARY = logging.getLogger("library.test")


def test_a_line_has_time_level_event_process_and_details(lines: Lines) -> None:
    about = {"reason": "ConnectionRefusedError", "entries": 3}
    OWN.error("trail:batch:failed the requests were refused", extra=about)
    (line,) = lines()
    assert line.pop("time").endswith("Z")
    assert line.pop("pid") > 0
    assert line == {
        "level": "error",
        "event": "trail:batch:failed",
        "process": "gateway",
        "reason": "ConnectionRefusedError",
        "entries": 3,
        "message": "the requests were refused",
    }


def test_no_content_is_written_by_whatever_way(lines: Lines) -> None:
    OWN.error("api:request:fault %s", CANARY)
    OWN.error(f"api:request:fault {CANARY}")
    OWN.error("api:request:fault", extra={"text": CANARY, "reason": [CANARY], "code": {1: CANARY}})
    LIBRARY.error(f"cannot parse {CANARY}")
    LIBRARY.error("cannot parse %s", CANARY)
    LIBRARY.error("%(text)s", {"text": CANARY})
    LIBRARY.error(ValueError(CANARY))
    try:
        raise ValueError(CANARY)
    except ValueError:
        LIBRARY.exception("Exception in ASGI application\n")
    written = lines()
    assert CANARY not in json.dumps(written)
    last = written[-1]
    assert last["message"] == "Exception in ASGI application"
    assert (last["event"], last["error"]) == ("process:library:line", "ValueError")
    assert last["logger"] == "library.test"
    assert last["at"].partition(":")[0].endswith("test_logs")


def test_a_value_is_one_short_line_of_text_or_a_number(lines: Lines) -> None:
    about = {"reason": "a\nb\x1b[31m\u2028c\ud800" + "x" * 400, "days": float("nan"), "count": 2}
    OWN.warning("key:expiry:near", extra=about)
    (line,) = lines()
    assert line["reason"].startswith("a b [31m c x")
    assert len(line["reason"]) == 301
    assert "days" not in line
    assert line["count"] == 2


def test_what_repeats_is_one_line_a_minute_with_its_number(lines: Lines, clock: Clock) -> None:
    for entries in range(50):
        OWN.error("trail:batch:failed", extra={"reason": "OSError", "entries": entries})
        OWN.error("trail:batch:failed", extra={"reason": "TimeoutError", "entries": entries})
        clock.now += 1
    assert [one["reason"] for one in lines()] == ["OSError", "TimeoutError"]
    clock.now += 60
    OWN.error("trail:batch:failed", extra={"reason": "OSError", "entries": 1})
    (line,) = lines()
    assert line["repeated"] == 49
    clock.now += 61
    OWN.error("trail:batch:failed", extra={"reason": "OSError", "entries": 1})
    (line,) = lines()
    assert "repeated" not in line


def test_lines_of_one_fault_differ_in_ids_only_and_other_names_are_other_lines(
    lines: Lines,
) -> None:
    for number in range(20):
        OWN.warning("trail:log:restart", extra={"log": f"gateway/{number}", "after": "gateway/0"})
        OWN.error("api:request:fault", extra={"audit_id": str(number), "error": "KeyError"})
    assert len(lines()) == 2
    for name in ("a", "b"):
        OWN.warning("key:expiry:near", extra={"key": name, "days": 3})
    assert [one["key"] for one in lines()] == ["a", "b"]
