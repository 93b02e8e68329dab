"""How commands print cases: what is left of their texts is a sentence."""

from datetime import UTC, datetime
from typing import Any

from gateway.processes.commands.printing import show

_BY = {"retention": "by the retention policy", "erasure": "by an erasure"}


def show_cases(report: dict[str, Any], name: str, *, as_json: bool) -> None:
    """Print a page of cases, how many there are by state, and the cursor of the next page."""
    cases = report[name]
    about = {part: report.get(part) for part in ("totals", "next")}
    show({name: cases if as_json else [_said(one) for one in cases], **about}, as_json=as_json)


def show_case(
    case: dict[str, Any], revealed: dict[str, Any] | None = None, *, as_json: bool
) -> None:
    """Print one case, and its texts where they are given."""
    show({**(case if as_json else _said(case)), **(revealed or {})}, as_json=as_json)


def _said(case: dict[str, Any]) -> dict[str, Any]:
    """A case with a sentence about its texts; an older control plane says nothing of them."""
    left = case.get("texts")
    return {**case, "texts": _sentence(left)} if left else case


def _sentence(left: dict[str, Any]) -> str:
    said = [f"{left['kept']} kept" if left["kept"] else "none kept"]
    if left["until"]:
        said[0] += f" until {_day(left['until'])}, unless something holds them"
    said += [
        f"{one['count']} removed on {_day(one['at'])} {_BY[one['by']]}" for one in left["removed"]
    ]
    return "; ".join(said)


def _day(ms: int) -> str:
    return datetime.fromtimestamp(ms / 1000, UTC).date().isoformat()
