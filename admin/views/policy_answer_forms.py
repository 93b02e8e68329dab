"""The part of the form of a content rule for links, secrets and tools."""

import json
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import streamlit as st

from admin.components import non_empty_lines
from admin.page_context import PageContext

_KINDS = ("image", "link", "tool")
_NAMED = ("application", "user", "others")
_SIZES = {"length": 512, "query": 256, "encoded": 48}  # with what leaving out means
_LARGEST = 4_096
Form = dict[str, Any]


def fields(context: PageContext, old: Mapping[str, Any]) -> dict[str, Form | None]:
    """Draw the three forms; gives each as the rule has it, None for one that is not looked at."""
    forms = ("links", "secrets", "tools")
    with st.expander(context.localize("rule.answers"), expanded=any(name in old for name in forms)):
        return {
            "links": _links(context, old.get("links")),
            "secrets": _secrets(context, old.get("secrets")),
            "tools": _tools(context, old.get("tools")),
        }


def _links(context: PageContext, given: Form | None) -> Form | None:
    localize, old = context.localize, given or {}
    wanted = st.checkbox(localize("rule.with_links"), given is not None)
    left, right = st.columns(2)
    made: Form = {
        "kinds": _several(context, left, "link", _KINDS, old.get("kinds", ())),
        "named": _several(context, right, "named", _NAMED, old.get("named", ())),
        "hosts": _lines(context, "hosts", old.get("hosts", ())),
    }
    for column, (name, size) in zip(st.columns(len(_SIZES)), _SIZES.items(), strict=True):
        made[name] = column.number_input(
            localize(f"rule.{name}"), 0, _LARGEST, int(old.get(name, size))
        )
    if not wanted:
        return None
    values = {"values": old["values"]} if old.get("values") else {}
    return {**{name: value for name, value in made.items() if value != []}, **values}


def _secrets(context: PageContext, given: Form | None) -> Form | None:
    wanted = st.checkbox(context.localize("rule.with_secrets"), given is not None)
    examples = _lines(context, "examples", (given or {}).get("examples", ()))
    return {"examples": examples} if wanted else None


def _tools(context: PageContext, given: Form | None) -> Form | None:
    localize, old = context.localize, given or {}
    wanted = st.checkbox(localize("rule.with_tools"), given is not None)
    only = st.checkbox(localize("rule.with_allow"), "allow" in old)
    allow = _lines(context, "allow", old.get("allow", ()))
    deny = _lines(context, "deny", old.get("deny", ()))
    schemas = st.text_area(localize("rule.arguments"), _as_json(old.get("arguments")), height=100)
    if not wanted:
        return None
    made: Form = {"deny": deny}
    if only:
        made["allow"] = allow
    if schemas.strip():
        made["arguments"] = _read(schemas)
    return made


def _read(schemas: str) -> Any:
    """The schemas, or the text itself, which the check of the draft then refuses."""
    try:
        return json.loads(schemas)
    except ValueError:
        return schemas


def _several(
    context: PageContext, column: Any, group: str, options: Sequence[str], given: Sequence[str]
) -> list[str]:
    return list(
        column.multiselect(
            context.localize(f"rule.{group}"),
            options,
            default=list(given),
            format_func=partial(context.localize.name, f"rule_{group}"),
        )
    )


def _lines(context: PageContext, name: str, given: Sequence[str]) -> list[str]:
    return non_empty_lines(
        st.text_area(context.localize(f"rule.{name}"), "\n".join(given), height=70)
    )


def _as_json(schemas: Any) -> str:
    return json.dumps(schemas, indent=2, ensure_ascii=False) if schemas else ""
