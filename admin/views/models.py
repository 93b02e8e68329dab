"""The models page: a tree of bases, models and versions, and the page of one version."""

from collections.abc import Iterable
from typing import Any

import streamlit as st

from admin.components import LEVELS, attempt, flash, heading
from admin.model_components import badges, short
from admin.page_context import PageContext
from admin.views import model_version

_BELOW = ":material/subdirectory_arrow_right:"
_DETECTOR = "detector"


def page(context: PageContext) -> None:
    """Draw the version that the address names, else all of them."""
    found = attempt(context.localize, context.client.models)
    if found is None:
        heading(context, "models")
        return
    name, version = st.query_params.get("model"), st.query_params.get("version")
    for one in found["models"]:
        if (one["name"], one["version"]) == (name, version):
            model_version.draw(context, one, found)
            return
    heading(context, "models")
    if not found["models"]:
        st.info(context.localize("models.none"), icon=":material/info:")
    counts = attempt(context.localize, context.client.evaluation_counts) or []
    by_version = {(one["name"], one["version"]): one for one in counts}
    for origin, versions in _by_origin(context, found["models"]):
        with st.container(border=True):
            st.subheader(origin, anchor=False)
            for one in versions:
                _row(context, one, by_version.get((one["name"], one["version"]), {}))
    if context.user.may("models:register"):
        _register(context, found["models"])


def _by_origin(
    context: PageContext, found: list[dict[str, Any]]
) -> Iterable[tuple[str, list[dict[str, Any]]]]:
    """Versions by what they come from, a base first and then what was made of it."""
    bases = {one["base_digest"]: one for one in found if one["base_digest"] and not _adapts(one)}
    groups: dict[str, list[dict[str, Any]]] = {}
    for one in reversed(found):
        groups.setdefault(_origin(context, one, bases), []).append(one)
    for origin in sorted(groups, key=lambda key: (groups[key][0]["kind"] == _DETECTOR, key)):
        yield origin, sorted(groups[origin], key=lambda one: (_adapts(one), one["name"]))


def _adapts(version: dict[str, Any]) -> bool:
    return bool(version["adapter_digest"])


def _origin(context: PageContext, version: dict[str, Any], bases: dict[str, dict[str, Any]]) -> str:
    """What a version comes from, as a heading."""
    localize, stated = context.localize, version["statement"]
    if version["kind"] == _DETECTOR:
        return localize("models.detectors")
    if stated:
        source = stated.get("source") or f"{stated.get('provider')}: {stated.get('model')}"
        return localize("models.from_source", source=source)
    base = bases.get(version["base_digest"])
    name = f"{base['name']}@{base['version']}" if base else short(version["base_digest"])
    return localize("models.from_base", base=name)


def _row(context: PageContext, version: dict[str, Any], counts: dict[str, Any]) -> None:
    """Draw one version as a line; what adapts a base is set in below it."""
    localize = context.localize
    space, line = st.columns([1, 24]) if _adapts(version) else (None, st.container())
    if space is not None:
        space.markdown(_BELOW)
    with line:
        row = st.container(horizontal=True, vertical_alignment="center")
        which = f"{version['name']}@{version['version']}"
        if row.button(localize("models.name", name=which), type="tertiary", key=f"open.{which}"):
            # A link to the page that is open would leave the address as it is.
            st.query_params.from_dict({"model": version["name"], "version": version["version"]})
            st.rerun()
        badges(context, row, version)
        for ended, color in (("passed", "green"), ("failed", "red"), ("running", "blue")):
            if count := counts.get(ended):
                text = localize(f"models.runs_{ended}", count=count)
                row.badge(text, color=color)  # type: ignore[arg-type]
        row.caption(localize("models.short", digest=short(version["digest"])))


def _register(context: PageContext, found: list[dict[str, Any]]) -> None:
    localize = context.localize
    with (
        st.expander(localize("models.register"), icon=":material/add:"),
        st.form("models.register", border=False),
    ):
        st.caption(localize("models.register_about"))
        left, right = st.columns(2)
        name = left.text_input(localize("models.model"), max_chars=64)
        version = right.text_input(localize("models.its_version"), max_chars=64)
        known = sorted({one["base_dir"] for one in found if one["base_dir"]})
        base = st.selectbox(localize("models.base_dir"), known, index=None, accept_new_options=True)
        adapter = st.text_input(localize("models.adapter_dir"), max_chars=4000)
        clearance = st.selectbox(
            localize("models.clearance_of"),
            LEVELS,
            index=len(LEVELS) - 1,
            format_func=lambda level: localize.name("level", level),
        )
        if not st.form_submit_button(localize("models.register_go"), type="primary"):
            return
        body = {"name": name, "version": version, "base": base, "clearance": clearance}
        if adapter.strip():
            body["adapter"] = adapter.strip()
        if attempt(localize, lambda: (context.client.register_model(body),)):
            flash(localize("models.registered_done", which=f"{name}@{version}"))
            st.query_params.from_dict({"model": name, "version": version})
            st.rerun()
