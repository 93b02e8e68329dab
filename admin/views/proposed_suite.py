"""A suite of evaluations that waits for another person, beside the one that it replaces."""

import json
from typing import Any

import streamlit as st

from admin.components import attempt
from admin.page_context import PageContext

_NONE = "–"


def draw(context: PageContext, identity: str) -> None:
    """Draw what the suite is, what it changes, its first items, and on demand the whole."""
    localize = context.localize
    found = attempt(localize, lambda: context.client.proposed_suite(identity))
    if found is None:
        return
    suite = found["suite"]
    st.text(f"{suite['title'][localize.language]}. {suite['description'][localize.language]}")
    st.caption(_summary(context, found))
    st.dataframe(_facts(context, found), hide_index=True)
    if found["first"]:
        st.caption(localize("suite.first"))
        lines = (json.dumps(one, ensure_ascii=False) for one in found["first"])
        st.code("\n".join(lines), language="json", wrap_lines=True)
    _whole(context, identity, suite)


def _summary(context: PageContext, found: dict[str, Any]) -> str:
    """What changes, in one sentence."""
    suite, replaced = found["suite"], found["replaces"]
    if replaced is None:
        return context.localize("suite.new", items=context.localize.number(suite["items"]))
    number = context.localize.number
    return context.localize(
        "suite.replaces",
        old=replaced["version"],
        new=suite["version"],
        added=number(found["added"]),
        removed=number(found["removed"]),
        changed=number(found["changed"]),
    )


def _facts(context: PageContext, found: dict[str, Any]) -> list[dict[str, str]]:
    """Rows of what the suite is now and would be."""
    localize = context.localize
    before = _values(context, found["replaces"]) if found["replaces"] else {}
    after = _values(context, found["suite"])
    after["source"] = found["source"][localize.language]
    if found["labels"]:
        after["labels"] = ", ".join(found["labels"])
    return [
        {
            localize.raw("entry.field"): localize.raw(f"suite.{name}"),
            localize.raw("suite.in_use"): before.get(name, _NONE),
            localize.raw("suite.proposed"): value,
        }
        for name, value in after.items()
    ]


def _values(context: PageContext, suite: dict[str, Any]) -> dict[str, str]:
    localize = context.localize
    return {
        "version": str(suite["version"]),
        "task": localize.name("suite_task", suite["task"].replace("-", "_")),
        "items": localize.number(suite["items"]),
        "languages": ", ".join(suite["languages"]),
        "licence": suite["licence"],
        "digest": suite["digest"],
    }


def _whole(context: PageContext, identity: str, suite: dict[str, Any]) -> None:
    """Offer both files, which are only read on demand."""
    localize = context.localize
    if not st.toggle(localize("suite.whole"), key=f"suite.{identity}"):
        return
    files = attempt(localize, lambda: context.client.proposed_suite_files(identity))
    if files is None:
        return
    row = st.container(horizontal=True)
    place = f"{suite['name']}-{suite['version']}"
    for name, text in (("suite.yaml", files["description"]), ("items.jsonl", files["items"])):
        row.download_button(
            localize("suite.download", name=name),
            text,
            file_name=f"{place}-{name}",
            key=f"{name}.{identity}",
        )
