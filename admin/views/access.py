"""The access page: teams, use cases, aliases, deployments, providers and the sign-on.

Figures are those of the last day. What the catalogue holds changes by a file or the API, where a
change that widens needs another person; stop switches are here.
"""

import time
from collections.abc import Callable, Mapping
from typing import Any

import streamlit as st

from admin.address import adopted, storing
from admin.components import attempt, flash, heading
from admin.governance_entry import text_of
from admin.page_context import PageContext
from admin.usage_figures import money

_PARTS = ("teams", "use_cases", "aliases", "deployments", "providers", "sign_on", "mandates")
_STOPPABLE = {"use_cases": "use-cases", "aliases": "aliases", "deployments": "deployments"}
_KINDS = {"use_cases": "use_case", "aliases": "alias", "deployments": "deployment"}
_DAY_MS = 86_400_000
_MICROS = 1_000_000
_MIN_REASON_CHARS = 3
Document = dict[str, Any]
Row = dict[str, str]


def page(context: PageContext) -> None:
    """Draw one part, which the address names."""
    heading(context, "access")
    localize = context.localize
    part = str(
        st.segmented_control(
            localize("access.part"),
            _PARTS,
            required=True,
            format_func=lambda name: localize.raw(f"access_part.{name}"),
            key=adopted("part", _PARTS, _PARTS[0]),
            on_change=storing("part", _PARTS[0]),
            label_visibility="collapsed",
        )
    )
    found = attempt(localize, context.client.catalogue)
    if found is None:
        return
    rows = _ROWS[part](context, found)
    if not rows:
        st.info(localize("access.none"), icon=":material/inbox:")
    else:
        st.dataframe(rows, hide_index=True)
    st.caption(localize("access.change"))
    if part in _STOPPABLE and context.user.may("stops:read"):
        _switch(context, part, [one["name"] for one in found[_KINDS[part]]])


def _teams(context: PageContext, found: Document) -> list[Row]:
    localize = context.localize
    answer = _usage(context, "team")
    budgets = {one["team"]: one for one in answer["budgets"]} if answer else {}
    figures = _by_group(answer)
    rows = []
    for team in found["team"]:
        budget = budgets.get(team["name"])
        rows.append({
            localize.raw("access.name"): team["name"],
            localize.raw("access.floor"): localize.name("level", team.get("floor", "internal")),
            localize.raw("access.budget"): _amount(context, budget, "budget_micros"),
            localize.raw("access.spent"): _amount(context, budget, "used_micros"),
            localize.raw("access.day_cost"): money(
                localize, figures.get(team["name"], {}).get("cost_micros", {})
            ),
            localize.raw("access.day"): _health(context, figures.get(team["name"])),
        })
    return rows


def _use_cases(context: PageContext, found: Document) -> list[Row]:
    localize = context.localize
    figures = _by_group(_usage(context, "use_case"))
    return [
        {
            localize.raw("access.name"): one["name"],
            localize.raw("access.owner"): one.get("owner", ""),
            localize.raw("access.risk"): one.get("risk", ""),
            localize.raw("access.basis"): one.get("legal_basis", ""),
            localize.raw("access.zones"): _zones(context, one.get("zones")),
            localize.raw("access.review"): one.get("review", ""),
            localize.raw("access.day"): _health(context, figures.get(one["name"])),
        }
        for one in found["use_case"]
    ]


def _aliases(context: PageContext, found: Document) -> list[Row]:
    """An alias in the order of its candidates, with how each does."""
    localize = context.localize
    figures = _by_group(_usage(context, "model"))
    return [
        {
            localize.raw("access.name"): alias["name"],
            localize.raw("access.order"): str(place),
            localize.raw("access.deployment"): candidate,
            localize.raw("access.day"): _health(context, figures.get(candidate)),
        }
        for alias in found["alias"]
        for place, candidate in enumerate(alias["candidates"], start=1)
    ]


def _deployments(context: PageContext, found: Document) -> list[Row]:
    localize = context.localize
    zones = {one["name"]: one["zone"] for one in found["provider"]}
    figures = _by_group(_usage(context, "model"))
    return [
        {
            localize.raw("access.name"): one["name"],
            localize.raw("access.model"): one["model"],
            localize.raw("access.version"): one.get("version") or "",
            localize.raw("access.provider"): one["provider"],
            localize.raw("access.zone"): localize.name("zone", zones[one["provider"]]),
            localize.raw("access.day"): _health(context, figures.get(one["name"])),
        }
        for one in found["deployment"]
    ]


def _providers(context: PageContext, found: Document) -> list[Row]:
    localize = context.localize
    figures = _by_group(_usage(context, "provider"))
    return [
        {
            localize.raw("access.name"): one["name"],
            localize.raw("access.kind"): one["kind"],
            localize.raw("access.zone"): localize.name("zone", one["zone"]),
            localize.raw("access.url"): one["base_url"],
            localize.raw("access.region"): (one.get("contract") or {}).get("region", ""),
            localize.raw("access.review"): (one.get("contract") or {}).get("review", ""),
            localize.raw("access.day"): _health(context, figures.get(one["name"])),
        }
        for one in found["provider"]
    ]


