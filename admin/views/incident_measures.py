"""Parts of the incidents page: containment with its acknowledgements, and follow-ups."""

from typing import Any

import streamlit as st

from admin.case_components import MAX_TEXT_CHARS
from admin.components import attempt, flash
from admin.page_context import PageContext

_KINDS = ("use_cases", "aliases", "deployments", "keys", "versions")


def containment(context: PageContext, incident: dict[str, Any]) -> None:
    """Draw what was stopped, and the form to stop more; both are asked for once it is opened."""
    localize, identity = context.localize, incident["id"]
    if not st.toggle(localize("measures.contain"), key=f"incidents.contain.{identity}"):
        return
    shown = attempt(localize, lambda: context.client.incident_containment(identity))
    if shown is None:
        return
    _stopped(context, shown)
    if context.user.may("incidents:contain") and not incident["closed"]:
        _contain(context, identity)


def _stopped(context: PageContext, shown: dict[str, Any]) -> None:
    localize = context.localize
    if shown["silent"]:
        names = ", ".join(shown["silent"])
        st.error(localize("measures.silent", names=names), icon=":material/warning:")
    rows = [
        {
            localize.raw(
                "measures.object"
            ): f"{localize.name('stopped', one['kind'])} {one['name']}",
            localize.raw("measures.gateway"): gateway["gateway"],
            localize.raw("measures.state"): localize.name("acknowledged", gateway["state"]),
            localize.raw("measures.since"): localize.moment(one["since"]),
        }
        for one in shown["stops"]
        for gateway in one["gateways"] or [{"gateway": "", "state": "none"}]
    ]
    if rows:
        st.dataframe(rows, hide_index=True)
    if shown["lifted"]:
        st.caption(localize("measures.lifted", names=", ".join(shown["lifted"])))


def _contain(context: PageContext, identity: str) -> None:
    """Draw the form; what the requests used is offered, and other names can be added."""
    localize = context.localize
    used = attempt(localize, lambda: context.client.incident_used(identity))
    if used is None:
        return
    with st.form(f"incidents.contain.form.{identity}"):
        chosen = {
            kind: st.multiselect(
                localize(f"measures.{kind}"),
                list(used[kind]),
                accept_new_options=True,
                format_func=lambda name: used["keys"].get(name, name),
            )
            for kind in _KINDS
        }
        reason = st.text_input(localize("measures.reason"), max_chars=500)
        if not st.form_submit_button(localize("measures.stop_it"), type="primary"):
            return
        if len(reason.strip()) < 3 or not any(chosen.values()):
            st.warning(localize("measures.needed"))
            return
        body = {**chosen, "reason": reason.strip()}
        if attempt(localize, lambda: context.client.contain_incident(identity, body)):
            flash(localize("measures.stopped"))
            st.rerun()


def follow_ups(context: PageContext, incident: dict[str, Any]) -> None:
    """Draw the tasks that follow from an incident, and the form to add one."""
    localize, identity = context.localize, incident["id"]
    for task in incident["follow_ups"]:
        _task(context, identity, task)
    if not context.user.may("incidents:handle"):
        return
    with (
        st.expander(localize("measures.task_add")),
        st.form(f"incidents.follow.{identity}", border=False),
    ):
        text = st.text_area(localize("measures.task_text"), max_chars=MAX_TEXT_CHARS)
        day = st.date_input(localize("measures.task_due"), None, format="YYYY-MM-DD")
        if not st.form_submit_button(localize("measures.task_add_it")):
            return
        if len(text.strip()) < 3:
            st.warning(localize("cases.text_needed"))
            return
        due_ms = localize.midnight(day) if day else None
        if attempt(localize, lambda: context.client.add_follow_up(identity, text.strip(), due_ms)):
            flash(localize("measures.task_added"))
            st.rerun()


def _task(context: PageContext, identity: str, task: dict[str, Any]) -> None:
    localize, number = context.localize, task["number"]
    row = st.container(horizontal=True, vertical_alignment="center")
    due = localize.moment(task["due"] / 1000) if task["due"] else "-"
    state = "done" if task["done"] else "open"
    row.caption(localize(f"measures.task_{state}", number=number, when=due))
    if task["done"] or not context.user.may("incidents:handle"):
        return
    pressed = row.button(
        localize("measures.task_finish"), key=f"incidents.task.{identity}.{number}"
    )
    if not pressed:
        return
    if attempt(localize, lambda: context.client.follow_up_done(identity, number)):
        st.rerun()
