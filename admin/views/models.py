"""The models page: versions with state, digests and cards, and the actions on them."""

from collections.abc import Callable
from typing import Any, Literal

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from admin.components import attempt, confirm, heading
from admin.page_context import PageContext

PRODUCTION = "production"
_COLORS: dict[str, Literal["green", "orange", "red"]] = {
    "approved": "green",
    "draft": "orange",
    "quarantined": "red",
}


def page(context: PageContext) -> None:
    """Draw each model, language models first, with its versions, newest first."""
    heading(context, "models")
    found = attempt(context.localize, context.client.models)
    if found is None:
        return
    if not found:
        st.info(context.localize("models.none"), icon=":material/info:")
    kinds = {version["name"]: version["kind"] for version in found}
    for name in sorted(kinds, key=lambda one: (kinds[one] == "detector", one)):
        st.subheader(context.localize("models.name", name=name), anchor=False)
        versions = [version for version in reversed(found) if version["name"] == name]
        for version in versions:
            _version(context, version)
        _roll_back(context, name, versions)


def _version(context: PageContext, version: dict[str, Any]) -> None:
    localize = context.localize
    with st.container(border=True):
        left, right = st.columns([3, 2])
        with left:
            row = st.container(horizontal=True, vertical_alignment="center")
            row.markdown(localize("models.version", version=version["version"]), width="content")
            color = _COLORS.get(version["state"], "orange")
            row.badge(localize.name("state", version["state"]), color=color)
            for tag in version["tags"]:
                row.badge(localize("models.tag", tag=tag), color="blue", icon=":material/sell:")
            st.caption(
                localize("models.clearance", level=localize.name("level", version["clearance"]))
            )
        with right:
            _registrar(context, version)
        with st.expander(localize("models.digests")):
            for part in ("digest", "base_digest", "adapter_digest", "base_dir", "adapter_dir"):
                if version[part]:
                    st.caption(localize(f"models.{part}"))
                    st.code(version[part], language=None, wrap_lines=True)
        if version["card"]:
            with st.expander(localize("models.card")):
                st.code(version["card"], language=None, wrap_lines=True)
        _buttons(context, version)


def _registrar(context: PageContext, version: dict[str, Any]) -> None:
    localize = context.localize
    registered = localize.moment(version["registered"])
    st.caption(localize("models.registered", who=version["registered_by"], when=registered))
    approver = version["approved_by"] or localize.raw("models.no_approver")
    st.caption(localize("models.approved", who=approver))


def _buttons(context: PageContext, version: dict[str, Any]) -> None:
    """Draw the actions that the state of a version allows; each asks for confirmation."""
    user, state = context.user, version["state"]
    row = st.container(horizontal=True)
    if state == "draft" and user.may("models:approve"):
        _button(context, row, version, "approve", context.client.approve_model, primary=True)
    taggable = version["kind"] == "language" and state == "approved"  # a detector has no tags
    if taggable and user.may("models:tag") and PRODUCTION not in version["tags"]:
        _button(context, row, version, "promote", _promote(context))
    if state != "quarantined" and user.may("models:quarantine"):
        _quarantine(context, row, version)


def _promote(context: PageContext) -> Callable[[str, str], None]:
    return lambda name, number: context.client.promote_model(name, number, PRODUCTION)


def _button(
    context: PageContext,
    row: DeltaGenerator,
    version: dict[str, Any],
    verb: str,
    act: Callable[[str, str], None],
    *,
    primary: bool = False,
) -> None:
    localize, name, number = context.localize, version["name"], version["version"]
    reference = f"{name}@{number}"
    kind: Literal["primary", "secondary"] = "primary" if primary else "secondary"
    if row.button(localize(f"models.{verb}"), type=kind, key=f"{verb}.{reference}"):
        confirm(
            context,
            localize(f"models.{verb}"),
            localize(f"models.{verb}_body", which=reference),
            lambda _: act(name, number),
            done=localize(f"models.{verb}_done", which=reference),
        )


def _quarantine(context: PageContext, row: DeltaGenerator, version: dict[str, Any]) -> None:
    localize, name, number = context.localize, version["name"], version["version"]
    reference = f"{name}@{number}"
    if row.button(localize("models.quarantine"), key=f"quarantine.{reference}"):
        confirm(
            context,
            localize("models.quarantine"),
            localize("models.quarantine_body", which=reference),
            lambda reason: context.client.quarantine_model(name, number, reason),
            done=localize("models.quarantine_done", which=reference),
            reason=localize("models.reason"),
        )


def _roll_back(context: PageContext, name: str, versions: list[dict[str, Any]]) -> None:
    if not context.user.may("models:tag") or len(versions) < 2:
        return
    for tag in sorted({tag for version in versions for tag in version["tags"]}):
        _back_button(context, name, tag)


def _back_button(context: PageContext, name: str, tag: str) -> None:
    localize = context.localize
    label = localize("models.roll_back", tag=tag)
    if st.button(label, icon=":material/undo:", key=f"back.{name}.{tag}"):
        confirm(
            context,
            label,
            localize("models.roll_back_body", name=name, tag=tag),
            lambda _: context.client.roll_back_model(name, tag),
            done=localize("models.roll_back_done", tag=tag),
        )
