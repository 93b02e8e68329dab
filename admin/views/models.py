"""Model versions: their state, digests and cards, and what may be done with them."""

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


def page(here: PageContext) -> None:
    """Names, those that answer before detectors, and below each its versions, newest first."""
    heading(here, "models")
    found = attempt(here.say, here.client.models)
    if found is None:
        return
    if not found:
        st.info(here.say("models.none"), icon=":material/info:")
    kinds = {version["name"]: version["kind"] for version in found}
    for name in sorted(kinds, key=lambda one: (kinds[one] == "detector", one)):
        st.subheader(here.say("models.name", name=name), anchor=False)
        versions = [version for version in reversed(found) if version["name"] == name]
        for version in versions:
            _version(here, version)
        _roll_back(here, name, versions)


def _version(here: PageContext, version: dict[str, Any]) -> None:
    say = here.say
    with st.container(border=True):
        left, right = st.columns([3, 2])
        with left:
            row = st.container(horizontal=True, vertical_alignment="center")
            row.markdown(say("models.version", version=version["version"]), width="content")
            row.badge(say.name("state", version["state"]), color=_COLORS[version["state"]])
            for tag in version["tags"]:
                row.badge(say("models.tag", tag=tag), color="blue", icon=":material/sell:")
            st.caption(say("models.clearance", level=say.name("level", version["clearance"])))
        with right:
            _people(here, version)
        with st.expander(say("models.digests")):
            for part in ("digest", "base_digest", "adapter_digest", "base_dir", "adapter_dir"):
                if version[part]:
                    st.caption(say(f"models.{part}"))
                    st.code(version[part], language=None, wrap_lines=True)
        if version["card"]:
            with st.expander(say("models.card")):
                st.code(version["card"], language=None, wrap_lines=True)
        _buttons(here, version)


def _people(here: PageContext, version: dict[str, Any]) -> None:
    say = here.say
    registered = say.moment(version["registered"])
    st.caption(say("models.registered", who=version["registered_by"], when=registered))
    approver = version["approved_by"] or say.bare("models.nobody")
    st.caption(say("models.approved", who=approver))


def _buttons(here: PageContext, version: dict[str, Any]) -> None:
    """What may be done with a version in its state; each asks for a confirmation first."""
    me, state = here.me, version["state"]
    row = st.container(horizontal=True)
    if state == "draft" and me.may("models:approve"):
        _button(here, row, version, "approve", here.client.approve_model, main=True)
    serves = version["kind"] == "language" and state == "approved"  # a detector has no tags
    if serves and me.may("models:tag") and PRODUCTION not in version["tags"]:
        _button(here, row, version, "promote", _promote(here))
    if state != "quarantined" and me.may("models:quarantine"):
        _quarantine(here, row, version)


def _promote(here: PageContext) -> Callable[[str, str], None]:
    return lambda name, number: here.client.promote_model(name, number, PRODUCTION)


def _button(
    here: PageContext,
    row: DeltaGenerator,
    version: dict[str, Any],
    verb: str,
    act: Callable[[str, str], None],
    *,
    main: bool = False,
) -> None:
    say, name, number = here.say, version["name"], version["version"]
    which = f"{name}@{number}"
    kind: Literal["primary", "secondary"] = "primary" if main else "secondary"
    if row.button(say(f"models.{verb}"), type=kind, key=f"{verb}.{which}"):
        confirm(
            here,
            say(f"models.{verb}"),
            say(f"models.{verb}_body", which=which),
            lambda _: act(name, number),
            done=say(f"models.{verb}_done", which=which),
        )


def _quarantine(here: PageContext, row: DeltaGenerator, version: dict[str, Any]) -> None:
    say, name, number = here.say, version["name"], version["version"]
    which = f"{name}@{number}"
    if row.button(say("models.quarantine"), key=f"quarantine.{which}"):
        confirm(
            here,
            say("models.quarantine"),
            say("models.quarantine_body", which=which),
            lambda reason: here.client.quarantine_model(name, number, reason),
            done=say("models.quarantine_done", which=which),
            reason=say("models.reason"),
        )


def _roll_back(here: PageContext, name: str, versions: list[dict[str, Any]]) -> None:
    if not here.me.may("models:tag") or len(versions) < 2:
        return
    for tag in sorted({tag for version in versions for tag in version["tags"]}):
        _back_button(here, name, tag)


def _back_button(here: PageContext, name: str, tag: str) -> None:
    say = here.say
    label = say("models.roll_back", tag=tag)
    if st.button(label, icon=":material/undo:", key=f"back.{name}.{tag}"):
        confirm(
            here,
            label,
            say("models.roll_back_body", name=name, tag=tag),
            lambda _: here.client.roll_back_model(name, tag),
            done=say("models.roll_back_done", tag=tag),
        )
