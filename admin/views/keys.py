"""Keys of applications and people: listed, issued once, revoked at once."""

import time
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from admin.client import Document
from admin.components import LEVELS, attempt, confirm, heading
from admin.page_context import PageContext

_KINDS = ("app", "person", "admin")
ROLES = (
    "platform_admin",
    "policy_author",
    "policy_approver",
    "model_owner",
    "compliance_officer",
    "data_protection_officer",
    "auditor",
)


def page(here: PageContext) -> None:
    """The list, then the two things that change it."""
    heading(here, "keys")
    table = st.container()
    left, right = st.columns([3, 2])
    if here.me.may("keys:write"):
        with left:
            _issue(here)
    found = attempt(here.say, here.client.keys)  # after issuing, so that a new key is in the list
    if found is None:
        return
    table.dataframe([_row(here, key) for key in reversed(found)], hide_index=True)
    if here.me.may("keys:write"):
        with right:
            _revoke(here, [key for key in found if key["revoked"] is None])


def state_of(key: dict[str, Any], now: float) -> str:
    """live, revoked or expired."""
    if key["revoked"] is not None:
        return "revoked"
    return "expired" if key["expires"] is not None and key["expires"] <= now else "live"


def _row(here: PageContext, key: dict[str, Any]) -> dict[str, str]:
    say = here.say
    return {
        say.bare("keys.name"): key["name"],
        say.bare("keys.state"): say.name("state", state_of(key, time.time())),
        say.bare("keys.kind"): say.name("kind", key["kind"]),
        say.bare("keys.team"): key["team"] or "",
        say.bare("keys.clearance"): say.name("level", key["clearance"]),
        say.bare("keys.expires"): say.moment(key["expires"]) or say.bare("keys.never"),
        say.bare("keys.models"): ", ".join(key["models"]) or say.bare("keys.all"),
        say.bare("keys.purposes"): ", ".join(key["purposes"]) or say.bare("keys.all"),
        say.bare("keys.roles"): ", ".join(say.name("role", role) for role in key["roles"]),
        say.bare("keys.source"): say.name("source", key["source"]),
        say.bare("keys.id"): key["id"],
    }


def _issue(here: PageContext) -> None:
    say = here.say
    known = attempt(say, here.client.catalogue) if here.me.may("catalogue:read") else None
    with st.form("keys.issue"):
        st.subheader(say("keys.issue"), anchor=False)
        wanted = _wanted(here, known or {})
        if not st.form_submit_button(say("keys.issue_go"), type="primary"):
            return
    if not wanted["name"]:
        st.warning(say("keys.name_needed"))
        return
    issued = attempt(say, lambda: here.client.issue_key(wanted))
    if issued:  # drawn in this run only: no state of ours keeps the secret
        st.success(say("keys.issued", name=issued["name"]), icon=":material/key:")
        st.code(issued["secret"], language=None)
        st.caption(say("keys.once", until=say.moment(issued["expires"])))


def _wanted(here: PageContext, known: Document) -> Document:
    say = here.say
    names = {
        kind: [item["name"] for item in known.get(kind, [])]
        for kind in ("team", "use_case", "alias")
    }
    first, second, third = st.columns(2), st.columns(2), st.columns(2)

    def level(column: DeltaGenerator, key: str, default: str) -> str:
        return str(
            column.selectbox(
                say(key),
                LEVELS,
                index=LEVELS.index(default),
                format_func=lambda value: say.name("level", value),
            )
        )

    return {
        "name": first[0].text_input(say("keys.name"), max_chars=128).strip(),
        "kind": first[1].selectbox(
            say("keys.kind"), _KINDS, format_func=lambda value: say.name("kind", value)
        ),
        "team": second[0].selectbox(
            say("keys.team"),
            ["", *names["team"]],
            format_func=lambda value: value or say.bare("keys.no_team"),
        )
        or None,
        "days": int(second[1].number_input(say("keys.days"), 1, 365, 90)),
        "clearance": level(third[0], "keys.clearance", "confidential"),
        "floor": level(third[1], "keys.floor", "internal"),
        "models": st.multiselect(say("keys.models"), names["alias"], placeholder=say("keys.all")),
        "purposes": st.multiselect(
            say("keys.purposes"), names["use_case"], placeholder=say("keys.all")
        ),
        "roles": st.multiselect(
            say("keys.roles"),
            ROLES,
            format_func=lambda value: say.name("role", value),
            placeholder=say("keys.no_roles"),
            help=say("keys.roles_help"),
        ),
        "strict": st.checkbox(say("keys.strict"), help=say("keys.strict_help")),
    }


def _revoke(here: PageContext, live: list[dict[str, Any]]) -> None:
    say = here.say
    with st.container(border=True):
        st.subheader(say("keys.revoke"), anchor=False)
        st.caption(say("keys.revoke_about"))
        names = {key["id"]: f"{key['name']} ({key['id']})" for key in live}
        chosen = st.selectbox(
            say("keys.which"),
            list(names),
            index=None,
            format_func=lambda key: names.get(key, key),
            placeholder=say("keys.choose"),
        )
        if st.button(say("keys.revoke_go"), disabled=chosen is None) and chosen:
            name = names[chosen]
            confirm(
                here,
                say("keys.revoke"),
                say("keys.revoke_body", name=name),
                lambda _: here.client.revoke_key(chosen),
                done=say("keys.revoked", name=name),
            )