def _sign_on(context: PageContext, found: Document) -> list[Row]:
    """Groups of the sign-on, and the roles and teams that they give."""
    localize = context.localize
    rows = []
    for issuer in found["issuer"]:
        about = {
            localize.raw("access.issuer"): issuer["name"],
            localize.raw("access.url"): issuer["issuer"],
        }
        roles, groups = issuer.get("roles", {}), issuer.get("groups", {})
        for group in dict.fromkeys([*roles, *groups]):
            rows.append(
                about
                | {
                    localize.raw("access.group"): group,
                    localize.raw("access.role"): (
                        localize.name("role", roles[group]) if group in roles else ""
                    ),
                    localize.raw("access.team"): groups.get(group, {}).get("team", ""),
                }
            )
        if not roles and not groups:
            rows.append(about)
    return rows


def _mandates(context: PageContext, found: Document) -> list[Row]:
    """Who acts alone within which bounds; a row for each grant."""
    localize = context.localize
    return [
        {
            localize.raw("access.name"): one["name"],
            localize.raw("access.holder"): one.get("holder")
            or localize.name("role", one.get("role", "")),
            localize.raw("access.kind"): localize.raw(f"access_grant.{grant['kind']}"),
            localize.raw("access.team"): ", ".join(grant["teams"]),
            localize.raw("access.most"): text_of(grant["most"]),
            localize.raw("access.until"): one["until"],
        }
        for one in found["mandate"]
        for grant in one["grants"]
    ]


_ROWS: Mapping[str, Callable[[PageContext, Document], list[Row]]] = {
    "teams": _teams,
    "use_cases": _use_cases,
    "aliases": _aliases,
    "deployments": _deployments,
    "providers": _providers,
    "sign_on": _sign_on,
    "mandates": _mandates,
}


def _usage(context: PageContext, group: str) -> Document | None:
    """The figures of the last day by group; None where this user may not see them."""
    if not context.user.may("usage:read"):
        return None
    now = int(time.time() * 1000)
    asked = {"from": str(now - _DAY_MS), "to": str(now), "by": "day", "group": group}
    return attempt(context.localize, lambda: context.client.usage(asked))


def _by_group(answer: Document | None) -> dict[str, Document]:
    return {one["group"]: one["figures"] for one in answer["groups"]} if answer else {}


def _health(context: PageContext, figures: Document | None) -> str:
    localize = context.localize
    if not figures or not figures["requests"]:
        return localize.raw("access.no_requests")
    latency = figures["latency_ms"].get("p95")
    return localize.raw(
        "access.health",
        requests=localize.number(figures["requests"]),
        failed=localize.number(figures["failed"]),
        p95="—" if latency is None else localize.number(latency),
    )


def _amount(context: PageContext, budget: Document | None, name: str) -> str:
    if budget is None:
        return "—"
    return f"{context.localize.number(budget[name] / _MICROS, 2)} {budget['currency']}"


def _zones(context: PageContext, zones: list[str] | None) -> str:
    return ", ".join(context.localize.name("zone", zone) for zone in zones or ())


def _switch(context: PageContext, part: str, names: list[str]) -> None:
    """Draw what is stopped, and the switch."""
    localize = context.localize
    found = attempt(localize, context.client.stops) or []
    stopped = {one["name"]: one for one in found if one["kind"] == _KINDS[part]}
    for name, one in stopped.items():
        when, who, why = localize.moment(one["since"]), one["by"], one["reason"]
        text = localize("access.stopped", name=name, who=who, when=when, reason=why)
        st.warning(text, icon=":material/block:")
    if not context.user.may("stops:write") or not names:
        return
    with st.form(f"access.switch.{part}"):
        st.subheader(localize("access.switch"), anchor=False)
        st.caption(localize("access.switch_about"))
        name = str(st.selectbox(localize("access.name"), names))
        reason = st.text_input(localize("access.reason"), max_chars=500).strip()
        verb = "start" if name in stopped else "stop"
        row = st.container(horizontal=True)
        stop = row.form_submit_button(localize("access.stop"), type="primary")
        start = row.form_submit_button(localize("access.start"))
    if not stop and not start:
        return
    if len(reason) < _MIN_REASON_CHARS:
        st.warning(localize("confirm.reason_needed"))
    elif start and verb == "stop":
        st.info(localize("access.runs", name=name))
    else:
        _do(context, _STOPPABLE[part], name, reason, starts=start)


def _do(context: PageContext, what: str, name: str, reason: str, *, starts: bool) -> None:
    localize, client = context.localize, context.client
    if starts:
        proposal = attempt(localize, lambda: client.start(what, name, reason))
        if proposal:
            flash(localize("access.start_proposed", id=proposal))
            st.rerun()
        return
    done = attempt(localize, lambda: client.stop(what, name, reason))
    if done:
        silent = ", ".join(done["silent"])
        flash(
            localize("access.silent" if silent else "access.stop_done", name=name, gateways=silent)
        )
        st.rerun()
