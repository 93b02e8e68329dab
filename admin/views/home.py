"""The home page: what waits for the user, the state of the installation, and today."""

from typing import Any

import streamlit as st

from admin.components import bullets, heading
from admin.i18n import Localizer
from admin.page_context import PageContext
from admin.usage_figures import difference, shown
from admin.views.proposals import subject_of

_CASES = {"incidents": "incident", "complaints": "", "requests": "request_kind"}
_TILES = ("requests", "cost", "p95", "refused")
_BETTER_LESS = ("p95", "refused")
_HOUR_S, _DAY_S = 3_600, 86_400
_LATE_S = 180.0  # a head is signed each minute, also when nothing happens
_OLD_S = 900.0  # gateways send to internal zones only with an older snapshot


def page(context: PageContext) -> None:
    """Draw what waits first, then the state and today's figures."""
    heading(context, "home")
    found = context.home or context.client.home()
    _waiting(context, found)
    if found["state"]:
        _state(context, found["state"], found["now"])
    if found["figures"]:
        _today(context, found["figures"])


def countdown(localize: Localizer, deadline: int, now: int) -> str:
    """The time until a deadline, or since it; both in epoch milliseconds."""
    seconds = abs(deadline - now) // 1000
    days, hours = seconds // _DAY_S, seconds % _DAY_S // _HOUR_S
    minutes = seconds % _HOUR_S // 60
    if days:
        length = localize.raw("home.days", days=days, hours=hours)
    else:
        length = localize.raw("home.hours", hours=hours, minutes=minutes)
    return localize.raw("home.late" if deadline < now else "home.left", length=length)


def _waiting(context: PageContext, found: dict[str, Any]) -> None:
    localize = context.localize
    st.subheader(localize("home.waiting"), anchor=False)
    parts = {name: found[name] for name in (*_CASES, "proposals", "reviews", "models")}
    if not any(part and part["count"] for part in parts.values()):
        st.success(localize("home.nothing"), icon=":material/check_circle:")
        return
    for name in _CASES:
        if parts[name] and parts[name]["count"]:
            _cases(context, name, parts[name], found["now"])
    if parts["reviews"] and parts["reviews"]["count"]:
        _reviews(context, parts["reviews"]["count"])
    if parts["proposals"] and parts["proposals"]["count"]:
        _proposals(context, parts["proposals"], found["now"])
    if parts["models"] and parts["models"]["count"]:
        _versions(context, parts["models"], found["now"])


def _cases(context: PageContext, name: str, part: dict[str, Any], now: int) -> None:
    localize = context.localize
    with st.container(border=True):
        row = st.container(horizontal=True, vertical_alignment="center")
        row.markdown(localize(f"home.{name}", count=part["count"]))
        if part["overdue"]:
            row.badge(localize("home.overdue", count=part["overdue"]), color="red")
        lines = []
        for one in part["items"]:
            kind = localize.name(_CASES[name], one["kind"]) if one["kind"] else ""
            due = one["deadline"]
            lines.append(
                localize(
                    "home.case",
                    what=kind or localize.raw("home.complaint"),
                    id=one["id"],
                    when=countdown(localize, due, now) if due else localize.raw("home.no_term"),
                )
            )
        bullets(lines)
        _rest(context, part["count"] - len(lines))
        context.link(name, localize.raw("home.open", page=localize.raw(f"{name}.title")), {})


def _reviews(context: PageContext, count: int) -> None:
    localize = context.localize
    with st.container(border=True):
        st.markdown(localize("home.reviews", count=localize.number(count)))
        page = localize.raw("reviews.title")
        context.link("reviews", localize.raw("home.open", page=page), {})


def _proposals(context: PageContext, part: dict[str, Any], now: int) -> None:
    lines = [
        f"{subject_of(context, one)} {_since(context, one['author'], one['proposed'], now)}"
        + (f" {context.localize('home.asked')}" if one["asked"] else "")
        for one in part["items"]
    ]
    _undecided(context, "proposals", part, lines)


def _versions(context: PageContext, part: dict[str, Any], now: int) -> None:
    lines = [
        context.localize("home.version", which=f"{one['name']}@{one['version']}")
        + f" {_since(context, one['author'], one['registered'], now)}"
        for one in part["items"]
    ]
    _undecided(context, "models", part, lines)


