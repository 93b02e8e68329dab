"""The keys page: list, issue and revoke keys of applications and people."""

import time
from datetime import UTC, datetime
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from admin.client import Document
from admin.components import LEVELS, attempt, confirm, heading
from admin.page_context import PageContext
from admin.usage_figures import money

_KINDS = ("app", "person", "admin")
ROLES = (
    "platform_admin",
    "policy_author",
    "policy_approver",
    "model_owner",
    "compliance_officer",
    "data_protection_officer",
    "auditor",
    "developer",
)


def page(context: PageContext) -> None:
    """Draw the list, then the forms to issue and to revoke."""
    heading(context, "keys")
    table = st.container()
    left, right = st.columns([3, 2])
    if context.user.may("keys:write"):
        with left:
            _issue(context)
    found = attempt(
        context.localize, context.client.keys
    )  # after issuing, so that a new key is in the list
    if found is None:
        return
    spent = _spent(context)
    table.dataframe([_row(context, key, spent) for key in reversed(found)], hide_index=True)
    if spent is not None:
        table.caption(context.localize("keys.spent_about"))
    if context.user.may("keys:write"):
        live = [key for key in found if key["revoked"] is None]
        with right:
            _rotate(context, [key for key in live if key["source"] == "issued"])
            _revoke(context, live)


def state_of(key: dict[str, Any], now: float) -> str:
    """The state of a key: live, revoked or expired."""
    if key["revoked"] is not None:
        return "revoked"
    return "expired" if key["expires"] is not None and key["expires"] <= now else "live"


def _spent(context: PageContext) -> dict[str, Document] | None:
    """The figures of this month (UTC, as budgets) by key; None where this user may not see them."""
    if not context.user.may("usage:read"):
        return None
    now = datetime.now(UTC)
    start = now.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    period = {"from": str(_ms(start)), "to": str(_ms(now) + 1)}
    asked = {**period, "by": "month", "group": "key", "timezone": "UTC", "quantiles": "false"}
    answer = attempt(context.localize, lambda: context.client.usage(asked))
    return {one["group"]: one["figures"] for one in answer["groups"]} if answer else None


def _ms(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)


def _of_month(
    context: PageContext, key: dict[str, Any], spent: dict[str, Document] | None
) -> dict[str, str]:
    """What a key of an application has spent; the figures know no persons."""
    if spent is None:
        return {}
    localize = context.localize
    of_key = spent.get(key["id"], {}).get("cost_micros", {})
    shown = money(localize, of_key) if key["kind"] == "app" else "—"
    return {localize.raw("keys.spent"): shown}


def _row(
    context: PageContext, key: dict[str, Any], spent: dict[str, Document] | None
) -> dict[str, str]:
    localize = context.localize
    return {
        localize.raw("keys.name"): key["name"],
        localize.raw("keys.state"): localize.name("state", state_of(key, time.time())),
        localize.raw("keys.kind"): localize.name("kind", key["kind"]),
        localize.raw("keys.team"): key["team"] or "",
        localize.raw("keys.owner"): key["owner"] or "",
        localize.raw("keys.clearance"): localize.name("level", key["clearance"]),
        localize.raw("keys.expires"): localize.moment(key["expires"]) or localize.raw("keys.never"),
        localize.raw("keys.last_used"): localize.moment(key["last_used"]),
        **_of_month(context, key, spent),
        localize.raw("keys.models"): ", ".join(key["models"]) or localize.raw("keys.all"),
        localize.raw("keys.purposes"): ", ".join(key["purposes"]) or localize.raw("keys.all"),
        localize.raw("keys.roles"): ", ".join(localize.name("role", role) for role in key["roles"]),
        localize.raw("keys.source"): localize.name("source", key["source"]),
        localize.raw("keys.id"): key["id"],
    }


def _issue(context: PageContext) -> None:
    localize = context.localize
    catalogue = (
        attempt(localize, context.client.catalogue) if context.user.may("catalogue:read") else None
    )
    with st.form("keys.issue"):
        st.subheader(localize("keys.issue"), anchor=False)
        fields = _fields(context, catalogue or {})
        if not st.form_submit_button(localize("keys.issue_go"), type="primary"):
            return
    if not fields["name"]:
        st.warning(localize("keys.name_needed"))
        return
    _show_secret(context, attempt(localize, lambda: context.client.issue_key(fields)))


