"""Model versions: their state, digests and cards, and what may be done with them."""

from typing import Any, Literal

import streamlit as st

from admin.here import Here
from admin.parts import attempt, confirm, heading

_COLORS: dict[str, Literal["green", "orange", "red"]] = {"approved": "green", "draft": "orange", "quarantined": "red"}


def page(here: Here) -> None:
    """Names, and below each its versions, newest first."""
    heading(here, "models")
    found = attempt(here.say, here.client.models)
    if found is None:
        return
    if not found:
        st.info(here.say("models.none"), icon=":material/info:")
    for name in sorted({version["name"] for version in found}):
        st.subheader(here.say("models.name", name=name), anchor=False)
        versions = [version for version in reversed(found) if version["name"] == name]
        for version in versions:
            _version(here, version)
        _roll_back(here, name, versions)


def _version(here: Here, version: dict[str, Any]) -> None:
    say = here.say
    with st.container(border=True):
        left, right = st.columns([3, 2])
        with left:
            row = st.container(horizontal=True, vertical_alignment="center")
            row.markdown(say("models.version", version=version["version"]), width="content")
            row.badge(say.name("state", version["state"]), color=_COLORS.get(version["state"], "gray"))
            for tag in version["tags"]:
                row.badge(say("models.tag", tag=tag), color="blue", icon=":material/sell:")
        right.caption(
            say("models.registered", who=version["registered_by"], when=say.moment(version["registered"]))
        )
        right.caption(say("models.approved", who=version["approved_by"] or say.bare("models.nobody")))
        right.caption(say("models.clearance", level=say.name("level", version["clearance"])))
        with st.expander(say("models.digests")):
            for part in ("digest", "base_digest", "adapter_digest", "base_dir", "adapter_dir"):
                if version[part]:
                    st.caption(say(f"models.{part}"))
                    st.code(version[part], language=None, wrap_lines=True)
        if version["card"]:
            with st.expander(say("models.card")):
                st.code(version["card"], language=None, wrap_lines=True)
        _buttons(here, version)


def _buttons(here: Here, version: dict[str, Any]) -> None:
    say, client = here.say, here.client
    name, number, state = version["name"], version["version"], version["state"]
    which = f"{name}@{number}"
    row = st.container(horizontal=True)
    if state == "draft" and here.me.may("models:approve"):
        if row.button(say("models.approve"), type="primary", key=f"approve.{which}"):
            confirm(
                here, say("models.approve"), say("models.approve_body", which=which),
                lambda _: client.approve_model(name, number), done=say("models.approve_done", which=which),
            )  # fmt: skip
    if state == "approved" and here.me.may("models:tag") and "production" not in version["tags"]:
        if row.button(say("models.promote"), key=f"promote.{which}"):
            confirm(
                here, say("models.promote"), say("models.promote_body", which=which),
                lambda _: client.promote_model(name, number, "production"),
                done=say("models.promote_done", which=which),
            )  # fmt: skip
    if state != "quarantined" and here.me.may("models:quarantine"):
        if row.button(say("models.quarantine"), key=f"quarantine.{which}"):
            confirm(
                here, say("models.quarantine"), say("models.quarantine_body", which=which),
                lambda reason: client.quarantine_model(name, number, reason),
                done=say("models.quarantine_done", which=which), reason=say("models.reason"),
            )  # fmt: skip


def _roll_back(here: Here, name: str, versions: list[dict[str, Any]]) -> None:
    say = here.say
    tags = sorted({tag for version in versions for tag in version["tags"]})
    if not here.me.may("models:tag") or len(versions) < 2:
        return
    for tag in tags:
        if st.button(say("models.roll_back", tag=tag), icon=":material/undo:", key=f"back.{name}.{tag}"):
            confirm(
                here, say("models.roll_back", tag=tag), say("models.roll_back_body", name=name, tag=tag),
                lambda _, tag=tag: here.client.roll_back_model(name, tag),  # type: ignore[misc]
                done=say("models.roll_back_done", tag=tag),
            )  # fmt: skip
