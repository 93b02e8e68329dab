"""The page of one version: its card, evaluations, approvals, actions, files and history."""

from typing import Any

import streamlit as st

from admin.components import attempt, bullets, show_flash
from admin.governance_entry import named
from admin.i18n import escape
from admin.model_components import badges
from admin.page_context import PageContext
from admin.views import model_actions, model_evaluations

_FILES = ("digest", "base_digest", "adapter_digest", "base_dir", "adapter_dir")
_USES = ("intended_use", "prohibited_use", "limits")


def draw(context: PageContext, version: dict[str, Any], found: dict[str, Any]) -> None:
    """Draw one version; ``found`` is the list that it is from."""
    localize = context.localize
    which = f"{version['name']}@{version['version']}"
    st.title(localize("models.name", name=which), anchor=False)
    show_flash()
    row = st.container(horizontal=True, vertical_alignment="center")
    if row.button(localize("models.all"), icon=":material/arrow_back:", type="tertiary"):
        st.query_params.clear()
        st.rerun()
    badges(context, row, version)
    st.caption(
        localize(
            "models.registered",
            who=version["registered_name"] or version["registered_by"],
            when=localize.moment(version["registered"]),
        )
    )
    if version["until"]:
        st.warning(localize("models.ends", day=version["until"]), icon=":material/event:")
    model_actions.draw(context, version, found["models"])
    tabs = st.tabs([
        localize(f"models.tab_{name}") for name in ("evidence", "card", "history", "files")
    ])
    with tabs[0]:
        approvals(context, version, found["approvals_needed"])
        model_evaluations.draw(context, version)
    with tabs[1]:
        card(context, version)
    with tabs[2]:
        _history(context, version)
    with tabs[3]:
        _files(context, version)


def approvals(context: PageContext, version: dict[str, Any], needed: int) -> None:
    """Draw who has approved a version, of how many."""
    localize = context.localize
    given = version["approvals"]
    if not given and version["approved_by"]:
        st.markdown(localize("models.approved", who=version["approved_by"]))
        return
    st.markdown(localize("models.approvals", given=len(given), needed=needed))
    bullets([
        localize(
            "models.approval",
            who=named(one["name"], one["person"], one["approved_by"]),
            when=localize.moment(one["at"]),
            until=localize.moment(one["expires"]),
        )
        for one in given
    ])


def card(context: PageContext, version: dict[str, Any]) -> None:
    """Draw the card of a version in sentences, and what it lacks."""
    localize, which = context.localize, (version["name"], version["version"])
    found = attempt(localize, lambda: context.client.model_card(*which))
    if found is None:
        return
    stated = found["card"]
    if found["missing"]:
        st.warning(localize("models.missing", fields=", ".join(found["missing"])))
    bullets(_sentences(context, version, stated))
    if stated["training_data"]:
        st.markdown(localize("models.training"))
        bullets([_data(context, one) for one in stated["training_data"]])
    name = f"{version['name']}-{version['version']}.md"
    st.download_button(localize("models.card_file"), found["readme"], file_name=name)


def _sentences(context: PageContext, version: dict[str, Any], stated: dict[str, Any]) -> list[str]:
    localize = context.localize
    level = localize.name("level", version["clearance"])
    lines = [localize("models.clearance", level=level)]
    if stated["licence"]:
        lines.append(localize("models.licence", licence=stated["licence"]))
    if stated["languages"]:
        lines.append(localize("models.languages", languages=", ".join(stated["languages"])))
    if stated["context"]:
        lines.append(localize("models.context", tokens=localize.number(stated["context"])))
    if act := stated["ai_act"]:
        role, risk = (localize.name("ai_act", act[part]) for part in ("role", "risk"))
        lines.append(localize("models.ai_act", role=role, risk=risk))
    for part in _USES:
        if text := stated[part][localize.language]:
            lines.append(localize(f"models.{part}", text=text))
    return lines


def _data(context: PageContext, one: dict[str, Any]) -> str:
    localize = context.localize
    personal = localize.name("personal_data", one["personal_data"])
    return localize(
        "models.data",
        name=one["name"],
        source=one["source"],
        legal_basis=one["legal_basis"],
        personal=personal,
        copyright=one["copyright"],
    )


def _history(context: PageContext, version: dict[str, Any]) -> None:
    localize = context.localize
    moves = attempt(localize, lambda: context.client.model_history(version["name"]))
    if not moves:
        st.caption(localize("models.no_moves"))
        return
    bullets([
        localize(
            f"models.move_{move['cause']}",
            tag=move["tag"],
            version=move["version"],
            who=move["by"],
            when=localize.moment(move["at"]) if move["at"] else "–",
        )
        for move in reversed(moves)
    ])


def _files(context: PageContext, version: dict[str, Any]) -> None:
    localize = context.localize
    for part in _FILES:
        if version[part]:
            st.caption(localize(f"models.{part}"))
            st.code(version[part], language=None, wrap_lines=True)
    for name, value in version["statement"].items():
        if value:
            st.caption(escape(name))
            st.code(value, language=None, wrap_lines=True)