def _show_secret(context: PageContext, issued: Document | None) -> None:
    """Draw a new secret, in this run only: the session does not keep it."""
    localize = context.localize
    if issued:
        st.success(localize("keys.issued", name=issued["name"]), icon=":material/key:")
        st.code(issued["secret"], language=None)
        if issued.get("proposal"):
            st.info(localize("keys.waits", id=issued["proposal"]), icon=":material/approval:")
        st.caption(localize("keys.once", until=localize.moment(issued["expires"])))


def _fields(context: PageContext, catalogue: Document) -> Document:
    localize = context.localize
    names = {
        kind: [item["name"] for item in catalogue.get(kind, [])]
        for kind in ("team", "use_case", "alias")
    }
    first, second, third = st.columns(2), st.columns(2), st.columns(2)

    def level(column: DeltaGenerator, key: str, default: str) -> str:
        return str(
            column.selectbox(
                localize(key),
                LEVELS,
                index=LEVELS.index(default),
                format_func=lambda value: localize.name("level", value),
            )
        )

    return {
        "name": first[0].text_input(localize("keys.name"), max_chars=128).strip(),
        "kind": first[1].selectbox(
            localize("keys.kind"), _KINDS, format_func=lambda value: localize.name("kind", value)
        ),
        "team": second[0].selectbox(
            localize("keys.team"),
            ["", *names["team"]],
            format_func=lambda value: value or localize.raw("keys.no_team"),
        )
        or None,
        "days": int(second[1].number_input(localize("keys.days"), 1, 365, 90)),
        "owner": st.text_input(
            localize("keys.owner"), max_chars=500, help=localize("keys.owner_help")
        ).strip()
        or None,
        "clearance": level(third[0], "keys.clearance", "confidential"),
        "floor": level(third[1], "keys.floor", "internal"),
        "models": st.multiselect(
            localize("keys.models"), names["alias"], placeholder=localize("keys.all")
        ),
        "purposes": st.multiselect(
            localize("keys.purposes"), names["use_case"], placeholder=localize("keys.all")
        ),
        "roles": st.multiselect(
            localize("keys.roles"),
            ROLES,
            format_func=lambda value: localize.name("role", value),
            placeholder=localize("keys.no_roles"),
            help=localize("keys.roles_help"),
        ),
        "strict": st.checkbox(localize("keys.strict"), help=localize("keys.strict_help")),
    }


def _rotate(context: PageContext, live: list[dict[str, Any]]) -> None:
    """Draw the form that gives a key another secret."""
    localize = context.localize
    with st.form("keys.rotate"):
        st.subheader(localize("keys.rotate"), anchor=False)
        st.caption(localize("keys.rotate_about"))
        chosen = _which(context, localize("keys.rotate_which"), _names(live))
        hours = int(st.number_input(localize("keys.overlap"), 0, 720, 24))
        if not st.form_submit_button(localize("keys.rotate_go")) or chosen is None:
            return
    _show_secret(context, attempt(localize, lambda: context.client.rotate_key(chosen, hours)))


def _names(keys: list[dict[str, Any]]) -> dict[str, str]:
    return {key["id"]: f"{key['name']} ({key['id']})" for key in keys}


def _which(context: PageContext, label: str, names: dict[str, str]) -> str | None:
    """Draw the choice of a key, by its id."""
    chosen: str | None = st.selectbox(
        label,
        list(names),
        index=None,
        format_func=lambda key: names.get(key, key),
        placeholder=context.localize("keys.choose"),
    )
    return chosen


def _revoke(context: PageContext, live: list[dict[str, Any]]) -> None:
    localize = context.localize
    with st.container(border=True):
        st.subheader(localize("keys.revoke"), anchor=False)
        st.caption(localize("keys.revoke_about"))
        names = _names(live)
        chosen = _which(context, localize("keys.which"), names)
        if st.button(localize("keys.revoke_go"), disabled=chosen is None) and chosen:
            name = names[chosen]
            confirm(
                context,
                localize("keys.revoke"),
                localize("keys.revoke_body", name=name),
                lambda _: context.client.revoke_key(chosen),
                done=localize("keys.revoked", name=name),
            )