def _since(context: PageContext, author: str, start: int, now: int) -> str:
    """Who asked, and how many days ago."""
    return context.localize("home.proposal", author=author, days=(now - start) // (_DAY_S * 1000))


def _undecided(context: PageContext, name: str, part: dict[str, Any], lines: list[str]) -> None:
    """What this person may decide, with a link to the page where that is done."""
    localize = context.localize
    with st.container(border=True):
        count = f"{part['count']}+" if part["more"] else part["count"]
        st.markdown(localize(f"home.{name}", count=count))
        bullets(lines)
        _rest(context, part["count"] - len(part["items"]))
        page = localize.raw("proposals.title")
        context.link("proposals", localize.raw("home.open", page=page), {})


def _rest(context: PageContext, count: int) -> None:
    if count > 0:
        st.caption(context.localize("home.rest", count=count))


def _state(context: PageContext, state: dict[str, Any], now: int) -> None:
    localize, trail, snapshot = context.localize, state["trail"], state["snapshot"]
    st.subheader(localize("home.state"), anchor=False)
    with st.container(border=True):
        age = (now - trail["signed"]) / 1000 if trail["signed"] else None
        if trail["damage"]:
            _line("error", localize("home.damage", reason=trail["damage"]))
        elif age is None or age > _LATE_S:
            _line("error", localize("home.unsigned"))
        else:
            _line("ok", localize("home.signed", seconds=localize.number(age)))
        _witnesses(localize, trail["witnesses"])
        if snapshot is None:
            _line("warning", localize("home.no_snapshot"))
        else:
            old = (now - snapshot["confirmed"]) / 1000
            digest = snapshot["digest"].removeprefix("sha256:")[:12]
            text = localize("home.snapshot", digest=digest, seconds=localize.number(max(0, old)))
            _line("ok" if old < _OLD_S else "error", text)
        for one in state["providers"]:
            text = localize(
                "home.provider",
                provider=one["provider"],
                requests=localize.number(one["requests"]),
                failed=localize.number(one["failed"]),
            )
            _line("warning" if one["failed"] * 10 > one["requests"] else "ok", text)
        if not state["providers"]:
            _line("ok", localize("home.no_providers"))
        for one in state["failing"]:
            count = localize.number(one["requests"])
            _line("warning", localize("home.failing", control=one["control"], count=count))
        for one in state["notices"]:
            since = localize.moment(one["since"] / 1000)
            reason, channel = one["reason"], one["channel"]
            silent = localize("home.notices", channel=channel, since=since, reason=reason)
            _line("error", silent)
        if not state["failing"]:
            _line("ok", localize("home.none_failing"))


def _witnesses(localize: Localizer, witnesses: list[dict[str, Any]]) -> None:
    if not witnesses:
        _line("warning", localize("home.unwitnessed"))
    for one in witnesses:
        if one["seconds"] is None:
            _line("error", localize("home.never_witnessed", witness=one["label"]))
            continue
        seconds = localize.number(one["seconds"])
        text = localize("home.witnessed", witness=one["label"], seconds=seconds)
        _line("ok" if one["seconds"] < _OLD_S else "error", text)


_MARKS = {
    "ok": ":green[:material/check_circle:]",
    "warning": ":orange[:material/warning:]",
    "error": ":red[:material/error:]",
}


def _line(state: str, text: str) -> None:
    st.markdown(f"{_MARKS[state]} {text}")


def _today(context: PageContext, figures: dict[str, Any]) -> None:
    localize = context.localize
    st.subheader(localize("home.today"), anchor=False)
    for column, measure in zip(st.columns(len(_TILES)), _TILES, strict=True):
        changed = difference(localize, figures["today"], figures["last_week"], measure)
        column.metric(
            localize(f"usage.{measure}"),
            shown(localize, figures["today"], measure),
            changed or None,
            delta_color="inverse" if measure in _BETTER_LESS else "off",
            help=localize("home.last_week", value=shown(localize, figures["last_week"], measure)),
            border=True,
        )
    st.caption(localize("home.compared"))
    context.link("usage", localize.raw("home.open", page=localize.raw("usage.title")), {})
